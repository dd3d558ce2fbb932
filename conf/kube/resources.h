#pragma once

// Objects that Sluice reads from a cluster beside Pods, by their names.

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"
#include "rules/base/result.h"

namespace sluice::kube {

/// A ConfigMap's `data`.
[[nodiscard]] Result<std::map<std::string, std::string>> config_map(const Client& client,
                                                                    std::string_view namespace_name,
                                                                    std::string_view name,
                                                                    Deadline deadline);

/// A Namespace, whole.
[[nodiscard]] Result<nlohmann::json> namespace_object(const Client& client, std::string_view name,
                                                      Deadline deadline);

}  // namespace sluice::kube
