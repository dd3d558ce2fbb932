#include <algorithm>

#include "injector/template/execution.h"
#include "injector/template/print.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

const schema::Type kAnyMap{.kind = schema::Kind::Map, .element = &schema::kAny};
const schema::Type kAnyList{.kind = schema::Kind::List, .element = &schema::kAny};

/// The type whose nil a parameter takes, or nullptr.
const schema::Type* nil_type(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::AnyList:
      return &kAnyList;
    case ParameterKind::StringList:
      return &schema::kStringList;
    case ParameterKind::AnyMap:
      return &kAnyMap;
    case ParameterKind::StringMap:
      return &schema::kStringMap;
    default:
      return nullptr;
  }
}

bool is_element(const View& view, schema::Kind kind) {
  return element_type(*view.type).kind == kind;
}

/// An interface, which every pointer to a message of protobuf fulfils.
constexpr std::string_view kProtoMessage = "protoreflect.ProtoMessage";

bool is_message(const View* view) {
  if (view == nullptr) return false;
  const schema::Kind kind = view->type->kind;
  return kind == schema::Kind::Message || kind == schema::Kind::Wrapper ||
         kind == schema::Kind::Duration;
}

/// Named types that nil fits: pointers, lists and interfaces.
bool is_named_pointer(const Parameter& parameter) {
  return parameter.kind == ParameterKind::Named &&
         (parameter.name.starts_with('*') || parameter.name.starts_with("[]") ||
          parameter.name == kProtoMessage);
}

/// Lists and dicts of functions are what their elements make them: strdict's take any string map.
bool is_of_strings(const Value& value) {
  bool strings = true;
  if (shape_of(value) == Shape::Map) {
    each_member(value, [&](const std::string&, const Value& member) {
      strings = strings && member.string() != nullptr;
    });
  } else {
    each_element(value, [&](const Value& item) { strings = strings && item.string() != nullptr; });
  }
  return strings;
}

bool is_assignable(const Value& value, const Parameter& parameter) {
  const Shape shape = shape_of(value);
  const auto* view = std::get_if<View>(&value.held());
  switch (parameter.kind) {
    case ParameterKind::Any:
    case ParameterKind::Raw:
      return true;
    case ParameterKind::Bool:
      return shape == Shape::Bool;
    case ParameterKind::Int:
      return shape == Shape::Int && view == nullptr;
    case ParameterKind::Float:
      return shape == Shape::Float;
    case ParameterKind::String:
      return shape == Shape::String;
    case ParameterKind::AnyList:
      return shape == Shape::Slice && (view == nullptr || is_element(*view, schema::Kind::Any));
    case ParameterKind::AnyMap:
      return shape == Shape::Map && (view == nullptr || is_element(*view, schema::Kind::Any));
    case ParameterKind::StringList:
      if (shape != Shape::Slice) return false;
      return view == nullptr ? is_of_strings(value) : is_element(*view, schema::Kind::String);
    case ParameterKind::StringMap:
      if (shape != Shape::Map) return false;
      return view == nullptr ? is_of_strings(value) : is_element(*view, schema::Kind::String);
    default: {
      if (parameter.name == kProtoMessage) return is_message(view);
      const std::string type = value.type_name();
      return type == parameter.name || "*" + type == parameter.name;
    }
  }
}

/// What tells the size of a result that a function may have made large.
std::size_t cost_of(const Value& value) {
  constexpr std::size_t BytesPerStep = 256;
  const std::size_t size = length_of(value).value_or(0);
  return 1 + (value.string() != nullptr ? size / BytesPerStep : size);
}

/// What a function may have to go through. Elements count less than those of a result: most
/// functions look at a few.
std::size_t cost_of_reading(const std::vector<Value>& arguments) {
  constexpr std::size_t PerStep = 256;
  std::size_t cost = 0;
  for (const Value& value : arguments) cost += length_of(value).value_or(0) / PerStep;
  return cost;
}

}  // namespace

bool Execution::apply(const Operand& function, const Command* command, const Cell& dot,
                      const Given& given, Value& result) {
  const Callee& callee = *function.callee;
  at(function);
  if (!check_count(callee, given)) return false;
  if (callee.builtin == Builtin::And || callee.builtin == Builtin::Or) {
    return choose(callee, dot, given, result);
  }
  std::unique_ptr<std::vector<Value>> arguments;
  if (spare_.empty()) {
    arguments = std::make_unique<std::vector<Value>>();
  } else {
    arguments = std::move(spare_.back());
    spare_.pop_back();
  }
  if (!collect(callee, dot, given, *arguments)) return false;
  std::string error;
  if (!spend(cost_of_reading(*arguments))) return false;
  if (!invoke(callee, given, *arguments, result, error)) {
    if (command != nullptr) {
      at(*command);
    } else {
      at(function);
    }
    return fail("error calling " + callee.name + ": " + error);
  }
  arguments->clear();
  spare_.push_back(std::move(arguments));
  return spend(cost_of(result));
}

bool Execution::check_count(const Callee& callee, const Given& given) {
  const std::size_t wanted = callee.parameters.size();
  const std::size_t count = given.count();
  if (callee.variadic ? count + 1 >= wanted : count == wanted) return true;
  return fail("wrong number of args for " + callee.name + ": want " +
              (callee.variadic ? "at least " + std::to_string(wanted - 1) + " got " +
                                     std::to_string(given.written())
                               : std::to_string(wanted) + " got " + std::to_string(count)));
}

/// and, or: the first operand that decides, or the last.
bool Execution::choose(const Callee& callee, const Cell& dot, const Given& given, Value& result) {
  const bool decisive = callee.builtin == Builtin::Or;
  for (std::size_t i = 1; i <= given.written(); ++i) {
    if (!argument((*given.words)[i], callee.parameters.front(), dot, result)) return false;
    if (result.truth() == decisive) return true;
  }
  if (given.piped != nullptr) result = *given.piped;
  return true;
}

bool Execution::collect(const Callee& callee, const Cell& dot, const Given& given,
                        std::vector<Value>& arguments) {
  const auto parameter = [&](std::size_t i) -> const Parameter& {
    return callee.parameters[std::min(i, callee.parameters.size() - 1)];
  };
  arguments.reserve(given.count());
  for (std::size_t i = 0; i < given.written(); ++i) {
    if (!argument((*given.words)[i + 1], parameter(i), dot, arguments.emplace_back())) return false;
  }
  if (given.piped == nullptr) return true;
  arguments.push_back(*given.piped);
  return validate(arguments.back(), parameter(given.count() - 1));
}

bool Execution::invoke(const Callee& callee, const Given& given, std::vector<Value>& arguments,
                       Value& result, std::string& error) {
  if (callee.builtin == Builtin::Call) {
    const Value& function = arguments.front();
    if (!function.valid() || std::holds_alternative<Value::Nil>(function.held())) {
      error = "call of nil";
      return false;
    }
    const std::string type = function.type_name();
    const std::string name = given.written() > 0            ? describe((*given.words)[1])
                             : function.string() != nullptr ? *function.string()
                                                            : "<" + type + " Value>";
    error = "non-function " + name + " of type " + type;
    return false;
  }
  if (callee.own != nullptr) return callee.own(arguments, result, error);
  auto called = callee.given->call(arguments);
  if (called) {
    result = std::move(*called);
  } else {
    error = std::move(called.error().message);
  }
  return called.has_value();
}

bool Execution::argument(const Operand& operand, const Parameter& parameter, const Cell& dot,
                         Value& result) {
  at(operand);
  switch (operand.word) {
    case Word::Nil:
      return nil(parameter, result);
    case Word::Bool:
    case Word::Number:
    case Word::String:
      return literal(operand, parameter, result);
    default:
      return any_argument(operand, dot, result) && validate(result, parameter);
  }
}

bool Execution::any_argument(const Operand& operand, const Cell& dot, Value& result) {
  const Given nothing{nullptr, nullptr};
  switch (operand.word) {
    case Word::Field:
      return field(operand, nothing, dot, result);
    case Word::Variable:
      return variable(operand, nothing, result);
    case Word::Pipeline:
      return evaluate(*operand.pipeline, dot, result);
    case Word::Function:
      return apply(operand, nullptr, dot, nothing, result);
    case Word::Chain:
      return chain(operand, nothing, dot, result);
    default:
      result = dot.value;
      return true;
  }
}

bool Execution::nil(const Parameter& parameter, Value& result) {
  if (parameter.kind == ParameterKind::Any) {
    result = Value::Nil{};
  } else if (parameter.kind == ParameterKind::Raw) {
    result = Value();
  } else if (const auto* type = nil_type(parameter.kind)) {
    result = View{nullptr, type};
  } else if (is_named_pointer(parameter)) {
    result = Value::Nil{};
  } else {
    return fail("cannot assign nil to " + parameter.name);
  }
  return true;
}

/// A constant has the type that the parameter wants, if it can.
bool Execution::literal(const Operand& operand, const Parameter& parameter, Value& result) {
  const auto unexpected = [&](std::string_view wanted) {
    return fail("expected " + std::string(wanted) + "; found " + operand.text);
  };
  const Number& number = operand.number;
  switch (parameter.kind) {
    case ParameterKind::Any:
    case ParameterKind::Raw:
      if (number.unsigned_only) return fail(operand.text + " overflows int");
      result = operand.constant;
      return true;
    case ParameterKind::Bool:
      if (operand.word != Word::Bool) return unexpected("bool");
      result = operand.constant;
      return true;
    case ParameterKind::String:
      if (operand.word != Word::String) return unexpected("string");
      result = operand.constant;
      return true;
    case ParameterKind::Int:
      if (!number.integer) return unexpected("integer");
      result = *number.integer;
      return true;
    case ParameterKind::Float:
      if (!number.real) return unexpected("float");
      result = *number.real;
      return true;
    default:
      return fail("can't handle " + operand.text + " for arg of type " + parameter.name);
  }
}

bool Execution::validate(Value& value, const Parameter& parameter) {
  if (parameter.kind == ParameterKind::Raw) return true;
  if (!value.valid()) {
    if (parameter.kind == ParameterKind::Any || nil_type(parameter.kind) != nullptr ||
        is_named_pointer(parameter)) {
      return nil(parameter, value);
    }
    return fail("invalid value; expected " + parameter.name);
  }
  if (is_assignable(value, parameter)) return true;
  const auto* view = std::get_if<View>(&value.held());
  if (view != nullptr && view->type->kind == schema::Kind::Pointer) {
    Value target = Value::view(view->json, element_type(*view->type));
    if (is_assignable(target, parameter)) {
      if (value.nil()) return fail("dereference of nil pointer of type " + parameter.name);
      value = std::move(target);
      return true;
    }
  }
  const bool nothing = std::holds_alternative<Value::Nil>(value.held());
  return fail("wrong type for value; expected " + parameter.name + "; got " +
              (nothing ? "interface {}" : value.type_name()));
}

}  // namespace sluice::tmpl
