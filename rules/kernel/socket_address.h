#pragma once

// Socket addresses from and to our own types.

#include <cstdint>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

#include "rules/base/address.h"

namespace sluice {

/// Large enough for either family, with its length.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  /// In host order; 0 for other families.
  [[nodiscard]] std::uint16_t port() const;
  /// Nothing for other families.
  [[nodiscard]] std::optional<IpAddress> address() const;
};

[[nodiscard]] SocketAddress socket_address(const IpAddress& address, std::uint16_t port);

[[nodiscard]] inline int domain_of(const IpAddress& address) {
  return address.family() == Family::V4 ? AF_INET : AF_INET6;
}

}  // namespace sluice
