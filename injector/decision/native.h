#pragma once

// Whether a cluster's nodes can run native sidecars, where `auto` leaves that to them. As Istio
// decides it: from kubelet 1.33 on, by the minor version alone.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

/// Of a kubelet's version, "v1.33.1" or "1.33.1-gke.100". False for what is no version.
[[nodiscard]] bool has_native_sidecars(std::string_view kubelet_version);

struct NativeByNode {
  bool everywhere = false;            ///< every node can; true when there are none
  std::map<std::string, bool> nodes;  ///< by name, for pods that name theirs
  bool operator==(const NativeByNode&) const = default;
};

/// Of v1 Nodes.
[[nodiscard]] NativeByNode native_by_node(const std::vector<nlohmann::json>& nodes);

}  // namespace sluice::injector
