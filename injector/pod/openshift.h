#pragma once

// OpenShift writes the namespace's user id into every container that has none, the user's own
// istio-proxy included. What it wrote there is no wish of the user's.

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// Takes away, and gives, the ids of the pod's own istio-proxy where its user is the application's.
[[nodiscard]] nlohmann::json take_assigned_ids(nlohmann::json& pod);

/// Puts those back that no template has another for, as they come to stay under istiod.
void return_assigned_ids(nlohmann::json& pod, const nlohmann::json& ids);

}  // namespace sluice::injector
