#pragma once

// Stand-ins for the proxy, the app and the rest of the world: they accept on given addresses and
// tell each caller who they are and where the call was meant to go.

#include <string>
#include <vector>

#include "plugin/cli/lab/process.h"
#include "rules/policy/steps.h"

namespace sluice::lab {

struct Endpoint {
  Protocol protocol;
  IpAddress address;  ///< 0.0.0.0 and :: for any
  Port port;
  auto operator<=>(const Endpoint&) const = default;
};

enum class Transparency { None, Tproxy };  ///< Tproxy: IP_TRANSPARENT, set before ids change

/// Starts a process in `place` that answers on all `endpoints` with "WHO DESTINATION\n", where
/// DESTINATION is what the connection was made to, before any NAT: "10.0.0.1:80", "[::1]:80".
[[nodiscard]] Result<Child> listen_as(const std::string& who, const Place& place,
                                      const std::vector<Endpoint>& endpoints,
                                      Transparency transparency);

/// "10.0.0.1:80" or "[::1]:80".
[[nodiscard]] std::string to_string(const IpAddress& address, Port port);

}  // namespace sluice::lab
