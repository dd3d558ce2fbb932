#pragma once

#include <optional>

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// What the templates see of a pod: without what an earlier injection put there, and with the
/// user's own istio-proxy where it will be, so that they see the same when the pod is injected
/// again. Nothing where the pod is so already, and they see itself.
[[nodiscard]] std::optional<nlohmann::json> strip_injected(const nlohmann::json& pod);

}  // namespace sluice::injector
