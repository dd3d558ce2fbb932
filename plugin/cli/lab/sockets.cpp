#include "plugin/cli/lab/sockets.h"

#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace sluice::lab {

SocketAddress socket_address(const IpAddress& address, std::optional<Port> port) {
  SocketAddress out;
  const in_port_t number = htons(port ? port->number() : 0);
  if (address.family() == Family::V4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = number;
    std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
    std::memcpy(&out.storage, &v4, sizeof(v4));
    out.size = sizeof(v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = number;
    std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
    std::memcpy(&out.storage, &v6, sizeof(v6));
    out.size = sizeof(v6);
  }
  return out;
}

std::optional<std::pair<IpAddress, Port>> parts(const SocketAddress& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 4;
  std::uint16_t number = 0;
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof(v4));
    std::memcpy(bytes.data(), &v4.sin_addr, size);
    number = ntohs(v4.sin_port);
  } else if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof(v6));
    size = 16;
    std::memcpy(bytes.data(), &v6.sin6_addr, size);
    number = ntohs(v6.sin6_port);
  } else {
    return std::nullopt;
  }
  const auto port = Port::from_number(number);
  if (!port) return std::nullopt;
  return std::pair(IpAddress::from_bytes({bytes.data(), size}), *port);
}

}  // namespace sluice::lab
