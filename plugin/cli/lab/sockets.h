#pragma once

// Socket addresses from and to our own types.

#include <optional>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "rules/base/address.h"
#include "rules/base/port.h"

namespace sluice::lab {

/// Large enough for either family, with its length.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// Port 0, "any", where `port` is absent.
[[nodiscard]] SocketAddress socket_address(const IpAddress& address, std::optional<Port> port);

/// Nothing for other families and for port 0.
[[nodiscard]] std::optional<std::pair<IpAddress, Port>> parts(const SocketAddress& address);

[[nodiscard]] inline int domain_of(const IpAddress& address) {
  return address.family() == Family::V4 ? AF_INET : AF_INET6;
}

}  // namespace sluice::lab
