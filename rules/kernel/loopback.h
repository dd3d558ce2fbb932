#pragma once

// The loopback interface of a pod: up, and with ::6 on it, from which the proxy hands inbound IPv6
// connections to the app (127.0.0.6 needs no address of its own).

#include "rules/base/result.h"

namespace sluice::kernel {

struct LoopbackState {
  bool up = false;
  bool ipv6 = false;        ///< IPv6 is there and not disabled on it
  bool has_source = false;  ///< ::6 is on it
};

// All take a NETLINK_ROUTE socket of the namespace.

[[nodiscard]] Result<LoopbackState> loopback_state(int route_fd);

/// Brings it up and puts ::6 on it, where there is IPv6; gives whether there is.
[[nodiscard]] Result<bool> prepare_loopback(int route_fd);

}  // namespace sluice::kernel
