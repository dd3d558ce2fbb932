#include "rules/policy/random_policy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace sluice {
namespace {

/// Draws without std::uniform_int_distribution, whose results are the library's own affair.
class Dice {
 public:
  explicit Dice(std::mt19937_64& engine) : engine_(engine) {}

  /// 0 to `sides` - 1.
  std::size_t roll(std::size_t sides) { return static_cast<std::size_t>(engine_() % sides); }
  bool one_in(std::size_t sides) { return roll(sides) == 0; }

  template <class Values>
  auto one_of(const Values& values) {
    return values[roll(std::size(values))];
  }

  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64& engine_;
};

Port port_number(std::size_t number) {
  return Port::from_number(static_cast<std::int64_t>(number)).value();
}

/// The ends of the range, well-known ports, and the ones the redirect itself uses.
Port random_port(Dice& dice) {
  constexpr std::array<std::uint16_t, 16> kPorts = {
      1, 2, 53, 79, 80, 81, 443, 8079, 8080, 15001, 15006, 15008, 15020, 15053, 65534, 65535};
  return port_number(dice.one_in(4) ? 1 + dice.roll(65535) : dice.one_of(kPorts));
}

PortRange random_port_range(Dice& dice) {
  const Port first = random_port(dice);
  if (dice.one_in(2)) return {first, first};
  const std::size_t length = dice.one_in(8) ? dice.roll(65536) : dice.roll(20);
  return {first, port_number(std::min<std::size_t>(first.number() + length, 65535))};
}

PortSet random_ports(Dice& dice) {
  std::vector<PortRange> ranges;
  for (std::size_t i = dice.roll(5); i > 0; --i) {
    ranges.push_back(random_port_range(dice));
    // A neighbour, which the set must merge.
    const Port last = ranges.back().last;
    if (dice.one_in(4) && last.number() < 65535) ranges.push_back({next(last), next(last)});
  }
  return PortSet(std::move(ranges));
}

std::uint32_t random_id(Dice& dice) {
  constexpr std::array<std::uint32_t, 9> kIds = {0,     1,     1000,       1001,      1337,
                                                 65534, 65535, 2147483648, 4294967294};
  return dice.one_of(kIds);
}

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

/// Few enough that two lists of one policy often hold the same or each other's neighbours.
IpAddress random_address(Dice& dice) {
  constexpr std::array<std::string_view, 14> kAddresses = {
      "10.0.0.1",  "10.0.0.5", "10.0.0.255",      "10.1.2.3", "192.168.77.1", "127.0.0.1",
      "127.0.0.6", "0.0.0.0",  "255.255.255.255", "fd00::5",  "fd00::1:5",    "2001:db8::",
      "::1",       "::6"};
  return address(dice.one_of(kAddresses));
}

Cidr random_cidr(Dice& dice) {
  constexpr std::array<int, 7> kV4 = {0, 1, 8, 15, 24, 31, 32};
  constexpr std::array<int, 7> kV6 = {0, 1, 8, 64, 112, 127, 128};
  const IpAddress inside = random_address(dice);
  return Cidr::containing(inside, dice.one_of(inside.family() == Family::V4 ? kV4 : kV6));
}

IfName random_interface(Dice& dice) {
  constexpr std::array<std::string_view, 6> kNames = {"eth0", "lo",    "net1",
                                                      "a",    "net-1", "abcdefghijklmno"};
  return IfName::parse(dice.one_of(kNames)).value();
}

template <class T, class Draw>
std::set<T> random_set(Dice& dice, std::size_t least, Draw draw) {
  std::set<T> values;
  for (std::size_t i = least + dice.roll(4); i > 0; --i) values.insert(T{draw(dice)});
  return values;
}

template <class T, class Draw>
AllOr<std::set<T>> all_or_random_set(Dice& dice, Draw draw) {
  if (dice.one_in(4)) return All{};
  return random_set<T>(dice, 0, draw);
}

/// The four listeners stay apart, so that where a connection ends says which one it was sent to.
void random_listeners(Dice& dice, ProxyPorts& ports) {
  ports.outbound = port_number(dice.one_in(4) ? 1 : 21000 + dice.roll(100));
  ports.inbound = port_number(dice.one_in(4) ? 65535 : 22000 + dice.roll(100));
  ports.tunnel = port_number(23000 + dice.roll(100));
  ports.dns = port_number(24000 + dice.roll(100));
}

void random_tproxy(Dice& dice, TproxySettings& tproxy) {
  constexpr std::array<std::uint32_t, 5> kMarks = {1, 1337, 1338, 0x80000000, 0xFFFFFFFF};
  constexpr std::array<std::uint32_t, 5> kTables = {1, 133, 252, 256, 0xFFFFFFFF};
  const std::size_t first = dice.roll(kMarks.size());
  const std::size_t other = (first + 1 + dice.roll(kMarks.size() - 1)) % kMarks.size();
  tproxy.mark = Mark{kMarks.at(first)};
  tproxy.outbound_mark = Mark{kMarks.at(other)};
  tproxy.route_table = RouteTable{dice.one_of(kTables)};
}

void random_loopback(Dice& dice, Cidr& cidr) {
  constexpr std::array<int, 5> kPrefixes = {8, 16, 30, 31, 32};
  cidr = Cidr::containing(IpAddress::loopback_v4(), dice.one_of(kPrefixes));
}

using Draw = void (*)(Dice&, RedirectPolicy&);

/// One draw for each field.
constexpr std::array<Draw, 19> kDraws = {
    [](Dice& d, RedirectPolicy& p) {
      p.mode = d.one_of(std::array{Mode::Redirect, Mode::Tproxy, Mode::Tproxy, Mode::None});
    },
    [](Dice& d, RedirectPolicy& p) { p.proxy.uids = random_set<Uid>(d, 1, random_id); },
    [](Dice& d, RedirectPolicy& p) { p.proxy.gids = random_set<Gid>(d, 1, random_id); },
    // At most one of the two is empty: a proxy that nothing tells apart would be sent to itself.
    [](Dice& d, RedirectPolicy& p) {
      if (d.one_in(2)) {
        p.proxy.uids.clear();
      } else {
        p.proxy.gids.clear();
      }
    },
    [](Dice& d, RedirectPolicy& p) { random_listeners(d, p.ports); },
    [](Dice& d, RedirectPolicy& p) {
      p.inbound.include = d.one_in(4) ? AllOr<PortSet>(All{}) : random_ports(d);
    },
    [](Dice& d, RedirectPolicy& p) { p.inbound.exclude = random_ports(d); },
    [](Dice& d, RedirectPolicy& p) { p.outbound.include_ports = random_ports(d); },
    [](Dice& d, RedirectPolicy& p) { p.outbound.exclude_ports = random_ports(d); },
    [](Dice& d, RedirectPolicy& p) {
      p.outbound.include_cidrs = all_or_random_set<Cidr>(d, random_cidr);
    },
    [](Dice& d, RedirectPolicy& p) {
      p.outbound.exclude_cidrs = random_set<Cidr>(d, 0, random_cidr);
    },
    [](Dice& d, RedirectPolicy& p) { p.outbound.exclude_uids = random_set<Uid>(d, 0, random_id); },
    [](Dice& d, RedirectPolicy& p) {
      p.outbound.include_groups = all_or_random_set<Gid>(d, random_id);
      p.outbound.exclude_groups = random_set<Gid>(d, 0, random_id);
    },
    [](Dice& d, RedirectPolicy& p) {
      p.interfaces.exclude = random_set<IfName>(d, 0, random_interface);
    },
    [](Dice& d, RedirectPolicy& p) {
      p.interfaces.reroute = random_set<IfName>(d, 0, random_interface);
    },
    [](Dice& d, RedirectPolicy& p) {
      p.dns_servers = all_or_random_set<IpAddress>(d, random_address);
    },
    [](Dice& d, RedirectPolicy& p) { p.drop_invalid = !d.one_in(4); },
    [](Dice& d, RedirectPolicy& p) { random_loopback(d, p.loopback_cidr); },
    [](Dice& d, RedirectPolicy& p) { random_tproxy(d, p.tproxy); },
};

/// Calls `visit` with an accessor for each field of a policy.
template <class Visit>
void each_field(Visit visit) {
  visit([](auto& p) -> auto& { return p.mode; });
  visit([](auto& p) -> auto& { return p.proxy.uids; });
  visit([](auto& p) -> auto& { return p.proxy.gids; });
  visit([](auto& p) -> auto& { return p.ports; });
  visit([](auto& p) -> auto& { return p.inbound.include; });
  visit([](auto& p) -> auto& { return p.inbound.exclude; });
  visit([](auto& p) -> auto& { return p.outbound.include_ports; });
  visit([](auto& p) -> auto& { return p.outbound.exclude_ports; });
  visit([](auto& p) -> auto& { return p.outbound.include_cidrs; });
  visit([](auto& p) -> auto& { return p.outbound.exclude_cidrs; });
  visit([](auto& p) -> auto& { return p.outbound.exclude_uids; });
  visit([](auto& p) -> auto& { return p.outbound.include_groups; });
  visit([](auto& p) -> auto& { return p.outbound.exclude_groups; });
  visit([](auto& p) -> auto& { return p.interfaces.exclude; });
  visit([](auto& p) -> auto& { return p.interfaces.reroute; });
  visit([](auto& p) -> auto& { return p.dns_servers; });
  visit([](auto& p) -> auto& { return p.drop_invalid; });
  visit([](auto& p) -> auto& { return p.loopback_cidr; });
  visit([](auto& p) -> auto& { return p.tproxy; });
}

/// `value` with one element less, for each element. Other values have none.
template <class T>
std::vector<T> with_less(const T& /*value*/) {
  return {};
}

template <class T>
std::vector<std::set<T>> with_less(const std::set<T>& value) {
  std::vector<std::set<T>> out;
  for (const T& element : value) {
    out.push_back(value);
    out.back().erase(element);
  }
  return out;
}

std::vector<PortSet> with_less(const PortSet& value) {
  std::vector<PortSet> out;
  const std::vector<PortRange>& ranges = value.ranges();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    std::vector<PortRange> rest = ranges;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    out.emplace_back(rest);
    if (ranges[i].first == ranges[i].last) continue;
    rest.push_back({ranges[i].first, ranges[i].first});
    out.emplace_back(std::move(rest));
  }
  return out;
}

template <class T>
std::vector<AllOr<T>> with_less(const AllOr<T>& value) {
  std::vector<AllOr<T>> out;
  if (is_all(value)) return out;
  for (T& less : with_less(std::get<T>(value))) out.emplace_back(std::move(less));
  return out;
}

}  // namespace

RedirectPolicy random_policy(std::mt19937_64& engine) {
  Dice dice(engine);
  RedirectPolicy policy;
  if (dice.one_in(3)) {
    dice.one_of(kDraws)(dice, policy);
    return policy;
  }
  const std::size_t sparseness = 1 + dice.roll(4);
  for (const Draw draw : kDraws) {
    if (dice.one_in(sparseness)) draw(dice, policy);
  }
  return policy;
}

std::vector<RedirectPolicy> shrink(const RedirectPolicy& policy) {
  const RedirectPolicy plain;
  std::vector<RedirectPolicy> simpler;
  each_field([&](auto field) {
    // A field at its default stays there, or a list with a default would go round in circles.
    if (field(policy) == field(plain)) return;
    RedirectPolicy copy = policy;
    field(copy) = field(plain);
    simpler.push_back(copy);
    for (auto&& less : with_less(field(policy))) {
      if (less == field(plain)) continue;  // as above
      field(copy) = std::move(less);
      const bool known = !copy.proxy.uids.empty() || !copy.proxy.gids.empty();
      if (known) simpler.push_back(copy);
    }
  });
  return simpler;
}

}  // namespace sluice
