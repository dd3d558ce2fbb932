#include "rules/kernel/differential/sockets.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <linux/netfilter_ipv4.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/socket.h>

namespace sluice::differential {
namespace {

tl::unexpected<Error> fail_errno(const std::string& what) {
  const int error = errno;
  return fail(Errc::Kernel, what + ": " + std::strerror(error), error);
}

/// New sockets belong to `owner` while this lives: a socket is a file, and its owner is the
/// filesystem identity of whoever made it.
class Impersonate {
 public:
  explicit Impersonate(Owner owner) {
    ::setfsgid(owner.gid.number);
    ::setfsuid(owner.uid.number);
    // These two return the former identity and no error.
    if (static_cast<std::uint32_t>(::setfsuid(static_cast<uid_t>(-1))) != owner.uid.number ||
        static_cast<std::uint32_t>(::setfsgid(static_cast<gid_t>(-1))) != owner.gid.number) {
      std::abort();
    }
  }
  ~Impersonate() {
    ::setfsuid(0);
    ::setfsgid(0);
  }
  Impersonate(const Impersonate&) = delete;
  Impersonate(Impersonate&&) = delete;
  Impersonate& operator=(const Impersonate&) = delete;
  Impersonate& operator=(Impersonate&&) = delete;
};

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  const std::string text = endpoint.address.to_string();
  return (endpoint.address.family() == Family::V4 ? text : "[" + text + "]") + ":" +
         std::to_string(endpoint.port);
}

SocketAddress socket_address(const Endpoint& endpoint) {
  return sluice::socket_address(endpoint.address, endpoint.port);
}

std::optional<Endpoint> endpoint_of(const SocketAddress& address) {
  const auto ip = address.address();
  if (!ip) return std::nullopt;
  return Endpoint{*ip, address.port()};
}

int domain(Family family) {
  return family == Family::V4 ? AF_INET : AF_INET6;
}

Result<UniqueFd> make_socket(Family family, int type, int protocol, Owner owner) {
  const Impersonate impersonate(owner);
  UniqueFd fd(::socket(domain(family), type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!fd) return fail_errno("making a socket");
  if (family == Family::V6 && type != SOCK_RAW)
    RETURN_IF_ERROR(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
  return fd;
}

Result<UniqueFd> make_socket(Family family, Protocol protocol, Owner owner) {
  return make_socket(family, protocol == Protocol::Tcp ? SOCK_STREAM : SOCK_DGRAM, 0, owner);
}

Result<void> set_option(const UniqueFd& socket, int level, int name, int value) {
  if (::setsockopt(socket.get(), level, name, &value, sizeof(value)) == 0) return {};
  return fail_errno("setting socket option " + std::to_string(name));
}

Result<void> make_transparent(const UniqueFd& socket, Family family) {
  if (family == Family::V4) return set_option(socket, SOL_IP, IP_TRANSPARENT, 1);
  return set_option(socket, SOL_IPV6, IPV6_TRANSPARENT, 1);
}

Result<void> bind_to(const UniqueFd& socket, const Endpoint& endpoint) {
  const SocketAddress address = socket_address(endpoint);
  if (::bind(socket.get(), address.get(), address.size) == 0) return {};
  return fail_errno("binding to " + to_string(endpoint));
}

std::optional<Endpoint> local_endpoint(const UniqueFd& socket) {
  SocketAddress address;
  if (::getsockname(socket.get(), address.get(), &address.size) != 0) return std::nullopt;
  return endpoint_of(address);
}

std::optional<Endpoint> original_destination(const UniqueFd& socket, Family family) {
  SocketAddress address;
  // Both families' options have the same number, 80.
  const int level = family == Family::V4 ? SOL_IP : SOL_IPV6;
  if (::getsockopt(socket.get(), level, SO_ORIGINAL_DST, &address.storage, &address.size) != 0) {
    return std::nullopt;
  }
  return endpoint_of(address);
}

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

bool wait_for(const UniqueFd& socket, short events, Deadline deadline) {
  pollfd one{socket.get(), events, 0};
  return ::poll(&one, 1, milliseconds_until(deadline)) > 0;
}

}  // namespace sluice::differential
