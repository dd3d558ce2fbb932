#pragma once

// Into lists, maps and structs without copying them, whether they are owned or seen.

#include <optional>
#include <string_view>

#include "injector/template/value.h"
#include "rules/base/json.h"

namespace sluice::tmpl {

/// What Go's reflection would call the kind.
enum class Shape {
  Invalid,
  Nil,
  Bool,
  Int,
  Float,
  String,
  Slice,
  Map,
  Struct,
  Pointer,  ///< to a struct or a scalar; a message, wrapper or duration of protobuf
};

[[nodiscard]] Shape shape_of(const Value& value);
/// Whether `view` is a list or a map with anything in it.
[[nodiscard]] inline const nlohmann::json* content(const View& view) {
  return view.json != nullptr && view.json->is_structured() ? view.json : nullptr;
}

/// Of a string, list or map, owned or seen.
[[nodiscard]] std::optional<std::size_t> length_of(const Value& value);
/// Where fmt would call a String method: enums, quantities, times, protobuf's messages.
[[nodiscard]] std::optional<std::string> text_of_named(const View& view);

/// "1.5s" as whole seconds and the rest of it; of an absent duration nothing.
struct SecondsAndNanos {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
};
[[nodiscard]] SecondsAndNanos parts_of_duration(const View& view);

/// Of a OneOf in a message: the field that is set, or nullptr.
[[nodiscard]] const schema::Field* chosen(const View& view);

/// The number of an integer that has a named type; of an enum, its names counted from 0.
[[nodiscard]] std::int64_t named_number(const View& view);

/// Calls visit(const Value&) for each element of a list.
template <class Visit>
void each_element(const Value& value, Visit visit) {
  if (const auto* list = std::get_if<std::shared_ptr<List>>(&value.held())) {
    for (const Value& item : **list) visit(item);
  } else if (const auto* view = std::get_if<View>(&value.held())) {
    const auto* array = content(*view);
    if (array == nullptr) return;
    for (const auto& item : *array) visit(Value::view(&item, element_type(*view->type)));
  }
}

/// Calls visit(const std::string&, const Value&) for each member of a map, by sorted key.
template <class Visit>
void each_member(const Value& value, Visit visit) {
  if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&value.held())) {
    for (const auto& [name, member] : **dict) visit(name, member);
  } else if (const auto* view = std::get_if<View>(&value.held())) {
    const auto* object = content(*view);
    if (object == nullptr || !object->is_object()) return;
    for (auto at = object->begin(); at != object->end(); ++at) {
      visit(at.key(), Value::view(&*at, element_type(*view->type)));
    }
  }
}

/// The member of an object, or nullptr.
[[nodiscard]] inline const nlohmann::json* member_of(const nlohmann::json* object,
                                                     std::string_view name) {
  return object == nullptr ? nullptr : member(*object, name);
}

/// Where a field's value stands. An embedded struct has no member: its fields are the outer one's.
[[nodiscard]] inline const nlohmann::json* member_of(const nlohmann::json* object,
                                                     const schema::Field& field) {
  return schema::embedded(field) ? object : member_of(object, field.json);
}

}  // namespace sluice::tmpl
