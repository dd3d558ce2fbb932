#pragma once

// OpenShift gives every namespace ranges of user and group ids, and stamps one user id on every
// container of a pod; the proxy's must differ from the application's.

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

struct ProxyIds {
  std::int64_t user = 1337;
  std::int64_t group = 1337;
};

/// The greatest ids of the namespace's ranges; 1337 where it says nothing that can be read.
[[nodiscard]] ProxyIds proxy_ids(const nlohmann::json& namespace_object);

/// Takes the ids off a pod's own istio-proxy when they are the application's: then it was OpenShift
/// that wrote them.
void forget_stamped_ids(nlohmann::json& pod);

}  // namespace sluice::injector
