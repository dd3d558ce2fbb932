#include "injector/template/field.h"

#include <functional>

#include "injector/template/duration.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using schema::Kind;

bool absent(const json* value) {
  return value == nullptr || value->is_null();
}

Step field(const json* value, const schema::Type& type) {
  return {Found::Field, false, {value, &type}};
}

Step computed(Value value) {
  return {Found::Computed, true, {nullptr, nullptr}, std::move(value)};
}

/// Looks where the name was found last, then everywhere.
const schema::Field* find_field(const schema::Type& type, const FieldName& name,
                                std::string_view wanted) {
  const schema::Field* last = name.last.load(std::memory_order_relaxed);
  const std::less<const schema::Field*> before;
  const auto* const begin = type.fields.data();
  if (last != nullptr && !before(last, begin) && before(last, begin + type.fields.size())) {
    return last;
  }
  last = schema::field_by_name(type, wanted);
  if (last != nullptr) name.last.store(last, std::memory_order_relaxed);
  return last;
}

Step into_map(const View& view, const FieldName& name) {
  const json* member = member_of(view.json, name.name);
  if (member == nullptr) return {Found::Missing};
  return {Found::Key, false, {member, &element_type(*view.type)}};
}

Step method(const json* object, const schema::Field& found) {
  Step step = field(member_of(object, found), *found.type);
  step.method = true;
  return step;
}

Step into_struct(const View& view, const schema::Type& type, const FieldName& name) {
  if (const schema::Field* found = find_field(type, name, name.name)) {
    return field(member_of(view.json, *found), *found->type);
  }
  const schema::Field* found = schema::method_by_name(type, name.name);
  return found == nullptr ? Step{} : method(view.json, *found);
}

/// The name of the field that Go has for a choice: "Tracer" of "v1alpha1.isTracing_Tracer".
std::string_view name_of(const schema::Type& one_of) {
  return one_of.name.substr(one_of.name.rfind('_') + 1);
}

/// To the message itself, of which the choice is a part; to nothing if none of it is set.
Step to_choice(const json* message, const schema::Type& one_of) {
  return field(chosen({message, &one_of}) == nullptr ? nullptr : message, one_of);
}

/// A message's getters, which a nil message has too, and its fields.
Step into_message(const View& view, const FieldName& name) {
  constexpr std::string_view Get = "Get";
  const schema::Type* choice = view.type->one_of;
  if (name.name.starts_with(Get)) {
    const auto wanted = std::string_view(name.name).substr(Get.size());
    if (const schema::Field* found = find_field(*view.type, name, wanted)) {
      return method(view.json, *found);
    }
    if (choice != nullptr && wanted == name_of(*choice)) return to_choice(view.json, *choice);
  }
  if (name.name == "String") return computed(text_of_named(view).value_or(""));
  Step step = into_struct(view, *view.type, name);
  if (choice != nullptr && name.name == name_of(*choice)) step = to_choice(view.json, *choice);
  if (step.found == Found::Field && absent(view.json)) step.found = Found::NilPointer;
  return step;
}

/// The struct that Go wraps the chosen field in, which has no other.
Step into_choice(const View& view, const FieldName& name) {
  if (absent(view.json)) return {Found::NilPointer};
  const schema::Field* found = chosen(view);
  if (found->name != name.name) return {};
  return field(member_of(view.json, *found), *found->type);
}

Step into_pointer(const View& view, const FieldName& name) {
  const schema::Type& target = element_type(*view.type);
  if (target.kind == Kind::Struct) {
    Step step = into_struct(view, target, name);
    if (step.found == Found::Field && absent(view.json)) step.found = Found::NilPointer;
    return step;
  }
  if (absent(view.json)) return {Found::NilPointer};
  return step_into({view.json, &target}, name);
}

Step into_wrapper(const View& view, const FieldName& name) {
  const Value value = Value::view(view.json, element_type(*view.type));
  if (name.name == "GetValue") return computed(value);
  if (name.name != "Value") return {};
  Step step = field(view.json, element_type(*view.type));
  if (absent(view.json)) step.found = Found::NilPointer;
  return step;
}

Step into_duration(const View& view, const FieldName& name) {
  const SecondsAndNanos parts = parts_of_duration(view);
  if (name.name == "AsDuration") {
    return computed(duration_value(parts.seconds * 1'000'000'000 + parts.nanos));
  }
  const bool getter = name.name.starts_with("Get");
  const std::string_view part = std::string_view(name.name).substr(getter ? 3 : 0);
  if (part != "Seconds" && part != "Nanos") return {};
  if (!getter && absent(view.json)) return {Found::NilPointer};
  return computed(part == "Seconds" ? parts.seconds : parts.nanos);
}

Step into_int_or_string(const View& view, const FieldName& name) {
  const bool text = !absent(view.json) && view.json->is_string();
  const Value number = Value::view(text ? nullptr : view.json, schema::kInt);
  if (name.name == "Type") return computed(text ? 1 : 0);
  if (name.name == "IntVal") return computed(number);
  if (name.name == "StrVal") return computed(text ? view.json->get<std::string>() : "");
  if (name.name == "IntValue" && !text) return computed(number);
  return {};
}

Step into_any(const View& view, const FieldName& name) {
  if (absent(view.json)) return {Found::NilPointer};
  return view.json->is_object() ? into_map(view, name) : Step{};
}

}  // namespace

Step step_into(const View& view, const FieldName& name) {
  Step step;
  switch (view.type->kind) {
    case Kind::Any:
      return into_any(view, name);
    case Kind::Map:
      return into_map(view, name);
    case Kind::Struct:
    case Kind::Int:
      return into_struct(view, *view.type, name);
    case Kind::Pointer:
      return into_pointer(view, name);
    case Kind::Message:
      return into_message(view, name);
    case Kind::OneOf:
      return into_choice(view, name);
    case Kind::Wrapper:
      step = into_wrapper(view, name);
      break;
    case Kind::Duration:
      step = into_duration(view, name);
      break;
    case Kind::IntOrString:
      step = into_int_or_string(view, name);
      break;
    default:
      break;
  }
  if (step.found == Found::Nothing && name.name == "String") {
    if (auto text = text_of_named(view)) return computed(std::move(*text));
  }
  return step;
}

}  // namespace sluice::tmpl
