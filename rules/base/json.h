#pragma once

// Looking into JSON that may or may not be as expected, and writing it.

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace sluice {

/// The member of an object, or nullptr.
[[nodiscard]] inline const nlohmann::json* member(const nlohmann::json& object,
                                                  std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}
[[nodiscard]] inline nlohmann::json* member(nlohmann::json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

using JsonPath = std::initializer_list<std::string_view>;

/// The value at the end of a path through objects, or null.
[[nodiscard]] const nlohmann::json& at_path(const nlohmann::json& document, JsonPath path);
/// The same for a JSON pointer ("/spec/template").
[[nodiscard]] const nlohmann::json& at_pointer(const nlohmann::json& document,
                                               std::string_view pointer);

/// The string at the end of a path, or nullptr.
[[nodiscard]] const std::string* string_at(const nlohmann::json& document, JsonPath path);
/// The string at the end of a path, or empty.
[[nodiscard]] std::string text_at(const nlohmann::json& document, JsonPath path);

/// On one line; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string dump_compact(const nlohmann::json& value);

}  // namespace sluice
