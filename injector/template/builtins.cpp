#include <algorithm>
#include <array>

#include "injector/template/compare.h"
#include "injector/template/escape.h"
#include "injector/template/print.h"
#include "injector/template/tree.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using Operands = std::vector<Value>;

bool fails(std::string& error, std::string message) {
  error = std::move(message);
  return false;
}

/// A position in something of `size`. One behind the last is let through: slicing may name it.
bool to_position(const Value& index, std::size_t size, std::size_t& position, std::string& error) {
  const Shape shape = shape_of(index);
  if (shape == Shape::Invalid || shape == Shape::Nil) {
    return fails(error, "cannot index slice/array with nil");
  }
  const auto* number = std::get_if<std::int64_t>(&index.held());
  if (number == nullptr) {
    return fails(error, "cannot index slice/array with type " + index.type_name());
  }
  if (*number < 0 || static_cast<std::uint64_t>(*number) > size) {
    return fails(error, "index out of range: " + std::to_string(*number));
  }
  position = static_cast<std::size_t>(*number);
  return true;
}

Value element_at(const Value& list, std::size_t position) {
  if (const auto* owned = std::get_if<std::shared_ptr<List>>(&list.held())) {
    return (**owned)[position];
  }
  const auto& view = std::get<View>(list.held());
  return Value::view(&(*view.json)[position], element_type(*view.type));
}

bool index_list(Value& item, const Value& index, std::string& error) {
  const std::size_t size = length_of(item).value_or(0);
  std::size_t position = 0;
  if (!to_position(index, size, position, error)) return false;
  const auto* text = item.string();
  if (position == size) {
    return fails(error, text != nullptr ? "reflect: string index out of range"
                                        : "reflect: slice index out of range");
  }
  if (text != nullptr) {
    item = static_cast<std::int64_t>(static_cast<unsigned char>((*text)[position]));
  } else {
    item = element_at(item, position);
  }
  return true;
}

bool index_map(Value& item, const Value& index, std::string& error) {
  const auto* key = index.string();
  const Shape shape = shape_of(index);
  if (shape == Shape::Invalid || shape == Shape::Nil) {
    return fails(error, "value is nil; should be of type string");
  }
  if (key == nullptr) {
    return fails(error, "value has type " + index.type_name() + "; should be string");
  }
  if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&item.held())) {
    const auto at = (*dict)->find(*key);
    item = at == (*dict)->end() ? Value(Value::Nil{}) : Value(at->second);
    return true;
  }
  const View view = std::get<View>(item.held());
  item = Value::view(member_of(view.json, *key), element_type(*view.type));
  return true;
}

/// What a pointer points to. False for nil.
bool dereference(Value& value) {
  const auto* view = std::get_if<View>(&value.held());
  if (value.nil() && (view == nullptr || shape_of(value) == Shape::Pointer)) return false;
  if (view != nullptr && view->type->kind == schema::Kind::Pointer) {
    value = Value::view(view->json, element_type(*view->type));
  }
  return true;
}

bool index(Operands& operands, Value& result, std::string& error) {
  Value item = std::move(operands[0]);
  if (shape_of(item) == Shape::Invalid || shape_of(item) == Shape::Nil) {
    return fails(error, "index of untyped nil");
  }
  for (std::size_t i = 1; i < operands.size(); ++i) {
    if (!dereference(item)) return fails(error, "index of nil pointer");
    switch (shape_of(item)) {
      case Shape::String:
      case Shape::Slice:
        if (!index_list(item, operands[i], error)) return false;
        break;
      case Shape::Map:
        if (!index_map(item, operands[i], error)) return false;
        break;
      default:
        return fails(error, "can't index item of type " + item.type_name());
    }
  }
  result = std::move(item);
  return true;
}

Value sliced(const Value& item, std::size_t from, std::size_t to) {
  if (const auto* text = item.string()) return text->substr(from, to - from);
  List list;
  for (std::size_t i = from; i < to; ++i) list.push_back(element_at(item, i));
  return list;
}

bool slice(Operands& operands, Value& result, std::string& error) {
  Value& item = operands[0];
  if (shape_of(item) == Shape::Invalid || shape_of(item) == Shape::Nil) {
    return fails(error, "slice of untyped nil");
  }
  if (!dereference(item)) return fails(error, "slice of nil pointer");
  const std::size_t count = operands.size() - 1;
  if (count > 3) return fails(error, "too many slice indexes: " + std::to_string(count));
  if (item.string() != nullptr && count == 3) {
    return fails(error, "cannot 3-index slice a string");
  }
  if (item.string() == nullptr && shape_of(item) != Shape::Slice) {
    return fails(error, "can't slice item of type " + item.type_name());
  }
  const std::size_t size = length_of(item).value_or(0);
  std::array<std::size_t, 3> at{0, size, size};
  for (std::size_t i = 0; i < count; ++i) {
    if (!to_position(operands[i + 1], size, at[i], error)) return false;
  }
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    if (at[i] <= at[i + 1]) continue;
    return fails(
        error, "invalid slice index: " + std::to_string(at[i]) + " > " + std::to_string(at[i + 1]));
  }
  result = sliced(item, at[0], at[1]);
  return true;
}

bool length(Operands& operands, Value& result, std::string& error) {
  Value& item = operands[0];
  if (!item.valid()) return fails(error, "reflect: call of reflect.Value.Type on zero Value");
  if (!dereference(item)) return fails(error, "len of nil pointer");
  const auto size = length_of(item);
  if (!size) return fails(error, "len of type " + item.type_name());
  result = static_cast<std::int64_t>(*size);
  return true;
}

bool negation(Operands& operands, Value& result, std::string& /*error*/) {
  result = !operands[0].truth();
  return true;
}

bool eq(Operands& operands, Value& result, std::string& error) {
  bool equal = false;
  if (operands.size() < 2) return fails(error, "missing argument for comparison");
  for (std::size_t i = 1; i < operands.size() && !equal; ++i) {
    if (!is_equal(operands[0], operands[i], equal, error)) return false;
  }
  result = equal;
  return true;
}

bool ne(Operands& operands, Value& result, std::string& error) {
  bool equal = false;
  if (!is_equal(operands[0], operands[1], equal, error)) return false;
  result = !equal;
  return true;
}

bool lt(Operands& operands, Value& result, std::string& error) {
  bool less = false;
  if (!is_less(operands[0], operands[1], less, error)) return false;
  result = less;
  return true;
}

bool is_less_or_equal(Operands& operands, bool& answer, std::string& error) {
  if (!is_less(operands[0], operands[1], answer, error)) return false;
  return answer || is_equal(operands[0], operands[1], answer, error);
}

bool le(Operands& operands, Value& result, std::string& error) {
  bool answer = false;
  if (!is_less_or_equal(operands, answer, error)) return false;
  result = answer;
  return true;
}

bool gt(Operands& operands, Value& result, std::string& error) {
  bool answer = false;
  if (!is_less_or_equal(operands, answer, error)) return false;
  result = !answer;
  return true;
}

bool ge(Operands& operands, Value& result, std::string& error) {
  bool less = false;
  if (!is_less(operands[0], operands[1], less, error)) return false;
  result = !less;
  return true;
}

bool print(Operands& operands, Value& result, std::string& /*error*/) {
  result = sprint(operands);
  return true;
}

bool printf(Operands& operands, Value& result, std::string& /*error*/) {
  result = sprintf(*operands[0].string(), std::span(operands).subspan(1));
  return true;
}

bool println(Operands& operands, Value& result, std::string& /*error*/) {
  result = sprintln(operands);
  return true;
}

/// The operands as an action would print them.
std::string printed(Operands& operands) {
  for (Value& operand : operands) {
    const Shape shape = shape_of(operand);
    if (shape == Shape::Nil || shape == Shape::Invalid) operand = "<no value>";
  }
  return sprint(operands);
}

template <std::string (*escape)(std::string_view)>
bool escaped(Operands& operands, Value& result, std::string& /*error*/) {
  result = escape(printed(operands));
  return true;
}

/// The engine evaluates and, or and call itself.
bool by_engine(Operands& /*operands*/, Value& /*result*/, std::string& error) {
  return fails(error, "not a function");
}

struct Own {
  std::string_view name;
  BuiltinCall call;
  Builtin builtin;
  int fixed;      ///< parameters
  bool variadic;  ///< and any number more
  ParameterKind kind;
};

constexpr std::array<Own, 19> kOwn{{
    {"and", by_engine, Builtin::And, 1, true, ParameterKind::Raw},
    {"call", by_engine, Builtin::Call, 1, true, ParameterKind::Raw},
    {"eq", eq, Builtin::None, 1, true, ParameterKind::Raw},
    {"ge", ge, Builtin::None, 2, false, ParameterKind::Raw},
    {"gt", gt, Builtin::None, 2, false, ParameterKind::Raw},
    {"html", escaped<escape_html>, Builtin::None, 0, true, ParameterKind::Any},
    {"index", index, Builtin::None, 1, true, ParameterKind::Raw},
    {"js", escaped<escape_js>, Builtin::None, 0, true, ParameterKind::Any},
    {"le", le, Builtin::None, 2, false, ParameterKind::Raw},
    {"len", length, Builtin::None, 1, false, ParameterKind::Raw},
    {"lt", lt, Builtin::None, 2, false, ParameterKind::Raw},
    {"ne", ne, Builtin::None, 2, false, ParameterKind::Raw},
    {"not", negation, Builtin::None, 1, false, ParameterKind::Raw},
    {"or", by_engine, Builtin::Or, 1, true, ParameterKind::Raw},
    {"print", print, Builtin::None, 0, true, ParameterKind::Any},
    {"printf", printf, Builtin::None, 1, true, ParameterKind::Any},
    {"println", println, Builtin::None, 0, true, ParameterKind::Any},
    {"slice", slice, Builtin::None, 1, true, ParameterKind::Raw},
    {"urlquery", escaped<escape_query>, Builtin::None, 0, true, ParameterKind::Any},
}};

}  // namespace

std::unique_ptr<Callee> builtin_callee(std::string_view name) {
  const auto own =
      std::find_if(kOwn.begin(), kOwn.end(), [&](const Own& entry) { return entry.name == name; });
  if (own == kOwn.end()) return nullptr;
  auto callee = std::make_unique<Callee>();
  callee->name = name;
  callee->own = own->call;
  callee->builtin = own->builtin;
  callee->variadic = own->variadic;
  const Parameter parameter{own->kind,
                            own->kind == ParameterKind::Raw ? "reflect.Value" : "interface {}"};
  callee->parameters.assign(static_cast<std::size_t>(own->fixed) + (own->variadic ? 1 : 0),
                            parameter);
  if (own->call == printf) callee->parameters[0] = {ParameterKind::String, "string"};
  return callee;
}

}  // namespace sluice::tmpl
