#include "rules/policy/steps.h"

#include <algorithm>
#include <iterator>

#include "rules/policy/annotations.h"

namespace sluice {
namespace {

using Steps = std::vector<Step>;

constexpr Port kDnsPort{53};
constexpr Zone kProxyZone{1};  // the proxy's own queries and their answers
constexpr Zone kAppZone{2};    // the app's captured queries and their answers

const RedirectPolicy& defaults() {
  static const RedirectPolicy policy;
  return policy;
}

/// Who asked for a value: `annotation`, unless the value is what everybody gets.
template <class T>
std::string origin(const T& value, const T& default_value, std::string_view annotation) {
  return value == default_value ? "default" : std::string(annotation);
}

PortSet ports(std::initializer_list<Port> list) {
  std::vector<PortRange> ranges;
  for (const Port port : list) ranges.push_back({port, port});
  return PortSet(std::move(ranges));
}

std::set<Cidr> hosts(const std::set<IpAddress>& addresses) {
  std::set<Cidr> cidrs;
  for (const IpAddress& address : addresses) {
    cidrs.insert(Cidr::containing(address, address.family() == Family::V4 ? 32 : 128));
  }
  return cidrs;
}

std::set<Cidr> loopback(const RedirectPolicy& policy) {
  return {policy.loopback_cidr, Cidr::containing(IpAddress::loopback_v6(), 128)};
}

/// From these the proxy hands inbound connections on to the app.
std::set<Cidr> passthrough_sources() {
  return {Cidr::parse("127.0.0.6/32").value(), Cidr::parse("::6/128").value()};
}

OneProtocol tcp() {
  return {Protocol::Tcp};
}
OneProtocol udp() {
  return {Protocol::Udp};
}
InInterface in_loopback() {
  return {{IfName::loopback()}};
}
OutInterface out_loopback() {
  return {{IfName::loopback()}};
}
InInterface in_any_of(const std::set<IfName>& names, std::string_view list) {
  return {names, list};
}
DstAddress to_loopback(const RedirectPolicy& policy, Sense sense) {
  return {loopback(policy), "loopback", sense};
}
SocketUid owned_by_uid(const RedirectPolicy& policy, Sense sense = Sense::Is) {
  return {policy.proxy.uids, "proxy_uids", sense};
}
SocketGid owned_by_gid(const RedirectPolicy& policy, Sense sense = Sense::Is) {
  return {policy.proxy.gids, "proxy_gids", sense};
}

bool captures_dns(const RedirectPolicy& policy) {
  return is_all(policy.dns_servers) || !std::get<1>(policy.dns_servers).empty();
}

std::string dns_origin() {
  return std::string(kDnsCapture);
}

/// `tests`, and the address test for what DNS capture covers, where it does not cover everything.
template <class AddressTest>
std::vector<Match> to_captured_server(const RedirectPolicy& policy, std::vector<Match> tests) {
  if (const auto* servers = std::get_if<std::set<IpAddress>>(&policy.dns_servers)) {
    tests.emplace_back(AddressTest{hosts(*servers), "dns_servers"});
  }
  return tests;
}

/// One round of step 4, for the proxy's uids or for its gids: `owned` and `not_owned` test them.
void append_owner_round(Steps& steps, const RedirectPolicy& policy, const std::string& kind,
                        const Match& owned, const Match& not_owned) {
  const std::string who = origin(policy.proxy, defaults().proxy, "istio-proxy securityContext");
  const bool dns = captures_dns(policy);

  std::vector<Match> self_call{tcp(), out_loopback(), to_loopback(policy, Sense::IsNot),
                               DstPort{ports({policy.ports.tunnel}), {}, Sense::IsNot}};
  if (dns && kind == "uid") self_call.emplace_back(DstPort{ports({kDnsPort}), {}, Sense::IsNot});
  self_call.push_back(owned);
  steps.push_back({"outbound 4a " + kind, "the proxy calling its own pod is inbound", who,
                   std::move(self_call), RedirectTo{Listener::Inbound, policy.ports.inbound}});

  // Someone who includes loopback by its own address wants these redirected.
  const auto* included = std::get_if<std::set<Cidr>>(&policy.outbound.include_cidrs);
  const bool loopback_included =
      included != nullptr && std::any_of(included->begin(), included->end(),
                                         [](const Cidr& c) { return c.address().is_loopback(); });
  if (!loopback_included) {
    std::vector<Match> local{out_loopback(), not_owned};
    if (dns) local.insert(local.begin(), {tcp(), DstPort{ports({kDnsPort}), {}, Sense::IsNot}});
    steps.push_back({"outbound 4b " + kind, "the app calling its own pod is left alone", who,
                     std::move(local), Pass{}});
  }
  steps.push_back({"outbound 4c " + kind, "the proxy's own traffic", who, {owned}, Pass{}});
}

/// Step 5: whose traffic is not redirected at all.
void append_owner_choice(Steps& steps, const OutboundRules& rules) {
  if (const auto* included = std::get_if<std::set<Gid>>(&rules.include_groups)) {
    std::vector<Match> outside;
    if (!included->empty()) {
      outside.emplace_back(SocketGid{*included, "included_groups", Sense::IsNot});
    }
    steps.push_back({"outbound 5", "by a group that is not included",
                     "policy outbound.includeGroups", std::move(outside), Pass{}});
  } else if (!rules.exclude_groups.empty()) {
    steps.push_back({"outbound 5",
                     "by an excluded group",
                     "policy outbound.excludeGroups",
                     {SocketGid{rules.exclude_groups, "excluded_groups"}},
                     Pass{}});
  }
  if (!rules.exclude_uids.empty()) {
    steps.push_back({"outbound 5",
                     "by an excluded uid",
                     std::string(kExcludeOutboundUids),
                     {SocketUid{rules.exclude_uids, "excluded_uids"}},
                     Pass{}});
  }
}

/// Steps 6 to 10: what is redirected.
void append_outbound_choice(Steps& steps, const RedirectPolicy& policy) {
  const OutboundRules& rules = policy.outbound;
  if (captures_dns(policy)) {
    for (const OneProtocol& protocol : {tcp(), udp()}) {
      steps.push_back(
          {"outbound 6", "DNS query", dns_origin(),
           to_captured_server<DstAddress>(policy, {protocol, DstPort{ports({kDnsPort})}}),
           RedirectTo{Listener::Dns, policy.ports.dns}});
    }
  }
  steps.push_back({"outbound 7",
                   "to loopback",
                   origin(policy.loopback_cidr, defaults().loopback_cidr, "policy loopbackCIDR"),
                   {to_loopback(policy, Sense::Is)},
                   Pass{}});
  if (!rules.exclude_cidrs.empty()) {
    steps.push_back({"outbound 8",
                     "to an excluded CIDR",
                     std::string(kExcludeOutboundIpRanges),
                     {DstAddress{rules.exclude_cidrs, "excluded_cidrs"}},
                     Pass{}});
  }
  const RedirectTo to_proxy{Listener::Outbound, policy.ports.outbound};
  if (!rules.include_ports.empty()) {
    steps.push_back({"outbound 9",
                     "TCP to an included port",
                     std::string(kIncludeOutboundPorts),
                     {tcp(), DstPort{rules.include_ports, "included_outbound_ports"}},
                     to_proxy});
  }
  if (is_all(rules.include_cidrs)) {
    steps.push_back({"outbound 10", "TCP to anywhere", "default", {tcp()}, to_proxy});
  } else if (const auto& cidrs = std::get<1>(rules.include_cidrs); !cidrs.empty()) {
    steps.push_back({"outbound 10",
                     "TCP to an included CIDR",
                     std::string(kIncludeOutboundIpRanges),
                     {tcp(), DstAddress{cidrs, "included_cidrs"}},
                     to_proxy});
  }
}

Steps nat_output(const RedirectPolicy& policy) {
  Steps steps;
  const OutboundRules& rules = policy.outbound;
  if (!policy.interfaces.exclude.empty()) {
    steps.push_back({"outbound 1",
                     "through an excluded interface",
                     std::string(kExcludeInterfaces),
                     {OutInterface{policy.interfaces.exclude, "excluded_interfaces"}},
                     Pass{}});
  }
  if (!rules.exclude_ports.empty()) {
    for (const OneProtocol& protocol : {tcp(), udp()}) {
      steps.push_back({"outbound 2",
                       "to an excluded port",
                       std::string(kExcludeOutboundPorts),
                       {protocol, DstPort{rules.exclude_ports, "excluded_outbound_ports"}},
                       Pass{}});
    }
  }
  steps.push_back({"outbound 3",
                   "the proxy handing inbound traffic to the app",
                   "default",
                   {out_loopback(), SrcAddress{passthrough_sources()}},
                   Pass{}});
  if (!policy.proxy.uids.empty()) {
    append_owner_round(steps, policy, "uid", owned_by_uid(policy),
                       owned_by_uid(policy, Sense::IsNot));
  }
  if (!policy.proxy.gids.empty()) {
    append_owner_round(steps, policy, "gid", owned_by_gid(policy),
                       owned_by_gid(policy, Sense::IsNot));
  }
  append_owner_choice(steps, rules);
  append_outbound_choice(steps, policy);
  return steps;
}

/// A virtual machine's traffic enters the pod through a rerouted interface, but is outbound.
void append_reroute(Steps& steps, const RedirectPolicy& policy) {
  const auto& names = policy.interfaces.reroute;
  if (names.empty()) return;
  const InInterface from_machine = in_any_of(names, "rerouted_interfaces");
  const auto* cidrs = std::get_if<std::set<Cidr>>(&policy.outbound.include_cidrs);
  if (cidrs == nullptr || !cidrs->empty()) {
    std::vector<Match> tests{tcp(), from_machine};
    if (cidrs != nullptr) tests.emplace_back(DstAddress{*cidrs, "included_cidrs"});
    steps.push_back({"inbound 1", "TCP from a virtual machine is outbound",
                     std::string(kRerouteVirtualInterfaces), std::move(tests),
                     RedirectTo{Listener::Outbound, policy.ports.outbound}});
  }
  steps.push_back({"inbound 1",
                   "other traffic from a virtual machine",
                   std::string(kRerouteVirtualInterfaces),
                   {from_machine},
                   Pass{}});
}

/// No inbound port is included: nothing goes to the inbound listener.
bool takes_no_inbound(const RedirectPolicy& policy) {
  return !is_all(policy.inbound.include) && std::get<1>(policy.inbound.include).empty();
}

/// `tests` and, where not every port is included, that the port is.
std::vector<Match> to_included_port(const RedirectPolicy& policy, std::vector<Match> tests) {
  if (const auto* included = std::get_if<PortSet>(&policy.inbound.include)) {
    tests.emplace_back(DstPort{*included, "included_inbound_ports"});
  }
  return tests;
}

std::string inbound_origin(const RedirectPolicy& policy) {
  return origin(policy.inbound.include, defaults().inbound.include, kIncludeInboundPorts);
}

Steps nat_prerouting(const RedirectPolicy& policy) {
  Steps steps;
  append_reroute(steps, policy);
  if (policy.mode != Mode::Redirect || takes_no_inbound(policy)) return steps;
  if (!policy.interfaces.exclude.empty()) {
    steps.push_back({"inbound 2",
                     "through an excluded interface",
                     std::string(kExcludeInterfaces),
                     {in_any_of(policy.interfaces.exclude, "excluded_interfaces")},
                     Pass{}});
  }
  steps.push_back({"inbound 3",
                   "to the tunnel port",
                   origin(policy.ports.tunnel, defaults().ports.tunnel, "policy ports.tunnel"),
                   {tcp(), DstPort{ports({policy.ports.tunnel})}},
                   Pass{}});
  if (!policy.inbound.exclude.empty()) {
    steps.push_back({"inbound 4",
                     "to an excluded port",
                     std::string(kExcludeInboundPorts),
                     {tcp(), DstPort{policy.inbound.exclude, "excluded_inbound_ports"}},
                     Pass{}});
  }
  steps.push_back({"inbound 5",
                   is_all(policy.inbound.include) ? "TCP to any port" : "TCP to an included port",
                   inbound_origin(policy), to_included_port(policy, {tcp()}),
                   RedirectTo{Listener::Inbound, policy.ports.inbound}});
  return steps;
}

Step drop_invalid(std::string name) {
  return {std::move(name),
          "invalid to conntrack",
          std::string(kInvalidDrop),
          {tcp(), InState{ConnState::Invalid}},
          Drop{}};
}

/// What TPROXY lets by before it looks at ports.
void append_tproxy_exceptions(Steps& steps, const RedirectPolicy& policy) {
  const TproxySettings& tproxy = policy.tproxy;
  if (!policy.interfaces.exclude.empty()) {
    steps.push_back({"tproxy inbound 1",
                     "through an excluded interface",
                     std::string(kExcludeInterfaces),
                     {tcp(), in_any_of(policy.interfaces.exclude, "excluded_interfaces")},
                     Pass{}});
  }
  if (policy.drop_invalid) steps.push_back(drop_invalid("tproxy inbound 2"));
  steps.push_back({"tproxy inbound 3",
                   "from the proxy to the app: remember the mark",
                   "default",
                   {tcp(), PacketMark{tproxy.mark}},
                   SaveMark{}});
  steps.push_back({"tproxy inbound 4",
                   "the proxy handing inbound traffic to the app",
                   "default",
                   {tcp(), in_loopback(), SrcAddress{passthrough_sources()}},
                   Pass{}});
  steps.push_back({"tproxy inbound 5",
                   "local, and not the proxy calling its own pod",
                   "default",
                   {tcp(), in_loopback(), PacketMark{tproxy.outbound_mark, {}, Sense::IsNot}},
                   Pass{}});
  if (!policy.interfaces.reroute.empty()) {
    steps.push_back({"tproxy inbound 6",
                     "from a virtual machine: inbound 1 decides",
                     std::string(kRerouteVirtualInterfaces),
                     {tcp(), in_any_of(policy.interfaces.reroute, "rerouted_interfaces")},
                     Pass{}});
  }
  if (!policy.inbound.exclude.empty()) {
    steps.push_back({"tproxy inbound 7",
                     "to an excluded port",
                     std::string(kExcludeInboundPorts),
                     {tcp(), DstPort{policy.inbound.exclude, "excluded_inbound_ports"}},
                     Pass{}});
  }
}

Steps mangle_prerouting(const RedirectPolicy& policy) {
  Steps steps;
  if (policy.mode == Mode::Redirect) {
    if (policy.drop_invalid) steps.push_back(drop_invalid("invalid"));
    return steps;
  }
  append_tproxy_exceptions(steps, policy);
  if (takes_no_inbound(policy)) return steps;
  steps.push_back({"tproxy inbound 8", "of a connection that is established",
                   inbound_origin(policy),
                   to_included_port(policy, {tcp(), InState{ConnState::Established}}),
                   SetMark{policy.tproxy.mark}});
  steps.push_back({"tproxy inbound 8", "new connection", inbound_origin(policy),
                   to_included_port(policy, {tcp(), to_loopback(policy, Sense::IsNot)}),
                   TproxyTo{policy.ports.inbound, policy.tproxy.mark}});
  return steps;
}

Steps mangle_output(const RedirectPolicy& policy) {
  Steps steps;
  if (policy.mode != Mode::Tproxy) return steps;
  const TproxySettings& tproxy = policy.tproxy;
  // Through an excluded interface no answer is turned round either: a connection that came in
  // elsewhere, and whose client is reached through this one, stays without.
  if (!policy.interfaces.exclude.empty()) {
    steps.push_back({"tproxy outbound 1",
                     "through an excluded interface",
                     std::string(kExcludeInterfaces),
                     {tcp(), OutInterface{policy.interfaces.exclude, "excluded_interfaces"}},
                     Pass{}});
  }
  // These pass nat output as well where the proxy runs as root, by step 4b of the uid round. One
  // that is known by its uid is redirected to itself by 4a, and as the kernel routes nothing
  // between 127.0.0.0/8 and a client, over IPv4 it gets no answer.
  steps.push_back({"tproxy outbound 2",
                   "the proxy handing inbound traffic to the app",
                   "default",
                   {tcp(), out_loopback(), PacketMark{tproxy.mark}},
                   Pass{}});
  const std::string who = origin(policy.proxy, defaults().proxy, "istio-proxy securityContext");
  const auto self_call = [&](const Match& owned) {
    return Step{"tproxy outbound 3",
                "the proxy calling its own pod: mark as inbound",
                who,
                {tcp(), out_loopback(), to_loopback(policy, Sense::IsNot), owned},
                SetMark{tproxy.outbound_mark}};
  };
  if (!policy.proxy.uids.empty()) steps.push_back(self_call(owned_by_uid(policy)));
  if (!policy.proxy.gids.empty()) steps.push_back(self_call(owned_by_gid(policy)));
  steps.push_back({"tproxy outbound 4",
                   "answer that must go back through the proxy",
                   "default",
                   {tcp(), ConnMark{tproxy.mark}},
                   RestoreMark{}});
  return steps;
}

/// Two connections with the same addresses and ports can exist at once: the app's query that is
/// redirected, and the proxy's own to the same server. A conntrack zone each keeps them apart.
Steps raw_output(const RedirectPolicy& policy) {
  Steps steps;
  if (!captures_dns(policy)) return steps;
  std::vector<Match> owners;
  if (!policy.proxy.uids.empty()) owners.emplace_back(owned_by_uid(policy));
  if (!policy.proxy.gids.empty()) owners.emplace_back(owned_by_gid(policy));
  for (const Match& owner : owners) {
    steps.push_back({"dns zone 1",
                     "the proxy's own DNS query",
                     dns_origin(),
                     {udp(), DstPort{ports({kDnsPort})}, owner},
                     SetZone{kProxyZone}});
  }
  for (const Match& owner : owners) {
    steps.push_back({"dns zone 2",
                     "the proxy's DNS answer to the app",
                     dns_origin(),
                     {udp(), SrcPort{ports({policy.ports.dns})}, owner},
                     SetZone{kAppZone}});
  }
  steps.push_back({"dns zone 3", "the app's DNS query", dns_origin(),
                   to_captured_server<DstAddress>(policy, {udp(), DstPort{ports({kDnsPort})}}),
                   SetZone{kAppZone}});
  return steps;
}

/// The proxy's query has no translated address, so its answer would find the way without; but in
/// zone 0 it would be a new connection, which a firewall of the pod's own may drop.
Steps raw_prerouting(const RedirectPolicy& policy) {
  if (!captures_dns(policy)) return {};
  return {{"dns zone 4", "DNS answer to the proxy", dns_origin(),
           to_captured_server<SrcAddress>(policy, {udp(), SrcPort{ports({kDnsPort})}}),
           SetZone{kProxyZone}}};
}

bool only_passes(const StepChain& chain) {
  return std::all_of(chain.steps.begin(), chain.steps.end(),
                     [](const Step& step) { return std::holds_alternative<Pass>(step.then); });
}

}  // namespace

std::vector<StepChain> steps(const RedirectPolicy& policy) {
  if (policy.mode == Mode::None) return {};
  std::vector<StepChain> chains{
      {Stage::Raw, Hook::Prerouting, raw_prerouting(policy)},
      {Stage::Raw, Hook::Output, raw_output(policy)},
      {Stage::Mangle, Hook::Prerouting, mangle_prerouting(policy)},
      {Stage::Mangle, Hook::Output, mangle_output(policy)},
      {Stage::Nat, Hook::Prerouting, nat_prerouting(policy)},
      {Stage::Nat, Hook::Output, nat_output(policy)},
  };
  // A chain that only lets pass does nothing. Nat output is never one: the proxy's calls to its own
  // pod are redirected in it. That is as well, for a connection that it has seen is settled, while
  // without it nat prerouting would judge self-calls again on lo.
  std::erase_if(chains, only_passes);
  return chains;
}

}  // namespace sluice
