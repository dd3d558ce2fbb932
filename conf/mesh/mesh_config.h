#pragma once

// MeshConfig and the ProxyConfig in it: Istio's defaults, what the ConfigMap `istio` says over
// them, and what a pod's annotation says over that. Both are canonical protobuf JSON
// (lowerCamelCase names, enums by name, durations as "45s"), in the fields that messages.h lists.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/schema/type.h"
#include "rules/base/result.h"

namespace sluice::mesh {

extern const schema::Type kMeshConfig;   ///< meshconfig.MeshConfig
extern const schema::Type kProxyConfig;  ///< meshconfig.ProxyConfig

struct MeshConfig {
  nlohmann::json document;  ///< defaults filled in; `defaultConfig` is the mesh's ProxyConfig
};

/// Reads the ConfigMap's `mesh` over Istio's defaults; empty text gives the defaults.
[[nodiscard]] Result<MeshConfig> parse_mesh_config(std::string_view yaml);

/// A ProxyConfig in YAML or JSON (the annotation proxy.istio.io/config) over `base`: fields
/// replace, proxyMetadata merges by key. Malformed or Invalid as Istio's validation would say.
[[nodiscard]] Result<nlohmann::json> merge_proxy_config(const nlohmann::json& base,
                                                        std::string_view yaml);

/// A ProxyConfig resource (networking.istio.io/v1beta1), which may set only some fields.
struct ProxyConfigResource {
  std::string namespace_name;
  std::string name;
  std::string created;  ///< metadata.creationTimestamp: the oldest counts
  nlohmann::json spec;
};

/// The ProxyConfig of one pod: default, mesh, resources of the root and the pod's namespace without
/// a selector, the annotation (empty: none), the resource that selects the pod.
[[nodiscard]] Result<nlohmann::json> effective_proxy_config(
    const MeshConfig& mesh, const std::vector<ProxyConfigResource>& resources,
    std::string_view namespace_name, const std::map<std::string, std::string>& labels,
    std::string_view annotation);

/// The text of PROXY_CONFIG, exactly as Istio prints it: fields in the order of declaration, those
/// that equal Istio's defaults left out.
[[nodiscard]] std::string proxy_config_text(const nlohmann::json& proxy_config);

}  // namespace sluice::mesh
