#include "rules/kernel/differential/random_packet.h"

#include <array>

#include "rules/kernel/differential/landing.h"
#include "rules/kernel/differential/world.h"

namespace sluice::differential {
namespace {

constexpr std::array<const char*, 8> kPlaces4{"203.0.113.7",  "203.0.113.80", "10.96.0.10",
                                              "192.168.77.1", "8.8.8.8",      "128.0.0.1",
                                              "10.0.0.1",     "9.255.255.255"};
constexpr std::array<const char*, 6> kPlaces6{
    "2001:db8::", "2001:db8::53", "2001:db9::", "fd00::1", "fd00::1:4", "fc00::1"};
constexpr std::array<const char*, 7> kOwn4{"127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.53",
                                           "10.0.0.5",  "10.0.0.6",  "10.1.2.3"};
constexpr std::array<const char*, 5> kOwn6{"::1", "::1", "::6", "fd00::5", "fd00::1:5"};
constexpr std::array<const char*, 3> kForeign4{"198.51.100.200", "10.96.0.10", "203.0.113.7"};
constexpr std::array<const char*, 2> kForeign6{"2001:db8::53", "2001:db8:ffff::1"};
constexpr std::array<std::uint16_t, 9> kCommonPorts{80,    443,   8080,  15008, 15020,
                                                    15021, 15090, 15053, 3306};

template <std::size_t N>
IpAddress one_of(Dice& dice, const std::array<const char*, N>& texts) {
  return address(dice.pick(texts));
}

IpAddress before(const IpAddress& address) {
  std::array<std::uint8_t, 16> bytes{};
  const auto from = address.bytes();
  std::copy(from.begin(), from.end(), bytes.begin());
  for (std::size_t i = from.size(); i-- > 0;) {
    if (bytes[i]-- != 0) break;
  }
  return IpAddress::from_bytes({bytes.data(), from.size()});
}

/// One of the four values at the edges of `cidr`.
IpAddress edge(Dice& dice, const Cidr& cidr) {
  switch (dice.below(4)) {
    case 0:
      return cidr.address();
    case 1:
      return cidr.last();
    case 2:
      return before(cidr.address());
    default:
      return next(cidr.last());
  }
}

/// Addresses to which this world's stack sends like to any other.
bool is_ordinary(const IpAddress& address) {
  const auto bytes = address.bytes();
  // The ends of 127.0.0.0/8 are lo's broadcast addresses.
  if (address == differential::address("127.255.255.255")) return false;
  if (address == differential::address("127.0.0.0")) return false;
  if (address.family() == Family::V4) return bytes[0] != 0 && bytes[0] < 224;
  if (is_local_to_pod(address)) return true;
  return bytes[0] >= 0x20 && bytes[0] < 0xFE;
}

/// Addresses that do not reach the pod from outside, or which it does not take from there.
bool is_peers_own(const IpAddress& destination) {
  if (destination.is_loopback() || destination == address("::6")) return true;
  for (const Interface& interface : kInterfaces) {
    if (destination == address(interface.peer_v4) || destination == address(interface.peer_v6)) {
      return true;
    }
  }
  return false;
}

std::vector<Cidr> cidrs_of(const RedirectPolicy& policy) {
  const OutboundRules& rules = policy.outbound;
  std::vector<Cidr> cidrs(rules.exclude_cidrs.begin(), rules.exclude_cidrs.end());
  if (const auto* included = std::get_if<std::set<Cidr>>(&rules.include_cidrs)) {
    cidrs.insert(cidrs.end(), included->begin(), included->end());
  }
  if (const auto* servers = std::get_if<std::set<IpAddress>>(&policy.dns_servers)) {
    for (const IpAddress& server : *servers) {
      cidrs.push_back(Cidr::containing(server, server.family() == Family::V4 ? 32 : 128));
    }
  }
  cidrs.push_back(policy.loopback_cidr);
  return cidrs;
}

std::vector<PortRange> port_ranges_of(const RedirectPolicy& policy, Direction direction) {
  std::vector<PortRange> ranges;
  const auto add = [&](const PortSet& set) {
    ranges.insert(ranges.end(), set.ranges().begin(), set.ranges().end());
  };
  if (direction == Direction::Out) {
    add(policy.outbound.include_ports);
    add(policy.outbound.exclude_ports);
  } else {
    add(policy.inbound.exclude);
    if (const auto* included = std::get_if<PortSet>(&policy.inbound.include)) add(*included);
  }
  return ranges;
}

Port random_port(Dice& dice, const RedirectPolicy& policy, Direction direction) {
  const auto ranges = port_ranges_of(policy, direction);
  if (!ranges.empty() && dice.percent(55)) {
    const PortRange& range = dice.pick(ranges);
    const std::array<int, 4> edges{range.first.number(), range.last.number(),
                                   range.first.number() - 1, range.last.number() + 1};
    if (const auto port = Port::from_number(dice.pick(edges))) return *port;
  }
  switch (dice.below(5)) {
    case 0:
      return dice.pick(std::array{policy.ports.outbound, policy.ports.inbound, policy.ports.tunnel,
                                  policy.ports.dns});
    case 1:
      return Port{53};
    case 2:
      return Port::from_number(static_cast<std::int64_t>(1 + dice.below(65535))).value();
    default:
      return Port::from_number(dice.pick(kCommonPorts)).value();
  }
}

IpAddress random_destination(Dice& dice, const RedirectPolicy& policy, Direction direction) {
  if (dice.percent(40)) {
    const IpAddress chosen = edge(dice, dice.pick(cidrs_of(policy)));
    if (is_ordinary(chosen)) return chosen;
  }
  const bool v4 = dice.percent(55);
  const bool own = dice.percent(direction == Direction::Out ? 45 : 80);
  if (own) return v4 ? one_of(dice, kOwn4) : one_of(dice, kOwn6);
  return v4 ? one_of(dice, kPlaces4) : one_of(dice, kPlaces6);
}

template <class Id>
Id random_id(Dice& dice, const std::set<Id>& proxys, const std::vector<std::set<Id>>& lists) {
  std::vector<Id> chosen;
  if (!proxys.empty() && dice.percent(25)) chosen.push_back(dice.any_of(proxys));
  for (const auto& list : lists) {
    if (!list.empty() && dice.percent(40)) chosen.push_back(dice.any_of(list));
  }
  // A user namespace has not every id.
  if (!chosen.empty() && chosen.front().number < id_count()) return chosen.front();
  return Id{dice.pick(std::array<std::uint32_t, 5>{0, 1000, 1000, 1338, 4242})};
}

void choose_owner(Dice& dice, const RedirectPolicy& policy, Packet& packet) {
  const OutboundRules& rules = policy.outbound;
  packet.uid = random_id<Uid>(dice, policy.proxy.uids, {rules.exclude_uids});
  std::vector<std::set<Gid>> groups{rules.exclude_groups};
  if (const auto* included = std::get_if<std::set<Gid>>(&rules.include_groups)) {
    groups.push_back(*included);
  }
  packet.gid = random_id<Gid>(dice, policy.proxy.gids, groups);
}

void choose_out_source(Dice& dice, const RedirectPolicy& policy, Packet& packet) {
  const bool v4 = packet.dst.family() == Family::V4;
  const bool local = is_local_to_pod(packet.dst);
  packet.src = pod_address(IfName::parse("eth0").value(), packet.dst.family());
  if (may_be_foreign(policy, packet) && dice.percent(60)) {
    packet.src = v4 ? one_of(dice, kForeign4) : one_of(dice, kForeign6);
  } else if (local && dice.percent(25)) {
    packet.src = address(v4 ? "127.0.0.6" : "::6");
  } else if (local && dice.percent(50)) {
    packet.src = packet.dst;
  } else if (dice.percent(30)) {
    packet.src =
        pod_address(IfName::parse(dice.pick(kInterfaces).name).value(), packet.dst.family());
  }
}

void choose_in_source(Dice& dice, Packet& packet) {
  const bool v4 = packet.dst.family() == Family::V4;
  packet.src = v4 ? one_of(dice, kForeign4) : one_of(dice, kForeign6);
  if (packet.src == packet.dst || dice.percent(60)) {
    packet.src = peer_address(packet.interface, packet.dst.family());
  }
}

/// Queries are few among all packets, and what they meet is particular.
void turn_into_query(Dice& dice, const RedirectPolicy& policy, Packet& packet) {
  packet.dst_port = Port{53};
  packet.protocol = dice.percent(75) ? Protocol::Udp : Protocol::Tcp;
  const auto* servers = std::get_if<std::set<IpAddress>>(&policy.dns_servers);
  if (servers == nullptr || servers->empty() || dice.percent(30)) return;
  const IpAddress& server = dice.any_of(*servers);
  if (is_ordinary(server)) packet.dst = server;
}

}  // namespace

Packet random_packet(Dice& dice, const RedirectPolicy& policy) {
  const auto direction = dice.percent(60) ? Direction::Out : Direction::In;
  Packet packet{.direction = direction,
                .protocol = dice.percent(75) ? Protocol::Tcp : Protocol::Udp,
                .dst = random_destination(dice, policy, direction),
                .dst_port = random_port(dice, policy, direction),
                .src = std::nullopt,
                .src_port = std::nullopt,
                .uid = {},
                .gid = {},
                .interface = IfName::loopback()};
  const bool query = policy.dns_servers != RedirectPolicy{}.dns_servers && dice.percent(30);
  if (query && direction == Direction::Out) turn_into_query(dice, policy, packet);
  if (packet.protocol == Protocol::Tcp && dice.percent(6)) packet.state = ConnState::Invalid;
  if (direction == Direction::Out) {
    choose_owner(dice, policy, packet);
    if (dice.percent(20)) {
      packet.mark = dice.pick(
          std::array{policy.tproxy.mark, policy.tproxy.mark, policy.tproxy.outbound_mark, Mark{9}});
    }
    packet.interface = route(policy, packet);
    choose_out_source(dice, policy, packet);
    packet.interface = route(policy, packet);
    return packet;
  }
  packet.interface = IfName::parse(dice.pick(kInterfaces).name).value();
  if (is_peers_own(packet.dst)) packet.dst = pod_address(packet.interface, packet.dst.family());
  choose_in_source(dice, packet);
  return packet;
}

std::string to_text(const Packet& packet) {
  const auto at = [](const IpAddress& address, const std::optional<Port>& port) {
    const std::string text = address.to_string();
    return (address.family() == Family::V4 ? text : "[" + text + "]") +
           (port ? ":" + std::to_string(port->number()) : "");
  };
  std::string text = packet.direction == Direction::In ? "in" : "out";
  text += packet.protocol == Protocol::Tcp ? " tcp " : " udp ";
  text += at(packet.dst, packet.dst_port);
  if (packet.src) text += " src=" + at(*packet.src, packet.src_port);
  if (packet.direction == Direction::Out) {
    text += " uid=" + std::to_string(packet.uid.number);
    text += " gid=" + std::to_string(packet.gid.number);
    if (packet.mark != Mark{}) text += " mark=" + std::to_string(packet.mark.number);
  }
  text += " if=" + packet.interface.text();
  return text + (packet.state == ConnState::Invalid ? " invalid" : "");
}

std::vector<Packet> simpler(const RedirectPolicy& policy, const Packet& packet) {
  std::vector<Packet> out;
  const auto consider = [&](const auto& change) {
    Packet candidate = packet;
    change(candidate);
    if (candidate.direction == Direction::Out) candidate.interface = route(policy, candidate);
    if (to_text(candidate) != to_text(packet)) out.push_back(candidate);
  };
  const bool foreign = packet.direction == Direction::Out && !is_local_to_pod(*packet.src);
  if (!foreign) consider([](Packet& p) { p.mark = {}; });
  consider([](Packet& p) { p.uid = Uid{1000}; });
  consider([](Packet& p) { p.gid = Gid{1000}; });
  consider([](Packet& p) { p.dst_port = Port{80}; });
  if (!foreign) {
    const IfName eth0 = IfName::parse("eth0").value();
    consider([&](Packet& p) {
      if (p.direction == Direction::In) p.interface = eth0;
      p.src = p.direction == Direction::In ? peer_address(eth0, p.dst.family())
                                           : pod_address(eth0, p.dst.family());
    });
  }
  return out;
}

}  // namespace sluice::differential
