#pragma once

// YAML into JSON values, the only place that knows yaml-cpp; everything else decodes JSON.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "rules/base/result.h"

namespace sluice::kube {

/// One document, JSON or YAML. Plain scalars become what Kubernetes' own reader makes of them
/// (YAML 1.1: `on` and `yes` are booleans); quoted ones stay strings. Malformed with line and
/// column.
[[nodiscard]] Result<nlohmann::json> yaml_to_json(const std::string& text);

}  // namespace sluice::kube
