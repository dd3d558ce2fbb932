#pragma once

// The last look at a pod that has its proxy.

#include "injector/pod/overlay.h"

namespace sluice::injector {

/// Gives istio-proxy the seccomp profile that nobody chose, writes the policy for a plugin that
/// asks the container runtime, both if the switches say so; and sees that the plugin will
/// understand the annotations that the templates wrote where the pod has no `own`. Invalid when it
/// will not.
[[nodiscard]] Result<void> finish(Overlaid& overlaid, const std::map<std::string, std::string>& own,
                                  const Switches& switches);

}  // namespace sluice::injector
