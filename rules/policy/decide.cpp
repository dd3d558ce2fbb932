#include "rules/policy/decide.h"

#include <algorithm>
#include <utility>

#include "rules/policy/annotations.h"

namespace sluice {
namespace {

constexpr std::string_view kEndOfChain = "end of chain";

/// A packet on its way: actions change its mark, NAT its destination.
struct InFlight {
  Packet packet;
  Hook hook;
};

bool is_at(const InFlight& at, Hook hook, const std::set<IfName>& names) {
  return at.hook == hook && names.contains(at.packet.interface);
}

bool in_any(const std::set<Cidr>& cidrs, const std::optional<IpAddress>& address) {
  return address && addresses_of(cidrs, address->family()).contains(*address);
}

bool holds(const InInterface& t, const InFlight& at) {
  return is_at(at, Hook::Prerouting, t.values);
}
bool holds(const OutInterface& t, const InFlight& at) {
  return is_at(at, Hook::Output, t.values);
}
bool holds(const OneProtocol& t, const InFlight& at) {
  return at.packet.protocol == t.values;
}
bool holds(const DstPort& t, const InFlight& at) {
  return t.values.contains(at.packet.dst_port);
}
bool holds(const SrcPort& t, const InFlight& at) {
  return at.packet.src_port && t.values.contains(*at.packet.src_port);
}
bool holds(const DstAddress& t, const InFlight& at) {
  return in_any(t.values, at.packet.dst);
}
bool holds(const SrcAddress& t, const InFlight& at) {
  return in_any(t.values, at.packet.src);
}
bool holds(const SocketUid& t, const InFlight& at) {
  return t.values.contains(at.packet.uid);
}
bool holds(const SocketGid& t, const InFlight& at) {
  return t.values.contains(at.packet.gid);
}
bool holds(const PacketMark& t, const InFlight& at) {
  return at.packet.mark == t.values;
}
// The first packet's connection has no mark yet.
bool holds(const ConnMark& t, const InFlight&) {
  return t.values == Mark{};
}
bool holds(const InState& t, const InFlight& at) {
  return at.packet.state == t.values;
}

bool matches(const Match& match, const InFlight& at) {
  return std::visit([&](const auto& t) { return holds(t, at) == (t.sense == Sense::Is); }, match);
}

Verdict verdict_of(Listener listener) {
  switch (listener) {
    case Listener::Outbound:
      return Verdict::Outbound;
    case Listener::Inbound:
      return Verdict::Inbound;
    case Listener::Dns:
      return Verdict::Dns;
  }
  return Verdict::Pass;
}

/// Does `action` to the packet; returns a verdict where it decides more than its own chain.
struct Perform {
  InFlight& at;

  std::optional<Verdict> operator()(const Pass&) const { return std::nullopt; }
  std::optional<Verdict> operator()(const SaveMark&) const { return std::nullopt; }
  std::optional<Verdict> operator()(const RestoreMark&) const { return std::nullopt; }
  std::optional<Verdict> operator()(const SetZone&) const { return std::nullopt; }
  std::optional<Verdict> operator()(const SetMark& set) const {
    at.packet.mark = set.mark;
    return std::nullopt;
  }
  std::optional<Verdict> operator()(const Drop&) const { return Verdict::Drop; }
  std::optional<Verdict> operator()(const TproxyTo&) const { return Verdict::Inbound; }
  std::optional<Verdict> operator()(const RedirectTo& to) const {
    // A connection made here goes to loopback, one that arrives to the interface's own address.
    if (at.hook == Hook::Output) {
      at.packet.dst = at.packet.dst.family() == Family::V4 ? IpAddress::loopback_v4()
                                                           : IpAddress::loopback_v6();
      at.packet.interface = IfName::loopback();
    }
    at.packet.dst_port = to.port;
    return verdict_of(to.listener);
  }
};

std::string say(const Step& step) {
  return step.what + " (" + step.origin + ")";
}

/// Whether `chain` letting the packet pass is the answer: nat's is, and TPROXY's where it stands in
/// nat's place, but not for what nat has judged on its way out.
bool explains_pass(const StepChain& chain, const Decision& decision) {
  if (decision.verdict != Verdict::Pass) return false;
  const bool undecided = decision.step == kEndOfChain;
  return chain.stage == Stage::Nat ||
         (chain.stage == Stage::Mangle && chain.hook == Hook::Prerouting && undecided);
}

/// Walks one chain; what it decides goes into `decision`.
void walk(const StepChain& chain, InFlight& at, Decision& decision) {
  for (const Step& step : chain.steps) {
    const bool matched = std::all_of(step.when.begin(), step.when.end(),
                                     [&](const Match& match) { return matches(match, at); });
    decision.trace.push_back({chain.stage, chain.hook, step, matched});
    if (!matched) continue;
    const std::optional<Verdict> verdict = std::visit(Perform{at}, step.then);
    if (verdict || explains_pass(chain, decision)) {
      decision.verdict = verdict.value_or(Verdict::Pass);
      decision.step = step.name;
      decision.reason = say(step);
    }
    return;
  }
}

void walk_hook(const std::vector<StepChain>& chains, InFlight& at, Decision& decision,
               bool nat_settled) {
  for (const StepChain& chain : chains) {
    if (chain.hook != at.hook) continue;
    // The kernel does not NAT what conntrack cannot place in a connection.
    const bool no_nat = nat_settled || at.packet.state == ConnState::Invalid;
    if (no_nat && chain.stage == Stage::Nat) continue;
    walk(chain, at, decision);
    if (decision.verdict == Verdict::Drop) return;
  }
}

/// The reason for a packet that no step is about: what would have had to be included.
std::string why_no_step(const RedirectPolicy& policy, const Packet& packet) {
  if (packet.state == ConnState::Invalid) return "the kernel does not redirect invalid packets";
  if (packet.protocol == Protocol::Udp) return "of UDP only captured DNS is redirected (default)";
  const bool out = packet.direction == Direction::Out;
  const bool all = out ? is_all(policy.outbound.include_cidrs) : is_all(policy.inbound.include);
  if (all) return "no step matched (default)";
  return "to nothing that is included (" +
         std::string(out ? kIncludeOutboundIpRanges : kIncludeInboundPorts) + ")";
}

}  // namespace

Decision decide(const RedirectPolicy& policy, const Packet& packet) {
  Decision decision{Verdict::Pass, std::string(kEndOfChain), why_no_step(policy, packet), {}};
  if (policy.mode == Mode::None) {
    decision.reason = "nothing is redirected (mode none)";
    return decision;
  }
  const std::vector<StepChain> chains = steps(policy);
  InFlight at{packet, packet.direction == Direction::Out ? Hook::Output : Hook::Prerouting};
  walk_hook(chains, at, decision, false);
  // What leaves through lo comes in through it; its destination was settled on the way out.
  if (at.hook == Hook::Output && decision.verdict != Verdict::Drop &&
      at.packet.interface == IfName::loopback()) {
    at.hook = Hook::Prerouting;
    walk_hook(chains, at, decision, true);
  }
  return decision;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass:
      return "pass";
    case Verdict::Outbound:
      return "outbound";
    case Verdict::Inbound:
      return "inbound";
    case Verdict::Dns:
      return "dns";
    case Verdict::Drop:
      return "drop";
  }
  return "pass";
}

}  // namespace sluice
