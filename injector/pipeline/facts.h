#pragma once

// From a pod's JSON to what the redirect needs to know of it, as the plugin will see it.

#include <nlohmann/json_fwd.hpp>

#include "rules/policy/pod.h"

namespace sluice::injector {

/// What is not as the API has it is as if absent: the pod may still be in the making.
[[nodiscard]] PodFacts facts_of(const nlohmann::json& pod);

/// The strings of a map, others left out.
[[nodiscard]] std::map<std::string, std::string> strings_of(const nlohmann::json& map);

}  // namespace sluice::injector
