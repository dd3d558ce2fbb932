#pragma once

// What an earlier injection left in a pod: the status that names what it put there, and the
// overrides, which are the containers that the user had written before.

#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/policy/annotations.h"

namespace sluice::injector {

inline constexpr std::string_view kOverrides = "proxy.istio.io/overrides";
/// What only the redirect needed, and no pod has any more.
inline constexpr std::array<std::string_view, 3> kRedirectContainers{kIstioInit, kIstioValidation,
                                                                     "enable-core-dump"};

[[nodiscard]] bool is_redirect_container(std::string_view name);

struct Previous {
  using Names = std::set<std::string, std::less<>>;

  bool injected = false;  ///< there is a status
  std::string unread;     ///< why what stands in the status' place is none, or empty
  Names containers;
  Names init_containers;
  nlohmann::json overrides = nlohmann::json::object();  ///< lists by kContainerLists, as recorded

  /// Those of the containers that are in the list of that name.
  [[nodiscard]] Names& names(std::string_view list);
  /// Whether the status names the container, in the list of that name.
  [[nodiscard]] bool put(std::string_view list, std::string_view name) const;
};

/// Of a pod without previous_faults(). A status that is no JSON object at all is no fault, but
/// none: Istio injects such a pod as well.
[[nodiscard]] Previous read_previous(const nlohmann::json& pod);

/// What is wrong with either annotation, each named, and with a pod that has two istio-proxy:
/// unless an injection left one of them, nobody knows which one is meant.
[[nodiscard]] std::vector<std::string> previous_faults(const nlohmann::json& pod);

}  // namespace sluice::injector
