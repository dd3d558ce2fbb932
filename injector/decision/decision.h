#pragma once

// Inject or not, and why: the order of Istio's injectRequired.

#include "conf/mesh/inject_config.h"
#include "injector/injection.h"

namespace sluice::injector {

/// `pod` is any JSON with metadata and spec; labels and annotations that are no strings are as if
/// absent here (validation refuses them elsewhere).
[[nodiscard]] Verdict decide_injection(const nlohmann::json& pod, std::string_view namespace_name,
                                       const mesh::InjectConfig& config);

}  // namespace sluice::injector
