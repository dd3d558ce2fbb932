#pragma once

// The pod of an attachment, from the Kubernetes API.

#include "plugin/verbs/ports.h"
#include "rules/policy/pod.h"

namespace sluice {

/// GETs the pod within `timeout`, trying again for what can pass: no connection, 5xx, 429 (after
/// its Retry-After, if that is in time) and, during the first second, 404, for a kubelet can know a
/// pod before the API server's cache does, and a kubeconfig that is not there, for after a boot the
/// agent may be about to write it. A pod with another uid than `args` names is another pod,
/// and counts as 404. TryAgain when time is up or trying again is no use; Malformed: no Pod was
/// served.
[[nodiscard]] Result<PodFacts> find_pod(const cni::PodArgs& args, std::chrono::milliseconds timeout,
                                        const Ports& ports);

}  // namespace sluice
