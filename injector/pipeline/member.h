#pragma once

// Looking into JSON that may or may not be as expected.

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// The value at the end of `path`, or null.
[[nodiscard]] inline const nlohmann::json& at_path(const nlohmann::json& document,
                                                   std::initializer_list<std::string_view> path) {
  static const nlohmann::json nothing;
  const nlohmann::json* at = &document;
  for (const std::string_view name : path) {
    if (!at->is_object()) return nothing;
    const auto next = at->find(name);
    if (next == at->end()) return nothing;
    at = &*next;
  }
  return *at;
}

/// The string at the end of `path`, or empty.
[[nodiscard]] inline std::string text_at(const nlohmann::json& document,
                                         std::initializer_list<std::string_view> path) {
  const nlohmann::json& value = at_path(document, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// The container of this name in a list of them, or nullptr.
template <class Json>
[[nodiscard]] Json* container_named(Json& list, std::string_view name) {
  if (!list.is_array()) return nullptr;
  for (auto& container : list) {
    if (container.is_object() && text_at(container, {"name"}) == name) return &container;
  }
  return nullptr;
}

}  // namespace sluice::injector
