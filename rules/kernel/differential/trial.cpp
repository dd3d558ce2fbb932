#include "rules/kernel/differential/trial.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <sys/socket.h>

#include "rules/kernel/differential/invalid.h"

namespace sluice::differential {
namespace {

// What is expected nowhere is waited for as long as it would take if it came after all.
constexpr auto kSilence = std::chrono::milliseconds(20);

bool is_foreign(const Packet& packet) {
  if (packet.direction == Direction::Out) return !is_local_to_pod(*packet.src);
  return *packet.src != peer_address(packet.interface, packet.src->family());
}

/// Whether "dns zone 4" must join the answer to its query, so that the pod's guard lets it in.
bool is_guarded(const RedirectPolicy& policy, const Packet& packet) {
  const bool leaves = packet.direction == Direction::Out && packet.interface != IfName::loopback();
  if (!leaves || packet.protocol != Protocol::Udp || packet.dst_port != Port{53}) return false;
  const auto* servers = std::get_if<std::set<IpAddress>>(&policy.dns_servers);
  const bool proxys =
      policy.proxy.uids.contains(packet.uid) || policy.proxy.gids.contains(packet.gid);
  return proxys && (servers == nullptr || servers->contains(packet.dst));
}

std::uint16_t turn(std::uint16_t& next, std::uint16_t first, std::uint16_t last) {
  next = next == last ? first : static_cast<std::uint16_t>(next + 1);
  return next;
}

}  // namespace

Result<Trial> Trial::open() {
  ASSIGN_OR_RETURN(World world, World::create());
  // Puts ::6 on lo, where it stays whatever comes after.
  RETURN_IF_ERROR(kernel::apply(world.target(), RedirectPolicy{}));
  auto kept = std::make_unique<World>(std::move(world));
  ASSIGN_OR_RETURN(Listeners listeners, Listeners::open(*kept));
  return Trial(std::move(kept), std::move(listeners));
}

Result<void> Trial::begin(const RedirectPolicy& policy, Owner owner, Proxy proxy,
                          const Commit& commit) {
  listeners_.close_pod();
  policy_ = policy;
  proxy_ = proxy;
  RETURN_IF_ERROR(commit(*world_, policy));
  RETURN_IF_ERROR(world_->forget_connections());
  if (proxy == Proxy::Absent) return {};
  return listeners_.open_proxy(policy, owner);
}

const Namespace& Trial::origin(const Packet& packet) const {
  return packet.direction == Direction::Out ? world_->pod() : world_->peer();
}

Result<UniqueFd> Trial::make_client(const Packet& packet) const {
  const Family family = packet.dst.family();
  const Inside inside(origin(packet));
  const Owner owner{packet.uid, packet.gid};
  ASSIGN_OR_RETURN(UniqueFd client, packet.state == ConnState::Invalid
                                        ? make_socket(family, SOCK_RAW, IPPROTO_TCP, owner)
                                        : make_socket(family, packet.protocol, owner));
  const Mark mark = packet.direction == Direction::Out ? packet.mark : peer_mark(packet.interface);
  RETURN_IF_ERROR(set_option(client, SOL_SOCKET, SO_MARK, static_cast<int>(mark.number)));
  RETURN_IF_ERROR(set_option(client, SOL_SOCKET, SO_REUSEADDR, 1));
  if (is_foreign(packet)) RETURN_IF_ERROR(make_transparent(client, family));
  return client;
}

Port Trial::fresh_port(const Packet& packet) {
  const std::uint16_t port = is_guarded(policy_, packet)
                                 ? turn(next_guarded_port_, kFirstGuardedPort, kLastGuardedPort)
                                 : turn(next_port_, kFirstPort, kLastPort);
  return Port::from_number(port).value();
}

Result<UniqueFd> Trial::bound_client(Packet& packet) {
  const bool chosen = packet.src_port.has_value();
  for (int attempt = 0;; ++attempt) {
    if (!chosen) packet.src_port = fresh_port(packet);
    ASSIGN_OR_RETURN(UniqueFd client, make_client(packet));
    const bool raw = packet.state == ConnState::Invalid;
    const auto bound =
        bind_to(client, {*packet.src, raw ? std::uint16_t{0} : packet.src_port->number()});
    if (bound) return client;
    const bool taken = bound.error().sys_errno == EADDRINUSE;
    if (!taken || chosen || attempt > 100) return fail(Error(bound.error()));
  }
}

Result<Landing> Trial::send_valid(const UniqueFd& client, const Packet& packet, Deadline deadline) {
  const SocketAddress destination = socket_address(Endpoint{packet.dst, packet.dst_port.number()});
  Landing nowhere;
  if (::connect(client.get(), destination.get(), destination.size) != 0 && errno != EINPROGRESS) {
    nowhere.note = std::string("connect: ") + std::strerror(errno);
    return nowhere;
  }
  if (packet.protocol == Protocol::Udp && ::send(client.get(), "?", 1, MSG_NOSIGNAL) != 1) {
    nowhere.note = std::string("send: ") + std::strerror(errno);
    return nowhere;
  }
  return listeners_.await(client, packet, deadline);
}

Deadline Trial::deadline_for(const Landing& expected) const {
  if (expected.place == Place::Nowhere) return Clock::now() + kSilence;
  return Clock::now() + patience_;
}

Result<Outcome> Trial::send(Packet packet) {
  if (proxy_ == Proxy::Listens || !is_proxy_port(policy_, packet.dst_port)) {
    RETURN_IF_ERROR(listeners_.open_app(packet));
  }
  ASSIGN_OR_RETURN(const UniqueFd client, bound_client(packet));
  Decision decision = decide(policy_, packet);
  Landing expected = expected_landing(policy_, packet, decision, proxy_);
  const Deadline deadline = deadline_for(expected);
  ASSIGN_OR_RETURN(Landing seen, packet.state == ConnState::Invalid
                                     ? send_invalid(*world_, client, packet, deadline)
                                     : send_valid(client, packet, deadline));
  const bool agreed = agree(packet, expected, seen);
  return Outcome{std::move(packet), std::move(decision), std::move(expected), std::move(seen),
                 agreed};
}

}  // namespace sluice::differential
