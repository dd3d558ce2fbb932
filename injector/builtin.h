#pragma once

// Sluice's own template and values, for meshes whose ConfigMaps are not to be had: a sidecar that
// passes Pod Security `restricted`, native or not, and nothing besides it.

#include <nlohmann/json_fwd.hpp>

#include "conf/mesh/inject_config.h"

namespace sluice::injector {

/// One template, sidecar, for every pod that does not ask to be left alone.
[[nodiscard]] const mesh::InjectConfig& builtin_config();

/// The values that it reads, as parse_values() gives them.
[[nodiscard]] const nlohmann::json& builtin_values();
/// Those, with `own` over them: maps merge, anything else replaces, and null takes away.
[[nodiscard]] nlohmann::json builtin_values_with(const nlohmann::json& own);

}  // namespace sluice::injector
