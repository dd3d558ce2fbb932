#include "rules/kernel/socket_address.h"

#include <cstring>

namespace sluice {

std::uint16_t SocketAddress::port() const {
  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return 0;
  sockaddr_in in4{};  // sin_port and sin6_port are at the same place
  std::memcpy(&in4, &storage, sizeof in4);
  return ntohs(in4.sin_port);
}

std::optional<IpAddress> SocketAddress::address() const {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&storage);
  if (storage.ss_family == AF_INET) {
    return IpAddress::from_bytes({bytes + offsetof(sockaddr_in, sin_addr), 4});
  }
  if (storage.ss_family == AF_INET6) {
    return IpAddress::from_bytes({bytes + offsetof(sockaddr_in6, sin6_addr), 16});
  }
  return std::nullopt;
}

SocketAddress socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  const auto bytes = address.bytes();
  if (address.family() == Family::V4) {
    sockaddr_in in4{};
    in4.sin_family = AF_INET;
    in4.sin_port = htons(port);
    std::memcpy(&in4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &in4, result.size = sizeof in4);
  } else {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    std::memcpy(&in6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &in6, result.size = sizeof in6);
  }
  return result;
}

}  // namespace sluice
