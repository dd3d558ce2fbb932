#include "rules/kernel/differential/invalid.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>

#include "rules/kernel/differential/segment.h"

namespace sluice::differential {
namespace {

/// No flags at all, or SYN together with FIN: conntrack's table of flags has neither.
Segment segment_of(const Packet& packet) {
  const Endpoint source{*packet.src, packet.src_port.value().number()};
  const std::uint8_t flags = source.port % 2 == 0 ? std::uint8_t{0} : std::uint8_t{kSyn | kFin};
  return make_segment(source, {packet.dst, packet.dst_port.number()}, source.port, flags);
}

Result<UniqueFd> open_raw(const Namespace& ns, Family family) {
  const Inside inside(ns);
  return make_socket(family, SOCK_RAW, IPPROTO_TCP, Owner{});
}

/// Whether one of the segments that `raw` has received is `sent`, whatever NAT made of its
/// destination.
bool has_received(const UniqueFd& raw, Family family, const Segment& sent) {
  std::array<std::uint8_t, 256> buffer{};
  for (;;) {
    const ssize_t length = ::recv(raw.get(), buffer.data(), buffer.size(), 0);
    if (length < 0) return false;
    // IPv4 raw sockets see the network header, IPv6 ones do not.
    const std::size_t skip = family == Family::V4 ? (buffer[0] & 0xFU) * 4U : 0U;
    if (static_cast<std::size_t>(length) < skip + sent.size()) continue;
    const std::uint8_t* segment = buffer.data() + skip;
    const bool same_source = std::memcmp(segment, sent.data(), 2) == 0;
    constexpr std::size_t kSequence = 4;
    constexpr std::size_t kFlags = 13;
    if (same_source && std::memcmp(segment + kSequence, sent.data() + kSequence, 4) == 0 &&
        segment[kFlags] == sent[kFlags]) {
      return true;
    }
  }
}

}  // namespace

Result<Landing> send_invalid(const World& world, const UniqueFd& client, const Packet& packet,
                             Deadline deadline) {
  const Family family = packet.dst.family();
  ASSIGN_OR_RETURN(const UniqueFd in_pod, open_raw(world.pod(), family));
  ASSIGN_OR_RETURN(const UniqueFd at_peer, open_raw(world.peer(), family));
  const Segment segment = segment_of(packet);
  const SocketAddress destination = socket_address(Endpoint{packet.dst, 0});
  Landing landing;
  if (::sendto(client.get(), segment.data(), segment.size(), 0, destination.get(),
               destination.size) < 0) {
    landing.note = std::string("send: ") + std::strerror(errno);
    return landing;
  }
  // The one that sends is a raw socket too, and may be handed what it sent.
  std::array<pollfd, 2> polled{{{in_pod.get(), POLLIN, 0}, {at_peer.get(), POLLIN, 0}}};
  while (::poll(polled.data(), polled.size(), milliseconds_until(deadline)) > 0) {
    if (has_received(in_pod, family, segment)) landing.place = Place::Pod;
    if (has_received(at_peer, family, segment)) landing.place = Place::Peer;
    if (landing.place != Place::Nowhere) break;
  }
  return landing;
}

}  // namespace sluice::differential
