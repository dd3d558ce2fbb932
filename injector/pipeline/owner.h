#pragma once

// Who makes a pod, found as Istio finds it: from ownerReferences and labels, without asking anyone.

#include <string_view>

#include "injector/injection.h"

namespace sluice::injector {

/// The workload that made `pod`: a Deployment behind its ReplicaSet, a Rollout, DeploymentConfig or
/// CronJob behind theirs; the pod itself where it was not generated.
[[nodiscard]] Owner owner_of(const nlohmann::json& pod, std::string_view namespace_name);

}  // namespace sluice::injector
