#pragma once

// OpenShift gives every namespace ranges of user and group ids.

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "rules/policy/redirect_policy.h"

namespace sluice::injector {

struct ProxyIds {
  std::int64_t user = kDefaultProxyId;
  std::int64_t group = kDefaultProxyId;
};

/// The greatest ids of the namespace's ranges; the default where it says nothing that can be read.
[[nodiscard]] ProxyIds proxy_ids(const nlohmann::json& namespace_object);

}  // namespace sluice::injector
