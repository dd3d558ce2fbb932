#pragma once

// What a pod's redirect is: the one value between everything that reads (annotations, JSON) and
// everything that acts (decide, plan, the kernel). Each field holds exactly what was asked for;
// what its fields mean together, in which order, is written in steps.cpp and nowhere else.

#include <array>
#include <cstdint>
#include <set>
#include <variant>

#include "rules/base/address.h"
#include "rules/base/ids.h"
#include "rules/base/port.h"

namespace sluice {

/// The user and group that Istio's proxy runs as.
inline constexpr std::uint32_t kDefaultProxyId = 1337;

/// Listeners of the proxy's own that are meant to be reached from outside: merged metrics, health,
/// Envoy's metrics.
inline constexpr Port kAgentPort{15020};
inline constexpr std::array kProxyServices{kAgentPort, Port{15021}, Port{15090}};

enum class Mode {
  Redirect,  ///< inbound by NAT: the app's peer sees the proxy's address as source
  Tproxy,    ///< inbound by TPROXY: source addresses survive
  None,      ///< nothing is programmed
};

/// "*" in configuration.
struct All {
  bool operator==(const All&) const = default;
};

/// Everything, or just what is listed (an empty list: nothing).
template <class T>
using AllOr = std::variant<All, T>;

template <class T>
[[nodiscard]] bool is_all(const AllOr<T>& value) {
  return std::holds_alternative<All>(value);
}

/// How the kernel knows the proxy's own sockets: by any of the uids or any of the gids.
struct ProxyIdentity {
  std::set<Uid> uids{Uid{kDefaultProxyId}};
  std::set<Gid> gids{Gid{kDefaultProxyId}};
  bool operator==(const ProxyIdentity&) const = default;
};

/// Where the proxy listens.
struct ProxyPorts {
  Port outbound{15001};
  Port inbound{15006};
  Port tunnel{15008};  ///< HBONE: never redirected
  Port dns{15053};
  bool operator==(const ProxyPorts&) const = default;
};

struct InboundRules {
  AllOr<PortSet> include = All{};
  PortSet exclude;
  bool operator==(const InboundRules&) const = default;
};

struct OutboundRules {
  PortSet include_ports;  ///< redirected even where no included CIDR holds the address
  PortSet exclude_ports;
  AllOr<std::set<Cidr>> include_cidrs = All{};
  std::set<Cidr> exclude_cidrs;
  std::set<Uid> exclude_uids;
  AllOr<std::set<Gid>> include_groups = All{};
  std::set<Gid> exclude_groups;  ///< counts only while include_groups is All
  bool operator==(const OutboundRules&) const = default;
};

struct InterfaceRules {
  std::set<IfName> exclude;  ///< traffic through these is left alone, both ways
  std::set<IfName> reroute;  ///< a virtual machine behind these: inbound there is outbound
  bool operator==(const InterfaceRules&) const = default;
};

struct TproxySettings {
  Mark mark{1337};           ///< on packets that belong to the proxy; differs from outbound_mark
  Mark outbound_mark{1338};  ///< on the proxy's packets to the pod itself
  RouteTable route_table{133};
  bool operator==(const TproxySettings&) const = default;
};

struct RedirectPolicy {
  Mode mode = Mode::Redirect;
  ProxyIdentity proxy;
  ProxyPorts ports;
  InboundRules inbound;
  OutboundRules outbound;
  InterfaceRules interfaces;
  AllOr<std::set<IpAddress>> dns_servers = std::set<IpAddress>{};  ///< captured; empty: off
  bool drop_invalid = false;
  Cidr loopback_cidr = Cidr::containing(IpAddress::loopback_v4(), 32);  ///< IPv4
  TproxySettings tproxy;
  bool operator==(const RedirectPolicy&) const = default;
};

}  // namespace sluice
