#include "plugin/cli/lab/probes.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "rules/kernel/socket_address.h"

namespace sluice::lab {
namespace {

constexpr std::size_t kEdges = 6;  // of each list, so that a long one does not drown the table
constexpr int kPatience = 1000;    // milliseconds

/// Collects the probes of one family.
class Collector {
 public:
  Collector(const RedirectPolicy& policy, const Cast& cast, const IpAddress& own,
            std::vector<Probe>& out)
      : policy_(policy), cast_(cast), own_(own), out_(out) {
    const bool v4 = own.family() == Family::V4;
    ordinary_ = IpAddress::parse(v4 ? "203.0.113.10" : "2001:db8::10").value();
    passthrough_ = IpAddress::parse(v4 ? "127.0.0.6" : "::6").value();
    loopback_ = v4 ? IpAddress::loopback_v4() : IpAddress::loopback_v6();
    any_server_ = IpAddress::parse(v4 ? "203.0.113.53" : "2001:db8::53").value();
  }

  void collect() {
    const Port web{80};
    out("app to anywhere", Caller::App, Protocol::Tcp, ordinary_, web);
    out("app to anywhere, UDP", Caller::App, Protocol::Udp, ordinary_, Port{5000});
    out("proxy to anywhere", Caller::Proxy, Protocol::Tcp, ordinary_, web);
    ports("app to excluded port", policy_.outbound.exclude_ports);
    ports("app to included port", policy_.outbound.include_ports);
    cidrs("app to excluded CIDR", policy_.outbound.exclude_cidrs);
    if (!is_all(policy_.outbound.include_cidrs)) {
      cidrs("app to included CIDR", std::get<1>(policy_.outbound.include_cidrs));
    }
    dns();
    itself();
    inbound();
  }

 private:
  void add(const std::string& name, Caller caller, Packet packet) {
    out_.push_back({name, caller, std::move(packet)});
  }

  [[nodiscard]] Packet packet(Direction direction, Protocol protocol, const IpAddress& dst,
                              Port port) const {
    const bool local = dst.is_loopback() || dst == own_;
    return {.direction = direction,
            .protocol = protocol,
            .dst = dst,
            .dst_port = port,
            .src = std::nullopt,
            .src_port = std::nullopt,
            .uid = cast_.app_uid,
            .gid = cast_.app_gid,
            .interface = local && direction == Direction::Out ? IfName::loopback()
                                                              : IfName::parse("eth0").value()};
  }

  void out(const std::string& name, Caller caller, Protocol protocol, const IpAddress& dst,
           Port port, const std::optional<IpAddress>& src = std::nullopt) {
    Packet p = packet(Direction::Out, protocol, dst, port);
    p.src = src;
    if (caller == Caller::Proxy) {
      p.uid = cast_.proxy_uid;
      p.gid = cast_.proxy_gid;
    }
    add(name, caller, std::move(p));
  }

  void ports(const std::string& name, const PortSet& set) {
    std::size_t count = 0;
    for (const PortRange& range : set.ranges()) {
      if (++count > kEdges) return;
      out(name, Caller::App, Protocol::Tcp, ordinary_, range.first);
      if (range.first != range.last) out(name, Caller::App, Protocol::Tcp, ordinary_, range.last);
    }
  }

  void cidrs(const std::string& name, const std::set<Cidr>& set) {
    std::size_t count = 0;
    for (const Cidr& cidr : set) {
      if (cidr.family() != own_.family() || ++count > kEdges) continue;
      for (const IpAddress& address : {cidr.address(), cidr.last()}) {
        if (usable(address)) out(name, Caller::App, Protocol::Tcp, address, Port{80});
        if (cidr.address() == cidr.last()) break;
      }
    }
  }

  /// An address that a host can have and that the lab's world can take.
  [[nodiscard]] bool usable(const IpAddress& address) const {
    const std::uint8_t first = address.bytes()[0];
    const bool v4 = address.family() == Family::V4;
    const bool multicast = v4 ? first >= 224 : first == 0xFF;
    return !multicast && !(v4 && first == 0) && !address.is_loopback() && address != own_ &&
           address.to_string() != "::";
  }

  void dns() {
    std::vector<IpAddress> servers{any_server_};
    if (!is_all(policy_.dns_servers)) {
      for (const IpAddress& server : std::get<1>(policy_.dns_servers)) {
        if (server.family() == own_.family() && usable(server)) servers.push_back(server);
      }
    }
    for (const IpAddress& server : servers) {
      out("app to DNS server", Caller::App, Protocol::Udp, server, Port{53});
      out("app to DNS server", Caller::App, Protocol::Tcp, server, Port{53});
      out("proxy to DNS server", Caller::Proxy, Protocol::Udp, server, Port{53});
    }
  }

  void itself() {
    for (const Port port : cast_.app_ports) {
      out("app to itself", Caller::App, Protocol::Tcp, own_, port);
      out("app to itself over loopback", Caller::App, Protocol::Tcp, loopback_, port);
      out("proxy to its own pod", Caller::Proxy, Protocol::Tcp, own_, port);
      // The source address is there once a redirect is.
      if (policy_.mode != Mode::None) {
        out("proxy handing on to the app", Caller::Proxy, Protocol::Tcp, own_, port, passthrough_);
      }
    }
    for (const Uid uid : policy_.outbound.exclude_uids) {
      Packet p = packet(Direction::Out, Protocol::Tcp, ordinary_, Port{80});
      p.uid = uid;
      add("excluded uid " + std::to_string(uid.number) + " to anywhere", Caller::App, std::move(p));
    }
  }

  void inbound() {
    for (const Port port : cast_.app_ports) {
      add("world to the app", Caller::World, packet(Direction::In, Protocol::Tcp, own_, port));
    }
    std::size_t count = 0;
    for (const PortRange& range : policy_.inbound.exclude.ranges()) {
      if (++count > kEdges) return;
      for (const Port port : {range.first, range.last}) {
        add("world to excluded port", Caller::World,
            packet(Direction::In, Protocol::Tcp, own_, port));
        if (range.first == range.last) break;
      }
    }
  }

  const RedirectPolicy& policy_;
  const Cast& cast_;
  const IpAddress& own_;
  std::vector<Probe>& out_;
  IpAddress ordinary_ = IpAddress::loopback_v4();
  IpAddress passthrough_ = IpAddress::loopback_v4();
  IpAddress loopback_ = IpAddress::loopback_v4();
  IpAddress any_server_ = IpAddress::loopback_v4();
};

bool wait_until(int fd, short events) {
  pollfd waiting{fd, events, 0};
  return ::poll(&waiting, 1, kPatience) == 1;
}

/// The answerer's line, or nothing.
std::string exchange(const Packet& packet) {
  const bool tcp = packet.protocol == Protocol::Tcp;
  const UniqueFd fd(::socket(domain_of(packet.dst),
                             (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (packet.src) {
    const SocketAddress from =
        socket_address(*packet.src, packet.src_port ? packet.src_port->number() : 0);
    if (::bind(fd.get(), from.get(), from.size) != 0) return {};
  }
  const SocketAddress to = socket_address(packet.dst, packet.dst_port.number());
  if (::connect(fd.get(), to.get(), to.size) != 0 && errno != EINPROGRESS) return {};
  if (!wait_until(fd.get(), POLLOUT)) return {};
  if (!tcp && ::send(fd.get(), "?", 1, MSG_NOSIGNAL) != 1) return {};
  std::array<char, 256> buffer{};
  if (!wait_until(fd.get(), POLLIN)) return {};
  const ssize_t size = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

std::vector<Probe> standard_probes(const RedirectPolicy& policy, const Cast& cast) {
  std::vector<Probe> out;
  for (const IpAddress& own : cast.addresses) Collector(policy, cast, own, out).collect();
  return out;
}

Result<Sighting> send_probe(const Probe& probe, const Place& place) {
  ASSIGN_OR_RETURN(std::string line, ask(place, [&] { return exchange(probe.packet); }));
  if (line.starts_with("error: ")) return fail(Errc::Io, probe.name + ": " + line);
  if (line.empty()) return Sighting{Verdict::Drop, "no answer"};
  if (line.ends_with('\n')) line.pop_back();
  const std::string who = line.substr(0, line.find(' '));
  const std::string meant = line.substr(line.find(' ') + 1);
  const bool kept = meant == "-" || meant == to_string(probe.packet.dst, probe.packet.dst_port);
  const auto sighting = [&](Verdict verdict, const std::string& words) {
    return Sighting{verdict, words + (kept ? "" : ", meant for " + meant), kept};
  };
  if (who == "outbound") return sighting(Verdict::Outbound, "proxy's outbound listener");
  if (who == "inbound") return sighting(Verdict::Inbound, "proxy's inbound listener");
  if (who == "dns") return sighting(Verdict::Dns, "proxy's DNS listener");
  return sighting(Verdict::Pass, who == "app" ? "the app itself" : "its destination, untouched");
}

}  // namespace sluice::lab
