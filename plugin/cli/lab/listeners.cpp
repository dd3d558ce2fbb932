#include "plugin/cli/lab/listeners.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <unistd.h>

#include "rules/kernel/socket_address.h"

namespace sluice::lab {
namespace {

// SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST, whose kernel headers clash with libc's.
constexpr int kOriginalDst = 80;

struct Listener {
  UniqueFd fd;
  Endpoint endpoint;
};

Result<Listener> open_listener(const Endpoint& endpoint, Transparency transparency) {
  const bool v4 = endpoint.address.family() == Family::V4;
  const bool tcp = endpoint.protocol == Protocol::Tcp;
  const auto failed = [&](const char* step) {
    return fail(Errc::Io,
                std::string(step) + " " + to_string(endpoint.address, endpoint.port) + ": " +
                    std::strerror(errno),
                errno);
  };
  UniqueFd fd(
      ::socket(domain_of(endpoint.address), (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  if (!fd) return failed("socket for");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (!v4) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (transparency == Transparency::Tproxy &&
      ::setsockopt(fd.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT,
                   &on, sizeof(on)) != 0) {
    return failed("IP_TRANSPARENT on");
  }
  const SocketAddress address = socket_address(endpoint.address, endpoint.port.number());
  if (::bind(fd.get(), address.get(), address.size) != 0) return failed("bind to");
  if (tcp && ::listen(fd.get(), 64) != 0) return failed("listen on");
  return Listener{std::move(fd), endpoint};
}

/// What the caller wanted, before NAT; for TPROXY that is the local address itself.
std::string destination(int fd, Family family) {
  SocketAddress address;
  const bool v4 = family == Family::V4;
  if (::getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, kOriginalDst, address.get(),
                   &address.size) != 0) {
    address = {};
    ::getsockname(fd, address.get(), &address.size);
  }
  const auto ip = address.address();
  const auto port = Port::from_number(address.port());
  return ip && port ? to_string(*ip, *port) : "?";
}

void answer_call(const Listener& listener, const std::string& who) {
  const UniqueFd call(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!call) return;
  const std::string line =
      who + " " + destination(call.get(), listener.endpoint.address.family()) + "\n";
  if (::send(call.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) return;
}

void answer_datagram(const Listener& listener, const std::string& who) {
  std::array<char, 512> buffer{};
  SocketAddress from;
  if (::recvfrom(listener.fd.get(), buffer.data(), buffer.size(), 0, from.get(), &from.size) < 0)
    return;
  // Where a datagram was meant to go is not to be had without conntrack's help.
  const std::string line = who + " -\n";
  if (::sendto(listener.fd.get(), line.data(), line.size(), 0, from.get(), from.size) < 0) return;
}

[[noreturn]] void serve(const std::vector<Listener>& listeners, const std::string& who) {
  std::vector<pollfd> waiting;
  for (const Listener& listener : listeners) waiting.push_back({listener.fd.get(), POLLIN, 0});
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) ::_exit(1);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if ((waiting[i].revents & POLLIN) == 0) continue;
      if (listeners[i].endpoint.protocol == Protocol::Tcp) {
        answer_call(listeners[i], who);
      } else {
        answer_datagram(listeners[i], who);
      }
    }
  }
}

}  // namespace

std::string to_string(const IpAddress& address, Port port) {
  const std::string text = address.to_string();
  return (address.family() == Family::V4 ? text : "[" + text + "]") + ":" +
         std::to_string(port.number());
}

Result<Child> listen_as(const std::string& who, const Place& place,
                        const std::vector<Endpoint>& endpoints, Transparency transparency) {
  std::vector<Listener> listeners;
  const auto prepare = [&]() -> Result<void> {
    for (const Endpoint& endpoint : endpoints) {
      auto listener = open_listener(endpoint, transparency);
      if (!listener) return fail(std::move(listener).error().wrap(who));
      listeners.push_back(std::move(*listener));
    }
    return {};
  };
  return start(place, prepare, [&] { serve(listeners, who); });
}

}  // namespace sluice::lab
