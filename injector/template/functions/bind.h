#pragma once

// Makes functions of templates out of C++ lambdas: what a parameter is called in Go follows from
// its C++ type, so that the two cannot differ.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "injector/template/functions/made.h"
#include "injector/template/value.h"

namespace sluice::tmpl {

/// The last parameters of a variadic function.
template <class T>
struct Rest {
  std::vector<T> items;
};

/// The very dict that a template holds, for those that change it. Of data, which no template
/// changes, and of nil it is a fresh copy.
struct SharedDict {
  std::shared_ptr<Dict> dict;
};

/// A dict or string map that need not be copied.
struct AnyMap {
  Value value;
};
struct StringMapRef {
  Value value;
};

template <class T>
struct GoType;

template <>
struct GoType<Value> {
  static constexpr std::string_view Name = "any";
  static constexpr std::string_view Variadic = "...any";
  static Value from(const Value& value) { return value; }
};

template <>
struct GoType<std::string> {
  static constexpr std::string_view Name = "string";
  static constexpr std::string_view Variadic = "...string";
  static std::string from(const Value& value) {
    const std::string* text = value.string();
    return text == nullptr ? value.print() : *text;
  }
};

template <>
struct GoType<std::int64_t> {
  static constexpr std::string_view Name = "int";
  static constexpr std::string_view Variadic = "...int";
  static std::int64_t from(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value.held());
    return number == nullptr ? 0 : *number;
  }
};

template <>
struct GoType<double> {
  static constexpr std::string_view Name = "float64";
  static constexpr std::string_view Variadic = "...float64";
  static double from(const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value.held())) {
      return static_cast<double>(*whole);
    }
    const auto* number = std::get_if<double>(&value.held());
    return number == nullptr ? 0 : *number;
  }
};

template <>
struct GoType<bool> {
  static constexpr std::string_view Name = "bool";
  static constexpr std::string_view Variadic = "...bool";
  static bool from(const Value& value) { return value.truth(); }
};

template <>
struct GoType<Dict> {
  static constexpr std::string_view Name = "map[string]any";
  static constexpr std::string_view Variadic = "...map[string]any";
  static Dict from(const Value& value) { return value.members().value_or(Dict{}); }
};

template <>
struct GoType<SharedDict> {
  static constexpr std::string_view Name = "map[string]any";
  static constexpr std::string_view Variadic = "...map[string]any";
  static SharedDict from(const Value& value) {
    if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&value.held())) return {*dict};
    const Value copy(value.members().value_or(Dict{}));
    return {std::get<std::shared_ptr<Dict>>(copy.held())};
  }
};

template <>
struct GoType<AnyMap> {
  static constexpr std::string_view Name = "map[string]any";
  static AnyMap from(const Value& value) { return {value}; }
};

template <>
struct GoType<StringMapRef> {
  static constexpr std::string_view Name = "map[string]string";
  static StringMapRef from(const Value& value) { return {value}; }
};

template <>
struct GoType<StringMap> {
  static constexpr std::string_view Name = "map[string]string";
  static constexpr std::string_view Variadic = "...map[string]string";
  static StringMap from(const Value& value) { return to_string_map(value); }
};

template <>
struct GoType<Time> {
  static constexpr std::string_view Name = "time.Time";
  static Time from(const Value& value) { return to_time(value).value_or(Time{}); }
};

template <class T>
struct Parameter {
  static constexpr std::string_view Name = GoType<T>::Name;
  static T from(const Arguments& arguments, std::size_t at) {
    return GoType<T>::from(at < arguments.size() ? arguments[at] : Value(Value::Nil{}));
  }
};

template <class T>
struct Parameter<Rest<T>> {
  static constexpr std::string_view Name = GoType<T>::Variadic;
  static Rest<T> from(const Arguments& arguments, std::size_t at) {
    Rest<T> rest;
    for (; at < arguments.size(); ++at) rest.items.push_back(GoType<T>::from(arguments[at]));
    return rest;
  }
};

/// The error of what would be larger than any template may make.
[[nodiscard]] tl::unexpected<Error> too_large();
/// How long a string may be that a function makes, and how many elements a list may have.
inline constexpr std::size_t kMostBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMostElements = 100'000;

[[nodiscard]] Result<Value> within_limits(Value value);

template <class T>
Result<Value> to_value(T value) {
  if constexpr (std::is_same_v<T, Value>) {
    return within_limits(std::move(value));
  } else if constexpr (std::is_constructible_v<Value, T&&>) {
    return within_limits(Value(std::move(value)));
  } else {
    return within_limits(made(std::move(value)));
  }
}
template <class T>
Result<Value> to_value(Result<T> value) {
  if (!value) return fail(std::move(value).error());
  return to_value(std::move(*value));
}

/// Collects functions of one topic into a table.
class Binder {
 public:
  explicit Binder(FunctionTable& table) : table_(table) {}

  template <class F>
  Binder& bind(std::string_view name, F f) {
    add(name, std::function(std::move(f)));
    return *this;
  }
  /// Another name for what is there.
  Binder& alias(std::string_view name, std::string_view of) {
    Function function = table_.at(of);
    function.name = name;
    table_.insert_or_assign(name, std::move(function));
    return *this;
  }

 private:
  template <class R, class... P>
  void add(std::string_view name, std::function<R(P...)> body) {
    Function function{.name = name,
                      .parameters = {Parameter<std::remove_cvref_t<P>>::Name...},
                      .call = [body = std::move(body)](const Arguments& arguments) {
                        return apply(body, arguments, std::index_sequence_for<P...>{});
                      }};
    table_.insert_or_assign(name, std::move(function));
  }

  template <class R, class... P, std::size_t... At>
  static Result<Value> apply(const std::function<R(P...)>& body,
                             [[maybe_unused]] const Arguments& arguments,
                             std::index_sequence<At...>) {
    return to_value(body(Parameter<std::remove_cvref_t<P>>::from(arguments, At)...));
  }

  FunctionTable& table_;
};

// Each topic's own file; the later one's functions replace those of the same name.
void add_strings(FunctionTable& table);
void add_words(FunctionTable& table);
void add_lists(FunctionTable& table);
void add_dicts(FunctionTable& table);
void add_defaults(FunctionTable& table);
void add_numbers(FunctionTable& table);
void add_encodings(FunctionTable& table);
void add_json(FunctionTable& table);
void add_regexes(FunctionTable& table);
void add_versions(FunctionTable& table);
void add_dates(FunctionTable& table);
void add_types(FunctionTable& table);
void add_paths(FunctionTable& table);
void add_urls(FunctionTable& table);
void add_certificates(FunctionTable& table);
void add_istio(FunctionTable& table);
void add_istio_pod(FunctionTable& table);

}  // namespace sluice::tmpl
