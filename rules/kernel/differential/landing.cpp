#include "rules/kernel/differential/landing.h"

#include "rules/kernel/differential/world.h"

namespace sluice::differential {
namespace {

std::uint16_t listener_port(const RedirectPolicy& policy, Verdict verdict) {
  switch (verdict) {
    case Verdict::Outbound:
      return policy.ports.outbound.number();
    case Verdict::Inbound:
      return policy.ports.inbound.number();
    case Verdict::Dns:
      return policy.ports.dns.number();
    case Verdict::Pass:
    case Verdict::Drop:
      break;
  }
  return 0;
}

/// The address redirect gives to a packet at `hook`.
IpAddress redirected_to(const Packet& packet, Hook hook) {
  if (hook == Hook::Prerouting) return pod_address(packet.interface, packet.dst.family());
  return packet.dst.family() == Family::V4 ? IpAddress::loopback_v4() : IpAddress::loopback_v6();
}

/// The packet's destination after all NAT that the decision names. TPROXY leaves it as it is.
Endpoint translated(const Packet& packet, const Decision& decision) {
  Endpoint destination{packet.dst, packet.dst_port.number()};
  for (const Considered& considered : decision.trace) {
    const auto* redirect = std::get_if<RedirectTo>(&considered.step.then);
    if (!considered.matched || redirect == nullptr) continue;
    destination = {redirected_to(packet, considered.hook), redirect->port.number()};
  }
  return destination;
}

/// Whether the answers to a connection come back that has a client's address for its source, as a
/// transparent proxy's have. They are addressed to the client, and it takes the restored mark to
/// turn them round ("tproxy outbound 4").
bool is_answered(const RedirectPolicy& policy, const Packet& packet, const Endpoint& answers_from) {
  if (packet.direction == Direction::In || is_local_to_pod(*packet.src)) return true;
  // The kernel routes nothing between 127.0.0.0/8 and another host (route_localnet is off), so
  // what outbound 1 to 10 redirect of these connections is lost.
  if (packet.dst.family() == Family::V4 && answers_from.address.is_loopback()) return false;
  // Through an excluded interface nothing is looked at, neither the mark to save nor to restore.
  const auto& excluded = policy.interfaces.exclude;
  Packet answer = packet;
  answer.dst = *packet.src;
  answer.src = answers_from.address;
  answer.mark = {};
  return !excluded.contains(IfName::loopback()) && !excluded.contains(route(policy, answer));
}

}  // namespace

bool is_proxy_port(const RedirectPolicy& policy, Port port) {
  return port == policy.ports.outbound || port == policy.ports.inbound || port == policy.ports.dns;
}

bool may_be_foreign(const RedirectPolicy& policy, const Packet& packet) {
  const bool marked = policy.mode == Mode::Tproxy && packet.mark == policy.tproxy.mark;
  return marked && packet.protocol == Protocol::Tcp;
}

IfName route(const RedirectPolicy& policy, const Packet& packet) {
  const auto name = [](const char* text) { return IfName::parse(text).value(); };
  if (is_local_to_pod(packet.dst)) return IfName::loopback();
  // The policy's routing rule comes before the world's.
  if (policy.mode == Mode::Tproxy && packet.mark == policy.tproxy.mark) return IfName::loopback();
  for (const Interface& interface : kInterfaces) {
    const IfName candidate = name(interface.name);
    if (packet.src == pod_address(candidate, packet.dst.family())) return candidate;
  }
  return name("eth0");
}

Landing expected_landing(const RedirectPolicy& policy, const Packet& packet,
                         const Decision& decision, Proxy proxy) {
  Landing landing;
  if (decision.verdict == Verdict::Drop) return landing;
  const bool to_proxy = decision.verdict != Verdict::Pass;
  if (to_proxy && proxy == Proxy::Absent) return landing;
  const Endpoint arrives = translated(packet, decision);
  // Without an answer there is no handshake, and so no connection.
  const bool connects = packet.state == ConnState::Invalid || is_answered(policy, packet, arrives);
  if (!connects) return landing;
  const bool stays =
      packet.direction == Direction::In || to_proxy || packet.interface == IfName::loopback();
  landing.place = stays ? Place::Pod : Place::Peer;
  landing.local = arrives;
  landing.listener =
      to_proxy ? listener_port(policy, decision.verdict) : (stays ? landing.local.port : kPeerPort);
  landing.source = Endpoint{packet.src.value(), packet.src_port.value().number()};
  landing.original = Endpoint{packet.dst, packet.dst_port.number()};
  landing.answered = true;
  return landing;
}

bool agree(const Packet& packet, const Landing& expected, const Landing& seen) {
  if (expected.place != seen.place) return false;
  // What conntrack finds invalid is seen by raw sockets, which accept and answer nothing.
  if (expected.place == Place::Nowhere || packet.state == ConnState::Invalid) return true;
  if (seen.original && seen.place == Place::Pod && seen.original != expected.original) return false;
  return expected.listener == seen.listener && expected.local == seen.local &&
         expected.source == seen.source && seen.answered;
}

std::string to_string(const Landing& landing) {
  const std::string note = landing.note.empty() ? "" : " (" + landing.note + ")";
  if (landing.place == Place::Nowhere) return "nowhere" + note;
  std::string text = landing.place == Place::Pod ? "in the pod" : "at the peer";
  text +=
      ", listener on port " + std::to_string(landing.listener) + " as " + to_string(landing.local);
  if (landing.source) text += " from " + to_string(*landing.source);
  if (landing.original) text += ", originally to " + to_string(*landing.original);
  return text + (landing.answered ? ", answered" : ", not answered") + note;
}

}  // namespace sluice::differential
