#include "rules/kernel/differential/listeners.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace sluice::differential {
namespace {

constexpr Owner kApp{Uid{1000}, Gid{1000}};
constexpr int kBacklog = 16;

IpAddress any_address(Family family) {
  return address(family == Family::V4 ? "0.0.0.0" : "::");
}

/// What a client sends in its first bytes; the listener sends it back.
constexpr char kQuestion = '?';

bool receive_byte(const UniqueFd& socket, Deadline deadline) {
  char byte = 0;
  return wait_for(socket, POLLIN, deadline) && ::recv(socket.get(), &byte, 1, 0) == 1;
}

/// Both sides of a connection hear each other.
bool converse(const UniqueFd& client, const UniqueFd& server, Deadline deadline) {
  if (!wait_for(client, POLLOUT, deadline)) return false;
  if (::send(client.get(), &kQuestion, 1, MSG_NOSIGNAL) != 1) return false;
  if (!receive_byte(server, deadline)) return false;
  if (::send(server.get(), &kQuestion, 1, MSG_NOSIGNAL) != 1) return false;
  return receive_byte(client, deadline);
}

/// Closing resets, so that the port is free again at once.
void reset_on_close(const UniqueFd& socket) {
  const linger now{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

struct Datagram {
  Endpoint source;
  Endpoint destination;
};

/// The destination as the packet had it, which is not the socket's own where it is transparent.
std::optional<Endpoint> destination_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    const bool v4 = part->cmsg_level == SOL_IP && part->cmsg_type == IP_ORIGDSTADDR;
    const bool v6 = part->cmsg_level == SOL_IPV6 && part->cmsg_type == IPV6_ORIGDSTADDR;
    if (!v4 && !v6) continue;
    SocketAddress address;
    std::memcpy(&address.storage, CMSG_DATA(part), v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    return endpoint_of(address);
  }
  return std::nullopt;
}

std::optional<Datagram> receive_datagram(const UniqueFd& socket) {
  char byte = 0;
  alignas(cmsghdr) char control[256];
  SocketAddress source;
  iovec payload{&byte, 1};
  msghdr message{};
  message.msg_name = &source.storage;
  message.msg_namelen = source.size;
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  if (::recvmsg(socket.get(), &message, 0) < 0) return std::nullopt;
  const auto from = endpoint_of(source);
  const auto destination = destination_of(message);
  if (!from || !destination) return std::nullopt;
  return Datagram{*from, *destination};
}

}  // namespace

Result<Listeners> Listeners::open(const World& world) {
  Listeners listeners(world);
  for (const Family family : {Family::V4, Family::V6}) {
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
      RETURN_IF_ERROR(listeners.listen(Place::Peer, family, protocol, kPeerPort, kApp));
    }
  }
  return listeners;
}

Result<void> Listeners::listen(Place place, Family family, Protocol protocol, std::uint16_t port,
                               Owner owner) {
  const Inside inside(place == Place::Pod ? world_->pod() : world_->peer());
  ASSIGN_OR_RETURN(UniqueFd fd, make_socket(family, protocol, owner));
  // The app's too: in this world it is asked for addresses that are not its own.
  RETURN_IF_ERROR(make_transparent(fd, family));
  RETURN_IF_ERROR(set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1));
  if (protocol == Protocol::Udp) {
    RETURN_IF_ERROR(family == Family::V4 ? set_option(fd, SOL_IP, IP_RECVORIGDSTADDR, 1)
                                         : set_option(fd, SOL_IPV6, IPV6_RECVORIGDSTADDR, 1));
  }
  RETURN_IF_ERROR(bind_to(fd, {any_address(family), port}));
  if (protocol == Protocol::Tcp && ::listen(fd.get(), kBacklog) != 0) {
    return fail(Errc::Kernel, std::string("listening: ") + std::strerror(errno), errno);
  }
  (place == Place::Pod ? pod_ : peer_)
      .push_back({std::move(fd), place, family, protocol, port, owner});
  return {};
}

bool Listeners::listens_on(Family family, Protocol protocol, std::uint16_t port) const {
  return std::any_of(pod_.begin(), pod_.end(), [&](const Listener& l) {
    return l.family == family && l.protocol == protocol && l.port == port;
  });
}

Result<void> Listeners::open_proxy(const RedirectPolicy& policy, Owner owner) {
  close_pod();
  for (const Family family : {Family::V4, Family::V6}) {
    for (const Port port : {policy.ports.outbound, policy.ports.inbound, policy.ports.dns}) {
      if (listens_on(family, Protocol::Tcp, port.number())) continue;
      RETURN_IF_ERROR(listen(Place::Pod, family, Protocol::Tcp, port.number(), owner));
    }
    const std::uint16_t dns = policy.ports.dns.number();
    RETURN_IF_ERROR(listen(Place::Pod, family, Protocol::Udp, dns, owner));
  }
  return {};
}

void Listeners::close_pod() {
  pod_.clear();
}

Result<void> Listeners::open_app(const Packet& packet) {
  const std::uint16_t port = packet.dst_port.number();
  if (listens_on(packet.dst.family(), packet.protocol, port)) return {};
  return listen(Place::Pod, packet.dst.family(), packet.protocol, port, kApp);
}

Landing Listeners::await(const UniqueFd& client, const Packet& packet, Deadline deadline) {
  std::vector<pollfd> polled;
  std::vector<const Listener*> listeners;
  for (const auto* group : {&pod_, &peer_}) {
    for (const Listener& listener : *group) {
      if (listener.family != packet.dst.family() || listener.protocol != packet.protocol) continue;
      polled.push_back({listener.fd.get(), POLLIN, 0});
      listeners.push_back(&listener);
    }
  }
  // POLLERR and POLLHUP alone: the client is refused, and nobody will come.
  polled.push_back({client.get(), 0, 0});
  while (::poll(polled.data(), polled.size(), milliseconds_until(deadline)) > 0) {
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      if ((polled[i].revents & POLLIN) == 0) continue;
      if (auto landing = take(*listeners[i], client, packet, deadline)) return *landing;
    }
    if (polled.back().revents == 0) continue;
    Landing refused;
    int error = 0;
    socklen_t length = sizeof(error);
    ::getsockopt(client.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    refused.note = std::strerror(error);
    return refused;
  }
  return {};
}

std::optional<Landing> Listeners::take(const Listener& listener, const UniqueFd& client,
                                       const Packet& packet, Deadline deadline) {
  auto landing = packet.protocol == Protocol::Tcp ? take_connection(listener, client, deadline)
                                                  : take_datagram(listener, client, deadline);
  // Someone else: a connection that was given up while it was on its way.
  if (landing && landing->source->port != packet.src_port.value().number()) return std::nullopt;
  return landing;
}

std::optional<Landing> Listeners::take_connection(const Listener& listener, const UniqueFd& client,
                                                  Deadline deadline) {
  SocketAddress source;
  const UniqueFd server(
      ::accept4(listener.fd.get(), source.get(), &source.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!server) return std::nullopt;
  const auto local = local_endpoint(server);
  if (!local) return std::nullopt;
  Landing landing;
  landing.place = listener.place;
  landing.listener = listener.port;
  landing.local = *local;
  landing.source = endpoint_of(source);
  if (listener.place == Place::Pod) {
    landing.original = original_destination(server, listener.family);
  }
  landing.answered = converse(client, server, deadline);
  reset_on_close(server);
  return landing;
}

std::optional<Landing> Listeners::take_datagram(const Listener& listener, const UniqueFd& client,
                                                Deadline deadline) {
  const auto datagram = receive_datagram(listener.fd);
  if (!datagram) return std::nullopt;
  Landing landing;
  landing.place = listener.place;
  landing.listener = listener.port;
  landing.local = datagram->destination;
  landing.source = datagram->source;
  const auto sent = answer_datagram(listener, landing.local, datagram->source);
  if (!sent) landing.note = sent.error().message;
  landing.answered = sent && receive_byte(client, deadline);
  return landing;
}

Result<void> Listeners::answer_datagram(const Listener& listener, const Endpoint& from,
                                        const Endpoint& to) {
  // A socket of its own, because the listener is not bound to the address that was asked.
  const Inside inside(listener.place == Place::Pod ? world_->pod() : world_->peer());
  ASSIGN_OR_RETURN(const UniqueFd fd, make_socket(listener.family, Protocol::Udp, listener.owner));
  RETURN_IF_ERROR(make_transparent(fd, listener.family));
  RETURN_IF_ERROR(set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1));
  RETURN_IF_ERROR(bind_to(fd, from));
  const SocketAddress destination = socket_address(to);
  if (::sendto(fd.get(), &kQuestion, 1, 0, destination.get(), destination.size) == 1) return {};
  return fail(Errc::Kernel, std::string("answering: ") + std::strerror(errno), errno);
}

}  // namespace sluice::differential
