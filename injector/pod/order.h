#pragma once

// Where things stand in a pod. Containers start in the order of their list, and a variable may only
// refer to those before it, so order is part of what a pod means.

#include <string_view>

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// Regular containers: istio-proxy last, so that it is nobody's default, or first if applications
/// wait for it. A native sidecar before all other init containers.
void order_containers(nlohmann::json& pod, bool proxy_first);

/// Gives elements of `now` that `before` has as well the order that they have there.
void keep_order(nlohmann::json& now, const nlohmann::json& before, std::string_view merge_key);

/// keep_order() for all lists of a pod that have keys, and of its containers.
void keep_orders(nlohmann::json& now, const nlohmann::json& before);

}  // namespace sluice::injector
