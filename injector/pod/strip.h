#pragma once

// The templates' side of a pod. It has no faults: check_shape() and previous_faults().

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// What the templates see of a pod: without what an earlier injection put there, and with the
/// user's own istio-proxy where it will be, so that they see the same when the pod is injected
/// again. Nothing where the pod is so already, and they see itself.
[[nodiscard]] std::optional<nlohmann::json> strip_injected(const nlohmann::json& pod);

/// The same once it is known what the templates rendered. A status that names containers which they
/// do not make is somebody else's, or an older template's: those are the application's now, and
/// will be at every injection to come. And an own istio-proxy among the init containers is shown
/// among the containers where theirs will be there. Nothing where neither is in the pod.
[[nodiscard]] std::optional<nlohmann::json> strip_injected(
    const nlohmann::json& pod, const std::vector<nlohmann::json>& rendered);

}  // namespace sluice::injector
