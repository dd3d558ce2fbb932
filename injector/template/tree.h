#pragma once

// A parsed template: what an execution walks. Names are resolved where that can be done once:
// functions to what they call, variables to slots, templates to their numbers.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "injector/template/literal.h"
#include "injector/template/template.h"

namespace sluice::tmpl {

enum class ParameterKind : std::uint8_t {
  Any,  ///< interface{}
  Raw,  ///< of Go's own functions: whatever is there, Invalid included
  Bool,
  Int,
  Float,
  String,
  AnyList,
  StringList,
  AnyMap,
  StringMap,
  Named,  ///< a type of the data
};

struct Parameter {
  ParameterKind kind = ParameterKind::Any;
  std::string name;  ///< as Go writes the type
};

/// Go's own functions that the engine treats by themselves.
enum class Builtin : std::uint8_t { None, And, Or, Call };

/// A function of Go's own. False: `error` says why not.
using BuiltinCall = bool (*)(std::vector<Value>& arguments, Value& result, std::string& error);

/// A function that a template names.
struct Callee {
  std::string name;
  std::vector<Parameter> parameters;
  bool variadic = false;  ///< the last parameter takes any number
  Builtin builtin = Builtin::None;
  BuiltinCall own = nullptr;        ///< Go's
  const Function* given = nullptr;  ///< the caller's
};

/// One step of a chain. It remembers which field of a type it found last: most steps meet one type.
struct FieldName {
  explicit FieldName(std::string_view of) : name(of) {}
  FieldName(const FieldName& other) : name(other.name) {}
  FieldName& operator=(const FieldName&) = delete;

  std::string name;
  mutable std::atomic<const schema::Field*> last{nullptr};
};

struct Statement;
struct Pipeline;
struct Command;
struct Operand;

/// What an execution looks at; an error is at the one that it looked at last.
using Node = std::variant<const Statement*, const Pipeline*, const Command*, const Operand*>;

/// What is known beforehand; see settle.cpp.
struct Settled {
  Value value;
  Node node;  ///< that was looked at last to find it
};

enum class Word : std::uint8_t {
  Bool,
  Dot,
  Nil,
  Number,
  String,
  Field,     ///< .a.b
  Variable,  ///< $x.a.b
  Function,
  Chain,     ///< (pipeline).a.b
  Pipeline,  ///< in parentheses
};

struct Operand {
  Word word = Word::Dot;
  std::size_t position = 0;
  std::string text;               ///< as it was written; of a Function or Variable, its name
  Value constant;                 ///< of Bool, Number and String
  Number number;                  ///< of Number
  std::vector<FieldName> fields;  ///< of Field, Variable and Chain
  int slot = -1;                  ///< of Variable
  const Callee* callee = nullptr;
  std::unique_ptr<Operand> base;       ///< of Chain
  std::unique_ptr<Pipeline> pipeline;  ///< of Pipeline
  std::optional<Settled> settled;      ///< of Field
};

struct Command {
  std::size_t position = 0;
  std::vector<Operand> words;
};

struct Declaration {
  std::string name;
  int slot = -1;  ///< -1: no such variable, an error when it comes to it
};

struct Pipeline {
  std::size_t position = 0;
  bool assigns = false;
  std::vector<Declaration> declared;
  std::vector<Command> commands;
  std::optional<Settled> settled;
};

enum class Action : std::uint8_t { Text, Print, If, With, Range, Call, Break, Continue };

struct Statement {
  Action action = Action::Text;
  std::size_t position = 0;
  std::string text;  ///< of Text; of Call, the template's name; of Print, what a settled one prints
  std::unique_ptr<Pipeline> pipeline;  ///< none for Text, Break, Continue, some Calls
  std::vector<Statement> body;
  std::vector<Statement> otherwise;
  int target = -1;  ///< of Call: which definition; -1: none has that name
};

using Body = std::vector<Statement>;

struct Definition {
  std::string name;
  Body body;
  int slots = 1;  ///< variables; the first is $
};

struct Template::Tree {
  std::string name;
  std::string text;
  std::vector<Definition> definitions;
  int root = 0;
  std::vector<std::unique_ptr<Callee>> callees;
};

/// As Go's messages show them.
[[nodiscard]] std::string describe(const Operand& operand);
[[nodiscard]] std::string describe(const Command& command);
[[nodiscard]] std::string describe(const Pipeline& pipeline);
[[nodiscard]] std::string describe(const Statement& statement);

/// One of Go's own functions, or nullptr.
[[nodiscard]] std::unique_ptr<Callee> builtin_callee(std::string_view name);
/// The same shape for a function that the caller gave.
[[nodiscard]] std::unique_ptr<Callee> given_callee(const Function& function);

}  // namespace sluice::tmpl
