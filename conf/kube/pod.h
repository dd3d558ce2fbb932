#pragma once

// PodFacts from a Pod's JSON.

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "rules/base/result.h"
#include "rules/policy/pod.h"

namespace sluice::kube {

/// Malformed for bytes that are no JSON, JSON that is no Pod, and for a field that is read here and
/// has another type than the Kubernetes API gives it; the message names its path.
[[nodiscard]] Result<PodFacts> pod_facts(std::string_view json);
[[nodiscard]] Result<PodFacts> pod_facts(const nlohmann::json& pod);

}  // namespace sluice::kube
