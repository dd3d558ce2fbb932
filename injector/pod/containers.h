#pragma once

// A pod's containers by name. A pod here has passed check_shape(), so that nothing below meets
// what is no container.

#include <array>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "rules/base/result.h"

namespace sluice::injector {

inline constexpr std::string_view kContainers = "containers";
inline constexpr std::string_view kInitContainers = "initContainers";
inline constexpr std::array kContainerLists{kContainers, kInitContainers};

/// Invalid, naming each field, if metadata, annotations, labels, spec or the lists in it that the
/// injector edits are not what a Pod's are. null is as good as absent.
[[nodiscard]] Result<void> check_shape(const nlohmann::json& pod);

/// spec.LIST, or nullptr where there is none.
[[nodiscard]] nlohmann::json* container_list(nlohmann::json& pod, std::string_view list);
[[nodiscard]] const nlohmann::json* container_list(const nlohmann::json& pod,
                                                   std::string_view list);

/// The first element of that name; `list` may be null or nullptr.
[[nodiscard]] nlohmann::json* find_named(nlohmann::json* list, std::string_view name);
[[nodiscard]] const nlohmann::json* find_named(const nlohmann::json* list, std::string_view name);

/// The first container of that name, regular ones first.
[[nodiscard]] nlohmann::json* find_container(nlohmann::json& pod, std::string_view name);
[[nodiscard]] const nlohmann::json* find_container(const nlohmann::json& pod,
                                                   std::string_view name);

/// Takes all elements of that name out of a list. Whether there were any.
bool remove_named(nlohmann::json* list, std::string_view name);

/// What an element is called; "" where it does not say.
[[nodiscard]] std::string_view name_of(const nlohmann::json& element);

/// The text of an annotation or label, or nullptr.
[[nodiscard]] const std::string* annotation(const nlohmann::json& pod, std::string_view name);
[[nodiscard]] const std::string* label(const nlohmann::json& pod, std::string_view name);

/// metadata.annotations or metadata.labels, made where it is absent.
[[nodiscard]] nlohmann::json& metadata_map(nlohmann::json& pod, const char* which);

/// A container's variable of that name, or nullptr.
[[nodiscard]] const nlohmann::json* find_variable(const nlohmann::json& container,
                                                  std::string_view name);

/// Puts a variable at the end of a container's environment. One of that name goes.
void append_variable(nlohmann::json& container, std::string_view name, std::string value);

}  // namespace sluice::injector
