#pragma once

// One execution of a template. Errors are a text and false on the way back: nothing is thrown, and
// nothing is allocated for what goes well.

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "injector/template/field.h"
#include "injector/template/tree.h"

namespace sluice::tmpl {

class Execution {
 public:
  Execution(const Template::Tree& tree, Output& output, const Limits& limits)
      : tree_(tree), output_(output), limits_(limits) {}
  [[nodiscard]] Result<void> run(const Value& data);

  /// What an operand that is a field, or a pipeline, gives where the dot is `data` and there are no
  /// variables. Nothing for an error, and for what a function may change later.
  [[nodiscard]] static std::optional<Settled> settle(const Template::Tree& tree,
                                                     const Operand& field, const Value& data);
  [[nodiscard]] static std::optional<Settled> settle(const Template::Tree& tree,
                                                     const Pipeline& pipeline, const Value& data);

 private:
  /// What a variable or the dot holds. Of an element of a []interface{}, messages name that type.
  struct Cell {
    Value value{};
    bool boxed = false;
  };
  enum class Flow { Next, Break, Continue, Fail };
  /// What a function or method is given.
  struct Given {
    const std::vector<Operand>* words;  ///< the function's own word and its arguments, or nullptr
    const Value* piped;                 ///< what came through the pipe, or nullptr
    [[nodiscard]] std::size_t written() const { return words == nullptr ? 0 : words->size() - 1; }
    [[nodiscard]] std::size_t count() const { return written() + (piped == nullptr ? 0 : 1); }
  };
  struct Nesting;

  // Statements: execution.cpp
  Flow walk(const Body& body, const Cell& dot);
  Flow step(const Statement& statement, const Cell& dot);
  Flow print(const Statement& statement, const Cell& dot);
  Flow branch(const Statement& statement, const Cell& dot);
  Flow call(const Statement& statement, const Cell& dot);
  Flow range(const Statement& statement, const Cell& dot);
  Flow range_list(const Statement& statement, const Value& list);
  Flow range_map(const Statement& statement, const Value& map);
  Flow range_integer(const Statement& statement, const Value& count);
  bool turn(const Statement& statement, const Value& index, const Cell& element, Flow& flow);
  Flow write(std::string_view text, void (Output::*receive)(std::string_view));
  bool spend(std::size_t steps) {
    steps_ += steps;
    return steps_ <= limits_.steps || out_of_steps();
  }
  bool out_of_steps();

  // Expressions: evaluate.cpp
  bool evaluate(const Pipeline& pipeline, const Cell& dot, Value& result);
  bool command(const Command& command, const Cell& dot, const Value* piped, Value& result);
  template <class Evaluate>
  static std::optional<Settled> settled_by(const Template::Tree& tree, const Value& data,
                                           Evaluate evaluate);
  bool take(const Settled& settled, Value& result);
  bool constant(const Operand& operand, const Cell& dot, Value& result);
  bool no_arguments(const Operand& operand, const Given& given);
  bool field(const Operand& operand, const Given& given, const Cell& dot, Value& result);
  bool variable(const Operand& operand, const Given& given, Value& result);
  bool chain(const Operand& operand, const Given& given, const Cell& dot, Value& result);
  bool follow(const Operand& operand, const Value& start, bool boxed, const Given& given,
              Value& result);
  bool refuse(const Step& step, const FieldName& name, const std::string& type, const Given& given);
  bool step_into_owned(const Value& receiver, bool& boxed, const FieldName& name,
                       const Given& given, const Value*& found);

  // Calls: apply.cpp
  bool apply(const Operand& function, const Command* command, const Cell& dot, const Given& given,
             Value& result);
  bool check_count(const Callee& callee, const Given& given);
  bool choose(const Callee& callee, const Cell& dot, const Given& given, Value& result);
  bool collect(const Callee& callee, const Cell& dot, const Given& given,
               std::vector<Value>& arguments);
  bool invoke(const Callee& callee, const Given& given, std::vector<Value>& arguments,
              Value& result, std::string& error);
  bool argument(const Operand& operand, const Parameter& parameter, const Cell& dot, Value& result);
  bool any_argument(const Operand& operand, const Cell& dot, Value& result);
  bool literal(const Operand& operand, const Parameter& parameter, Value& result);
  bool nil(const Parameter& parameter, Value& result);
  bool validate(Value& value, const Parameter& parameter);

  /// Remembers the error, at the node that was last looked at. Always false.
  bool fail(const std::string& message);
  template <class Node>
  void at(const Node& node) {
    node_ = &node;
  }

  const Template::Tree& tree_;
  Output& output_;
  const Limits& limits_;
  const Definition* definition_ = nullptr;
  Node node_;
  std::vector<Cell> slots_;  ///< variables; those of the definition that runs are from base_ on
  std::size_t base_ = 0;
  std::vector<std::unique_ptr<std::vector<Value>>> spare_;  ///< vectors for arguments
  std::string printed_;
  std::string error_;
  std::size_t steps_ = 0;
  std::size_t written_ = 0;
  int depth_ = 0;    ///< templates that call templates
  int nesting_ = 0;  ///< of all that recurs, for the stack
};

/// One level of recursion.
struct Execution::Nesting {
  explicit Nesting(Execution& of) : execution(of) { ++execution.nesting_; }
  ~Nesting() { --execution.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

  /// Far more than templates need, and no danger to the stack.
  [[nodiscard]] bool too_deep() const { return execution.nesting_ > 2000; }

  Execution& execution;
};

}  // namespace sluice::tmpl
