#pragma once

// The one pod that a file is about, where a command is about one.

#include <nlohmann/json.hpp>

#include "conf/kube/manifest.h"

namespace sluice::cli {

/// The first object that makes pods, in lists too, with its kind; nullptr if there is none.
[[nodiscard]] nlohmann::json* first_workload(kube::Manifest& manifest);

/// The pod in a workload, null if it has none.
[[nodiscard]] nlohmann::json pod_in(const nlohmann::json& workload);

/// The Pod that an API server would make of the pod in a workload: with a name and a namespace.
[[nodiscard]] nlohmann::json as_pod(const nlohmann::json& workload);

}  // namespace sluice::cli
