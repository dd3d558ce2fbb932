#pragma once

// What mesh_config.cpp needs of ProxyConfig beside mesh_config.h.

#include "conf/mesh/mesh_config.h"

namespace sluice::mesh {

[[nodiscard]] const nlohmann::json& default_proxy_config();

/// `document` over `base`; not validated. `path` is what errors call it.
[[nodiscard]] Result<nlohmann::json> merge_proxy_config_document(const nlohmann::json& base,
                                                                 const nlohmann::json& document,
                                                                 std::string_view path);

/// One YAML document; null for a text without any.
[[nodiscard]] Result<nlohmann::json> yaml_or_nothing(std::string_view text);

}  // namespace sluice::mesh
