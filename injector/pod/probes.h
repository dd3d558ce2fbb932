#pragma once

// The kubelet's probes and hooks, which know no mTLS, ask the proxy's agent, and that asks the
// application. What it is to ask is in istio-proxy's environment.

#include <string_view>

#include <nlohmann/json.hpp>

#include "rules/base/result.h"

namespace sluice::injector {

/// The proxy's variable that tells the agent what to ask.
inline constexpr std::string_view kProbers = "ISTIO_KUBE_APP_PROBERS";

struct ProbeSettings {
  int agent_port;    ///< where the agent listens if the pod does not say
  bool rewrite;      ///< what counts where the pod does not say
  bool reinjection;  ///< earlier probers are kept then, and win
};

/// Rewrites the probes and hooks of all containers but istio-proxy. One that the agent could not
/// answer stays as it is: a named port that its container does not have, the agent's own port, any
/// where the agent has none. Invalid for a bad status port.
[[nodiscard]] Result<void> rewrite_probes(nlohmann::json& pod, const ProbeSettings& settings);

}  // namespace sluice::injector
