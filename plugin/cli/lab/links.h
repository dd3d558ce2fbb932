#pragma once

// Links and addresses, by rtnetlink, for what no plugin of the lab's chain does.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/base/address.h"
#include "rules/base/result.h"

namespace sluice::lab {

/// lo up and, on it, these addresses, in the current network namespace.
[[nodiscard]] Result<void> own_addresses(const std::vector<IpAddress>& addresses);

/// Attaches the namespace `netns` to the current one with a pair of links and gives the CNI result
/// that the plugin bridge would have given: eth0 with an address of each family and default routes.
/// Without IPv6 in the kernel, IPv4 alone.
[[nodiscard]] Result<nlohmann::json> attach(const std::string& netns);

}  // namespace sluice::lab
