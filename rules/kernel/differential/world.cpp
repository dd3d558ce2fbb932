#include "rules/kernel/differential/world.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::differential {
namespace {

// Routing tables, none of which a random policy uses.
constexpr std::size_t kEverythingLocal = 7777;
constexpr std::size_t kFirstByInterface = 7701;

enum class End { Pod, Peer };

/// The hardware address of one end of pair number `pair`.
std::string hardware(std::size_t pair, End end) {
  return fmt::format("02:00:00:00:0{}:0{}", pair, end == End::Pod ? 2 : 1);
}

std::string end_name(std::size_t pair, End end) {
  return fmt::format("{}{}", end == End::Pod ? "" : "n", kInterfaces[pair].name);
}

/// One end of a pair: addresses without a network, a known neighbour, no discovery of any kind.
std::string end_of_pair(std::size_t pair, End end) {
  const Interface& interface = kInterfaces[pair];
  const bool pod = end == End::Pod;
  const std::string name = end_name(pair, end);
  const std::string to4 = pod ? interface.peer_v4 : interface.pod_v4;
  const std::string to6 = pod ? interface.peer_v6 : interface.pod_v6;
  std::string batch = fmt::format(
      "link set dev {0} address {1}\n"
      "link set dev {0} addrgenmode none\n"
      "addr add {2}/32 dev {0}\n"
      "addr add {3}/128 dev {0} nodad\n"
      "link set dev {0} up\n",
      name, hardware(pair, end), pod ? interface.pod_v4 : interface.peer_v4,
      pod ? interface.pod_v6 : interface.peer_v6);
  const std::string neighbour = hardware(pair, pod ? End::Peer : End::Pod);
  for (const std::string& to : {to4, to6}) {
    batch += fmt::format("neigh replace {} lladdr {} dev {} nud permanent\n", to, neighbour, name);
  }
  const auto add_routes = [&](const std::string& table) {
    batch += fmt::format("route add default via {} dev {} onlink {}\n", to4, name, table);
    batch += fmt::format("-6 route add default via {} dev {} onlink {}\n", to6, name, table);
  };
  add_routes(fmt::format("table {}", kFirstByInterface + pair));
  if (pair == 0) add_routes("");
  return batch;
}

/// `ip -batch` takes no family on a line, so each family has a batch of its own.
Result<void> configure(const std::string& batch) {
  std::string any;
  std::string v6;
  for (std::size_t at = 0; at < batch.size();) {
    const std::size_t end = batch.find('\n', at) + 1;
    const std::string line = batch.substr(at, end - at);
    if (line.starts_with("-6 ")) {
      v6 += line.substr(3);
    } else {
      any += line;
    }
    at = end;
  }
  RETURN_IF_ERROR(run("ip -batch -", any));
  return run("ip -6 -batch -", v6);
}

std::string everything_from(const std::string& interface) {
  return fmt::format(
      "rule add pref 100 iif {0} lookup {1}\n"
      "-6 rule add pref 100 iif {0} lookup {1}\n",
      interface, kEverythingLocal);
}

std::string everything_local() {
  return fmt::format(
      "link set lo up\n"
      "route add local default dev lo table {0}\n"
      "-6 route add local default dev lo table {0}\n",
      kEverythingLocal);
}

Result<void> write_sysctls() {
  // The families' defaults reach interfaces made later.
  for (const char* scope : {"all", "default"}) {
    RETURN_IF_ERROR(write_sysctl(std::string("ipv4/conf/") + scope + "/rp_filter", "0"));
    RETURN_IF_ERROR(write_sysctl(std::string("ipv6/conf/") + scope + "/accept_dad", "0"));
    RETURN_IF_ERROR(write_sysctl(std::string("ipv6/conf/") + scope + "/accept_ra", "0"));
    RETURN_IF_ERROR(write_sysctl(std::string("ipv6/conf/") + scope + "/router_solicitations", "0"));
  }
  // No segment is to be held back by a bucket: a refused connection is an answer too.
  RETURN_IF_ERROR(write_sysctl("ipv4/icmp_ratelimit", "0"));
  return write_sysctl("ipv4/ip_local_port_range", "61000 65000");
}

Result<void> furnish_pod() {
  std::string batch = everything_local();
  for (std::size_t pair = 0; pair < kInterfaces.size(); ++pair) {
    const Interface& interface = kInterfaces[pair];
    batch += end_of_pair(pair, End::Pod) + everything_from(interface.name);
    batch += fmt::format(
        "rule add pref 200 from {0} lookup {2}\n"
        "-6 rule add pref 200 from {1} lookup {2}\n",
        interface.pod_v4, interface.pod_v6, kFirstByInterface + pair);
  }
  batch += fmt::format("addr add {}/32 dev eth0\n", kSecondAddress);
  RETURN_IF_ERROR(configure(batch));
  return run("nft -f -", fmt::format("table inet guard {{\n chain new_answers {{\n"
                                     "  type filter hook input priority filter\n"
                                     "  udp sport 53 udp dport {}-{} ct state new drop\n }}\n}}\n",
                                     kFirstGuardedPort, kLastGuardedPort));
}

Result<void> furnish_peer() {
  std::string batch = everything_local();
  std::string accept;
  for (std::size_t pair = 0; pair < kInterfaces.size(); ++pair) {
    const std::string name = end_name(pair, End::Peer);
    batch += end_of_pair(pair, End::Peer) + everything_from(name);
    batch += fmt::format(
        "rule add pref 200 fwmark {0} lookup {1}\n"
        "-6 rule add pref 200 fwmark {0} lookup {1}\n",
        pair + 1, kFirstByInterface + pair);
    accept +=
        fmt::format("  iifname {} meta l4proto {{ tcp, udp }} tproxy to :{}\n", name, kPeerPort);
  }
  RETURN_IF_ERROR(configure(batch));
  return run("nft -f -",
             "table inet everything {\n chain catch {\n"
             "  type filter hook prerouting priority mangle\n" +
                 accept + " }\n}\n");
}

Result<UniqueFd> open_conntrack(const Namespace& pod) {
  const Inside inside(pod);
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd) return fail(Errc::Kernel, "opening a conntrack socket", errno);
  return fd;
}

const Interface& interface_named(const IfName& name) {
  const auto* found = std::find_if(kInterfaces.begin(), kInterfaces.end(),
                                   [&](const Interface& i) { return name.text() == i.name; });
  return found == kInterfaces.end() ? kInterfaces[0] : *found;
}

}  // namespace

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

IpAddress pod_address(const IfName& interface, Family family) {
  const Interface& found = interface_named(interface);
  return address(family == Family::V4 ? found.pod_v4 : found.pod_v6);
}

IpAddress peer_address(const IfName& interface, Family family) {
  const Interface& found = interface_named(interface);
  return address(family == Family::V4 ? found.peer_v4 : found.peer_v6);
}

bool is_local_to_pod(const IpAddress& destination) {
  if (destination.is_loopback() || destination == address("::6")) return true;
  if (destination == address(kSecondAddress)) return true;
  return std::any_of(kInterfaces.begin(), kInterfaces.end(), [&](const Interface& interface) {
    return destination == address(interface.pod_v4) || destination == address(interface.pod_v6);
  });
}

Mark peer_mark(const IfName& interface) {
  return Mark{static_cast<std::uint32_t>(&interface_named(interface) - kInterfaces.data()) + 1};
}

Result<World> World::create() {
  ASSIGN_OR_RETURN(Namespace pod, Namespace::create());
  ASSIGN_OR_RETURN(Namespace peer, Namespace::create());
  {
    const Inside inside(pod);
    RETURN_IF_ERROR(write_sysctls());
  }
  {
    const Inside inside(peer);
    RETURN_IF_ERROR(write_sysctls());
    std::string pairs;
    for (const Interface& interface : kInterfaces) {
      pairs += std::string("link add n") + interface.name + " type veth peer name " +
               interface.name + " netns " + pod.path() + "\n";
    }
    RETURN_IF_ERROR(run("ip -batch -", pairs));
    RETURN_IF_ERROR(furnish_peer());
  }
  {
    const Inside inside(pod);
    RETURN_IF_ERROR(furnish_pod());
  }
  ASSIGN_OR_RETURN(kernel::NetNamespace target, kernel::NetNamespace::open(pod.path()));
  ASSIGN_OR_RETURN(UniqueFd conntrack, open_conntrack(pod));
  return World(std::move(pod), std::move(peer), std::move(target), std::move(conntrack));
}

Result<void> World::forget_connections() {
  struct {
    nlmsghdr header;
    nfgenmsg family;
  } request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.family.version = NFNETLINK_V0;
  if (::send(conntrack_.get(), &request, sizeof(request), 0) < 0) {
    return fail(Errc::Kernel, "asking conntrack to forget", errno);
  }
  struct {
    nlmsghdr header;
    nlmsgerr error;
    char rest[256];
  } answer{};
  if (::recv(conntrack_.get(), &answer, sizeof(answer), 0) < 0 || answer.error.error != 0) {
    return fail(Errc::Kernel, "conntrack did not forget", -answer.error.error);
  }
  return {};
}

}  // namespace sluice::differential
