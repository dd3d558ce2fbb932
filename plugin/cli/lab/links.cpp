#include "plugin/cli/lab/links.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <sched.h>

#include "rules/base/unique_fd.h"
#include "rules/kernel/socket_address.h"

namespace sluice::lab {
namespace {

constexpr int kLoopbackIndex = 1;
constexpr const char* kHostEnd = "lab0";
constexpr const char* kPodEnd = "eth0";

struct Deleter {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  void operator()(nl_addr* address) const { nl_addr_put(address); }
  void operator()(rtnl_addr* address) const { rtnl_addr_put(address); }
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
  void operator()(rtnl_route* route) const { rtnl_route_put(route); }
};
template <class T>
using Ptr = std::unique_ptr<T, Deleter>;

/// One end of the pair in one family.
struct Family4or6 {
  const char* pod;      ///< with prefix length
  const char* gateway;  ///< without
  const char* everywhere;
};
constexpr Family4or6 kV4{"10.88.0.2/24", "10.88.0.1", "0.0.0.0/0"};
constexpr Family4or6 kV6{"fd88::2/64", "fd88::1", "::/0"};

Result<void> done(int error, const std::string& what) {
  if (error >= 0 || error == -NLE_EXIST) return {};
  return fail(Errc::Kernel, what + ": " + nl_geterror(error));
}

Ptr<nl_addr> address_of(const std::string& text) {
  nl_addr* address = nullptr;
  if (nl_addr_parse(text.c_str(), AF_UNSPEC, &address) < 0) std::abort();
  return Ptr<nl_addr>(address);
}

/// rtnetlink of the current network namespace.
class Links {
 public:
  static Result<Links> open() {
    Ptr<nl_sock> socket(nl_socket_alloc());
    RETURN_IF_ERROR(done(nl_connect(socket.get(), NETLINK_ROUTE), "rtnetlink"));
    return Links(std::move(socket));
  }

  Result<int> index_of(const char* name) {
    rtnl_link* found = nullptr;
    RETURN_IF_ERROR(done(rtnl_link_get_kernel(socket_.get(), 0, name, &found), name));
    return rtnl_link_get_ifindex(Ptr<rtnl_link>(found).get());
  }

  Result<void> bring_up(int index) {
    const Ptr<rtnl_link> link(rtnl_link_alloc());
    const Ptr<rtnl_link> up(rtnl_link_alloc());
    rtnl_link_set_ifindex(link.get(), index);
    rtnl_link_set_flags(up.get(), IFF_UP);
    return done(rtnl_link_change(socket_.get(), link.get(), up.get(), 0), "bringing a link up");
  }

  /// `address` with a prefix length, or a single host.
  Result<void> add_address(int index, const std::string& address) {
    const Ptr<nl_addr> local = address_of(address);
    const Ptr<rtnl_addr> wanted(rtnl_addr_alloc());
    rtnl_addr_set_local(wanted.get(), local.get());
    rtnl_addr_set_ifindex(wanted.get(), index);
    if (nl_addr_get_family(local.get()) == AF_INET6) {
      rtnl_addr_set_flags(wanted.get(), IFA_F_NODAD);
    }
    return done(rtnl_addr_add(socket_.get(), wanted.get(), NLM_F_CREATE), "adding " + address);
  }

  Result<void> add_route(int index, const std::string& destination, const std::string& gateway) {
    const Ptr<nl_addr> to = address_of(destination);
    const Ptr<nl_addr> via = address_of(gateway);
    const Ptr<rtnl_route> route(rtnl_route_alloc());
    rtnl_route_set_family(route.get(), static_cast<std::uint8_t>(nl_addr_get_family(to.get())));
    rtnl_route_set_dst(route.get(), to.get());
    rtnl_nexthop* hop = rtnl_route_nh_alloc();
    rtnl_route_nh_set_ifindex(hop, index);
    rtnl_route_nh_set_gateway(hop, via.get());
    rtnl_route_add_nexthop(route.get(), hop);
    return done(rtnl_route_add(socket_.get(), route.get(), NLM_F_CREATE),
                "adding a route to " + destination);
  }

  /// A pair: one end here, the other in the network namespace `netns`.
  Result<void> add_pair(const char* here, const char* there, int netns) {
    const Ptr<rtnl_link> link(rtnl_link_veth_alloc());
    rtnl_link_set_name(link.get(), here);
    const Ptr<rtnl_link> peer(rtnl_link_veth_get_peer(link.get()));
    rtnl_link_set_name(peer.get(), there);
    rtnl_link_set_ns_fd(peer.get(), netns);
    return done(rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
                "making a pair of links");
  }

 private:
  explicit Links(Ptr<nl_sock> socket) : socket_(std::move(socket)) {}
  Ptr<nl_sock> socket_;
};

/// Runs `work` in another network namespace; being unable to come back ends the process.
Result<void> in_namespace(const UniqueFd& ns, const std::function<Result<void>()>& work) {
  const UniqueFd own(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!own || ::setns(ns.get(), CLONE_NEWNET) != 0) {
    return fail(Errc::Io, std::string("entering the pod's namespace: ") + std::strerror(errno));
  }
  auto result = work();
  if (::setns(own.get(), CLONE_NEWNET) != 0) std::abort();
  return result;
}

std::vector<Family4or6> families() {
  std::vector<Family4or6> out{kV4};
  if (::access("/proc/sys/net/ipv6/conf/default", F_OK) == 0) out.push_back(kV6);
  return out;
}

Result<void> set_pod_end() {
  ASSIGN_OR_RETURN(Links links, Links::open());
  ASSIGN_OR_RETURN(const int index, links.index_of(kPodEnd));
  RETURN_IF_ERROR(links.bring_up(index));
  for (const Family4or6& family : families()) {
    RETURN_IF_ERROR(links.add_address(index, family.pod));
    RETURN_IF_ERROR(links.add_route(index, family.everywhere, family.gateway));
  }
  return {};
}

}  // namespace

Result<void> own_addresses(const std::vector<IpAddress>& addresses) {
  ASSIGN_OR_RETURN(Links links, Links::open());
  RETURN_IF_ERROR(links.bring_up(kLoopbackIndex));
  for (const IpAddress& address : addresses) {
    RETURN_IF_ERROR(links.add_address(kLoopbackIndex, address.to_string()));
  }
  return {};
}

Result<nlohmann::json> attach(const std::string& netns) {
  const UniqueFd ns(::open(netns.c_str(), O_RDONLY | O_CLOEXEC));
  if (!ns) return fail(Errc::Io, netns + ": " + std::strerror(errno), errno);
  ASSIGN_OR_RETURN(Links links, Links::open());
  RETURN_IF_ERROR(links.add_pair(kHostEnd, kPodEnd, ns.get()));
  ASSIGN_OR_RETURN(const int index, links.index_of(kHostEnd));
  RETURN_IF_ERROR(links.bring_up(index));
  nlohmann::json ips = nlohmann::json::array();
  nlohmann::json routes = nlohmann::json::array();
  for (const Family4or6& family : families()) {
    const std::string prefix = std::string(family.pod).substr(std::string(family.pod).find('/'));
    RETURN_IF_ERROR(links.add_address(index, family.gateway + prefix));
    ips.push_back({{"address", family.pod}, {"gateway", family.gateway}, {"interface", 1}});
    routes.push_back({{"dst", family.everywhere}});
  }
  RETURN_IF_ERROR(in_namespace(ns, set_pod_end));
  const auto interfaces =
      nlohmann::json::array({{{"name", kHostEnd}}, {{"name", kPodEnd}, {"sandbox", netns}}});
  return nlohmann::json{
      {"cniVersion", "1.0.0"}, {"interfaces", interfaces}, {"ips", ips}, {"routes", routes}};
}

}  // namespace sluice::lab
