#pragma once

#include <optional>
#include <string>

#include "rules/policy/pod.h"

namespace sluice {

/// Why a pod is left alone; nothing when it is to be redirected. In the order in which Istio's
/// plugin asks, so that the same reason wins.
[[nodiscard]] std::optional<std::string> reason_to_pass(const PodFacts& pod);

}  // namespace sluice
