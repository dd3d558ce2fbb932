#pragma once

// OpenShift writes the namespace's user id into every container that has none, the user's own
// istio-proxy included. What it wrote there is no wish of the user's.

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// Takes the ids of the pod's own istio-proxy away where its user is the application's.
void clear_assigned_ids(nlohmann::json& pod);

}  // namespace sluice::injector
