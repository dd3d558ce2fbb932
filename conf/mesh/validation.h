#pragma once

// What Istio's validation refuses of a mesh configuration, as far as injection uses it.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace sluice::mesh {

/// What is wrong with a canonical ProxyConfig, field and value named; empty when nothing is.
[[nodiscard]] std::vector<std::string> proxy_config_problems(const nlohmann::json& config);

/// Likewise with a canonical MeshConfig, its defaultConfig included.
[[nodiscard]] std::vector<std::string> mesh_config_problems(const nlohmann::json& config);

}  // namespace sluice::mesh
