#pragma once

// Whether the nodes of a cluster can run native sidecars; see decision/native.h for one pod.

#include "injector/decision/native.h"

namespace sluice::injector {

/// Whether every node can, of v1 Nodes; true when there are none.
[[nodiscard]] inline bool nodes_run_native_sidecars(const std::vector<nlohmann::json>& nodes) {
  return native_by_node(nodes).everywhere;
}

}  // namespace sluice::injector
