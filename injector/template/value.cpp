#include "injector/template/value.h"

#include <cmath>

#include "injector/template/print.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using schema::Kind;

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overload(Cases...) -> Overload<Cases...>;

bool absent(const json* value) {
  return value == nullptr || value->is_null();
}

/// A string of data whose author wrote something else where Kubernetes wants a string.
std::string text_of(const json* value) {
  if (absent(value)) return {};
  if (const auto* text = value->get_ptr<const std::string*>()) return *text;
  return value->dump();
}

double number_of(const json* value) {
  return value != nullptr && value->is_number() ? value->get<double>() : 0;
}

std::int64_t integer_of(const json* value) {
  if (value == nullptr || !value->is_number()) return 0;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  const double number = value->get<double>();
  constexpr double Edge = 9223372036854775808.0;
  return number >= -Edge && number < Edge ? static_cast<std::int64_t>(number) : 0;
}

/// interface{}: what is in it decides.
Value view_any(const json* value) {
  if (absent(value)) return Value::Nil{};
  switch (value->type()) {
    case json::value_t::boolean:
      return value->get<bool>();
    case json::value_t::string:
      return value->get_ref<const std::string&>();
    case json::value_t::object:
    case json::value_t::array:
      return View{value, &schema::kAny};
    default:
      return number_of(value);
  }
}

json number_to_json(double number) {
  constexpr double Exact = 9007199254740992.0;
  if (std::trunc(number) == number && std::abs(number) <= Exact) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

/// What a field holds that is not written.
json zero_json(const schema::Type& type) {
  switch (type.kind) {
    case Kind::Struct:
      return json::object();
    case Kind::Quantity:
      return "0";
    case Kind::IntOrString:
      return 0;
    case Kind::Enum:
      return type.enumerators.empty() ? json("") : json(std::string(type.enumerators.front()));
    default:
      return nullptr;
  }
}

/// sprig's `set` can put a dict into itself: what is too deep or too much is null.
constexpr int kDeepest = 200;
constexpr int kMostNodes = 100'000;

json marshal(const Value& value, int depth, int& budget) {
  if (depth > kDeepest || --budget < 0) return nullptr;
  const auto of_list = [&](const std::shared_ptr<List>& list) {
    json array = json::array();
    for (const Value& item : *list) array.push_back(marshal(item, depth + 1, budget));
    return array;
  };
  const auto of_dict = [&](const std::shared_ptr<Dict>& dict) {
    json object = json::object();
    for (const auto& [name, member] : *dict) object[name] = marshal(member, depth + 1, budget);
    return object;
  };
  const auto of_view = [](const View& view) {
    return absent(view.json) ? zero_json(*view.type) : *view.json;
  };
  return std::visit(
      Overload{[](Value::Invalid) { return json(); }, [](Value::Nil) { return json(); }, of_list,
               of_dict, of_view, [](double number) { return number_to_json(number); },
               [](const auto& scalar) { return json(scalar); }},
      value.held());
}

/// Lists and dicts whose last holder is gone are taken apart one after the other: were each
/// destroyed within the one that held it, a template that nests them deeply would use up the stack.
void bury(Value& value) {
  thread_local std::vector<Value>* open = nullptr;  // while one is being taken apart
  if (!std::holds_alternative<std::shared_ptr<List>>(value.held()) &&
      !std::holds_alternative<std::shared_ptr<Dict>>(value.held())) {
    return;
  }
  if (open != nullptr) {
    open->push_back(std::move(value));
    return;
  }
  std::vector<Value> remains;
  remains.push_back(std::move(value));
  open = &remains;
  while (!remains.empty()) {
    const Value next = std::move(remains.back());
    remains.pop_back();
  }
  open = nullptr;
}

void take_apart(List* list) {
  for (Value& item : *list) bury(item);
  delete list;
}

void take_apart(Dict* dict) {
  for (auto& [name, member] : *dict) bury(member);
  delete dict;
}

template <class Container>
std::shared_ptr<Container> shared(Container content) {
  return {new Container(std::move(content)), [](Container* held) { take_apart(held); }};
}

}  // namespace

Value::Value(List list) : held_(shared(std::move(list))) {}
Value::Value(Dict dict) : held_(shared(std::move(dict))) {}

Value Value::view(const json* value, const schema::Type& type) {
  switch (type.kind) {
    case Kind::Any:
      return view_any(value);
    case Kind::Bool:
      return value != nullptr && value->is_boolean() && value->get<bool>();
    case Kind::Int:
      return integer_of(value);
    case Kind::Float:
      return number_of(value);
    case Kind::String:
      return text_of(value);
    default:
      return View{value, &type};
  }
}

Value Value::from_json(const json& value) {
  switch (value.type()) {
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return value.get<std::int64_t>();
    case json::value_t::array: {
      List list;
      list.reserve(value.size());
      for (const json& item : value) list.push_back(from_json(item));
      return list;
    }
    case json::value_t::object: {
      Dict dict;
      for (const auto& [name, member] : value.items()) dict.emplace(name, from_json(member));
      return dict;
    }
    default:
      return view_any(&value);
  }
}

bool Value::nil() const {
  if (std::holds_alternative<Nil>(held_)) return true;
  const auto* view = std::get_if<View>(&held_);
  if (view == nullptr || !absent(view->json)) return false;
  switch (view->type->kind) {
    case Kind::Any:
    case Kind::List:
    case Kind::Map:
    case Kind::Message:
    case Kind::Pointer:
    case Kind::Wrapper:
    case Kind::Duration:
    case Kind::OneOf:
      return true;
    default:
      return false;
  }
}

bool Value::truth() const {
  const auto of_view = [this](const View& view) {
    switch (view.type->kind) {
      case Kind::Any:
      case Kind::List:
      case Kind::Map:
        return !absent(view.json) && !view.json->empty();
      case Kind::Int:
        return named_number(view) != 0;
      case Kind::Enum:
        return !absent(view.json) && !view.type->enumerators.empty() &&
               text_of(view.json) != view.type->enumerators.front();
      default:
        return !nil();
    }
  };
  return std::visit(
      Overload{[](Invalid) { return false; }, [](Nil) { return false; },
               [](bool value) { return value; }, [](std::int64_t value) { return value != 0; },
               [](double value) { return value != 0; },
               [](const std::string& value) { return !value.empty(); },
               [](const auto& shared) { return !shared->empty(); }, of_view},
      held_);
}

const schema::Type& element_type(const schema::Type& type) {
  return type.element == nullptr ? schema::kAny : *type.element;
}

std::optional<List> Value::elements() const {
  if (const auto* list = std::get_if<std::shared_ptr<List>>(&held_)) return **list;
  const auto* view = std::get_if<View>(&held_);
  if (view == nullptr) return std::nullopt;
  const bool array = view->json != nullptr && view->json->is_array();
  if (view->type->kind != Kind::List && !(view->type->kind == Kind::Any && array)) {
    return std::nullopt;
  }
  List list;
  if (!array) return list;
  list.reserve(view->json->size());
  for (const json& item : *view->json)
    list.push_back(Value::view(&item, element_type(*view->type)));
  return list;
}

std::optional<Dict> Value::members() const {
  if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&held_)) return **dict;
  const auto* view = std::get_if<View>(&held_);
  if (view == nullptr) return std::nullopt;
  const bool object = view->json != nullptr && view->json->is_object();
  if (view->type->kind != Kind::Map && !(view->type->kind == Kind::Any && object)) {
    return std::nullopt;
  }
  Dict dict;
  if (!object) return dict;
  for (const auto& [name, member] : view->json->items()) {
    dict.emplace_hint(dict.end(), name, Value::view(&member, element_type(*view->type)));
  }
  return dict;
}

json Value::to_json() const {
  int budget = kMostNodes;
  return marshal(*this, 0, budget);
}

std::string Value::print() const {
  std::string out;
  append_printed(out, *this);
  return out;
}

std::string type_name(const schema::Type& type) {
  switch (type.kind) {
    case Kind::Any:
      return "interface {}";
    case Kind::List:
      return type.name.empty() ? "[]" + type_name(element_type(type)) : std::string(type.name);
    case Kind::Map:
      return type.name.empty() ? "map[string]" + type_name(element_type(type))
                               : std::string(type.name);
    case Kind::Pointer:
      return "*" + type_name(element_type(type));
    case Kind::Message:
      return "*" + std::string(type.name);
    case Kind::Wrapper:
      return type.name.empty() ? "*wrapperspb.Value" : "*" + std::string(type.name);
    case Kind::Duration:
      return "*durationpb.Duration";
    case Kind::Quantity:
      return "resource.Quantity";
    case Kind::IntOrString:
      return "intstr.IntOrString";
    case Kind::Time:
      return "v1.Time";
    default:
      return std::string(type.name);
  }
}

std::string Value::type_name() const {
  const auto of_view = [](const View& view) -> std::string {
    if (view.type->kind != Kind::Any) return tmpl::type_name(*view.type);
    if (absent(view.json)) return "interface {}";
    return view.json->is_array() ? "[]interface {}" : "map[string]interface {}";
  };
  return std::visit(
      Overload{[](Invalid) -> std::string { return "<nil>"; },
               [](Nil) -> std::string { return "<nil>"; },
               [](bool) -> std::string { return "bool"; },
               [](std::int64_t) -> std::string { return "int"; },
               [](double) -> std::string { return "float64"; },
               [](const std::string&) -> std::string { return "string"; },
               [](const std::shared_ptr<List>&) -> std::string { return "[]interface {}"; },
               [](const std::shared_ptr<Dict>& dict) -> std::string {
                 return dict->struct_name.empty() ? "map[string]interface {}"
                                                  : std::string(dict->struct_name);
               },
               of_view},
      held_);
}

}  // namespace sluice::tmpl
