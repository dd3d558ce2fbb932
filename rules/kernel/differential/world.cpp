#include "rules/kernel/differential/world.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::differential {
namespace {

// Routing tables, none of which a random policy uses.
constexpr int kEverythingLocal = 7777;
constexpr int kFirstByInterface = 7701;

std::string number(std::size_t value) {
  return std::to_string(value);
}

/// A hardware address for one end of the pair number `pair`.
std::string hardware(std::size_t pair, bool pod) {
  return std::string("02:00:00:00:0") + number(pair) + (pod ? ":02" : ":01");
}

/// One end of a pair: addresses without a network, a known neighbour, no discovery of any kind.
std::string end_of_pair(std::size_t pair, bool pod) {
  const Interface& interface = kInterfaces[pair];
  const std::string name = (pod ? "" : "n") + std::string(interface.name);
  const std::string v4 = pod ? interface.pod_v4 : interface.peer_v4;
  const std::string v6 = pod ? interface.pod_v6 : interface.peer_v6;
  const std::string to4 = pod ? interface.peer_v4 : interface.pod_v4;
  const std::string to6 = pod ? interface.peer_v6 : interface.pod_v6;
  std::string batch = "link set dev " + name + " address " + hardware(pair, pod) + "\n" +  //
                      "link set dev " + name + " addrgenmode none\n" +                     //
                      "addr add " + v4 + "/32 dev " + name + "\n" +                        //
                      "addr add " + v6 + "/128 dev " + name + " nodad\n" +                 //
                      "link set dev " + name + " up\n";
  for (const std::string& neighbour : {to4, to6}) {
    batch += "neigh replace " + neighbour + " lladdr " + hardware(pair, !pod) + " dev " + name +
             " nud permanent\n";
  }
  const std::string table = " table " + number(kFirstByInterface + pair);
  for (const std::string& where :
       pair == 0 ? std::vector<std::string>{"", table} : std::vector<std::string>{table}) {
    batch += "route add default via " + to4 + " dev " + name + " onlink" + where + "\n";
    batch += "-6 route add default via " + to6 + " dev " + name + " onlink" + where + "\n";
  }
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
  std::string batch;
  for (const char* family : {"", "-6 "}) {
    batch += std::string(family) + "rule add pref 100 iif " + interface + " lookup " +
             std::to_string(kEverythingLocal) + "\n";
  }
  return batch;
}

std::string everything_local() {
  const std::string route =
      "route add local default dev lo table " + std::to_string(kEverythingLocal) + "\n";
  return "link set lo up\n" + route + "-6 " + route;
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
    batch += end_of_pair(pair, true) + everything_from(interface.name);
    const std::string lookup = " lookup " + number(kFirstByInterface + pair) + "\n";
    batch += std::string("rule add pref 200 from ") + interface.pod_v4 + lookup;
    batch += std::string("-6 rule add pref 200 from ") + interface.pod_v6 + lookup;
  }
  batch += std::string("addr add ") + kSecondAddress + "/32 dev eth0\n";
  return configure(batch);
}

Result<void> furnish_peer() {
  std::string batch = everything_local();
  std::string accept =
      "table inet everything {\n chain catch {\n"
      "  type filter hook prerouting priority mangle\n";
  for (std::size_t pair = 0; pair < kInterfaces.size(); ++pair) {
    const std::string name = std::string("n") + kInterfaces[pair].name;
    batch += end_of_pair(pair, false) + everything_from(name);
    const std::string lookup = "rule add pref 200 fwmark " + number(pair + 1) + " lookup " +
                               number(kFirstByInterface + pair) + "\n";
    batch += lookup + "-6 " + lookup;
    accept += "  iifname " + name +
              " meta l4proto { tcp, udp } tproxy to :" + std::to_string(kPeerPort) + "\n";
  }
  RETURN_IF_ERROR(configure(batch));
  return run("nft -f -", accept + " }\n}\n");
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
