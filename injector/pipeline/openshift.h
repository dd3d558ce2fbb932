#pragma once

// OpenShift gives every namespace ranges of user and group ids.

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

struct ProxyIds {
  std::int64_t user = 1337;
  std::int64_t group = 1337;
};

/// The greatest ids of the namespace's ranges; 1337 where it says nothing that can be read.
[[nodiscard]] ProxyIds proxy_ids(const nlohmann::json& namespace_object);

}  // namespace sluice::injector
