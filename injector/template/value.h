#pragma once

// What flows through a template. Data is JSON seen through its Go type (a view, which borrows);
// what functions make is owned. Go's rules for both are in the engine, never in a function.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/schema/type.h"
#include "rules/base/result.h"

namespace sluice::tmpl {

class Value;
struct Dict;
using List = std::vector<Value>;

/// JSON, or its absence (nullptr: the type's zero value), with the Go type it has. Borrowed: the
/// document outlives every execution that sees it; unless a function made it, which then owns it.
struct View {
  const nlohmann::json* json;
  const schema::Type* type;
  std::shared_ptr<const nlohmann::json> owner = {};
};

/// Where the JSON of an integer that has a named type has the number itself, beside what its
/// methods give.
inline constexpr const char* kNumber = "Nanoseconds";

/// A Go value. Copies are cheap: lists and dicts are shared, and a dict is mutable, because
/// sprig's `set` changes the one that it is given.
class Value {
 public:
  struct Invalid {};  ///< what a missing key gives: prints <no value>, is false
  struct Nil {};      ///< an untyped nil: prints <nil>

  Value() : held_(Invalid{}) {}
  Value(Nil nil) : held_(nil) {}                                 // NOLINT
  Value(bool value) : held_(value) {}                            // NOLINT
  Value(std::int64_t value) : held_(value) {}                    // NOLINT
  Value(int value) : held_(static_cast<std::int64_t>(value)) {}  // NOLINT
  Value(double value) : held_(value) {}                          // NOLINT
  Value(std::string value) : held_(std::move(value)) {}          // NOLINT
  Value(std::string_view value) : held_(std::string(value)) {}   // NOLINT
  Value(const char* value) : held_(std::string(value)) {}        // NOLINT
  Value(List list);                                              // NOLINT
  Value(Dict dict);                                              // NOLINT
  Value(std::shared_ptr<Dict> dict) : held_(std::move(dict)) {}  // NOLINT
  Value(View view) : held_(std::move(view)) {}                   // NOLINT

  /// Data as a template sees it: scalars of basic kinds become owned at once, so that a View that
  /// is held is always a list, a map, a struct, a message, a pointer to one, or a named type.
  static Value view(const nlohmann::json* json, const schema::Type& type);
  /// An owned copy of any JSON; all numbers that are not integers are float64.
  static Value from_json(const nlohmann::json& json);

  using Held = std::variant<Invalid, Nil, bool, std::int64_t, double, std::string,
                            std::shared_ptr<List>, std::shared_ptr<Dict>, View>;
  [[nodiscard]] const Held& held() const { return held_; }

  [[nodiscard]] bool valid() const { return !std::holds_alternative<Invalid>(held_); }
  /// nil of any kind: an untyped nil, a nil pointer, map, list or message; not Invalid.
  [[nodiscard]] bool nil() const;
  /// Go's text/template truth: not zero, not empty, not nil.
  [[nodiscard]] bool truth() const;
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&held_); }
  /// The elements if this is a list (owned or seen), else nothing.
  [[nodiscard]] std::optional<List> elements() const;
  /// The members if this is a map (owned or seen; no struct), else nothing.
  [[nodiscard]] std::optional<Dict> members() const;
  /// As encoding/json would marshal it, with JSON names.
  [[nodiscard]] nlohmann::json to_json() const;
  /// As fmt's %v prints it.
  [[nodiscard]] std::string print() const;
  /// As fmt's %T: "string", "map[string]interface {}", "[]v1.Container".
  [[nodiscard]] std::string type_name() const;

 private:
  Held held_;
};

/// A map by sorted key, as ranges over maps go; or what a program hands to a template, which Go
/// would have a struct for: then a name that is not in it is an error.
struct Dict : std::map<std::string, Value, std::less<>> {
  using std::map<std::string, Value, std::less<>>::map;
  std::string_view struct_name = {};  ///< "" for a map
};

/// Of a list or map, the type of what is in it; interface{} where none is named.
[[nodiscard]] const schema::Type& element_type(const schema::Type& type);
/// The type as Go writes it: "[]v1.Container", "*v1alpha1.ProxyConfig".
[[nodiscard]] std::string type_name(const schema::Type& type);

using Arguments = std::vector<Value>;

/// A function of the language. `parameters` are types in Go's words ("string", "int", "any",
/// "...any", "map[string]string"): the engine checks count and types of arguments against them and
/// words the errors as Go does, so `call` may rely on them. An error of `call` is Go's
/// "error calling NAME: MESSAGE".
struct Function {
  std::string_view name;
  std::vector<std::string_view> parameters;
  std::function<Result<Value>(const Arguments&)> call;
};

using FunctionTable = std::map<std::string_view, Function, std::less<>>;

}  // namespace sluice::tmpl
