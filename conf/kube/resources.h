#pragma once

// The few resources that Sluice reads from a cluster beside Pods, as values.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"
#include "rules/base/result.h"

namespace sluice::kube {

/// A GET of this path, or an error: NotFound for 404, else TryAgain, or Invalid for no JSON object.
[[nodiscard]] Result<nlohmann::json> get_object(const Client& client, std::string_view path,
                                                Deadline deadline);

/// A ConfigMap's `data`.
[[nodiscard]] Result<std::map<std::string, std::string>> config_map(const Client& client,
                                                                    std::string_view namespace_name,
                                                                    std::string_view name,
                                                                    Deadline deadline);

/// A Namespace, whole.
[[nodiscard]] Result<nlohmann::json> namespace_object(const Client& client, std::string_view name,
                                                      Deadline deadline);

/// All elements of a collection ("/api/v1/nodes"), fetched a page at a time.
[[nodiscard]] Result<std::vector<nlohmann::json>> list(const Client& client, std::string_view path,
                                                       Deadline deadline);

}  // namespace sluice::kube
