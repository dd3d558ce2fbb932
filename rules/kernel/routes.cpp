#include "rules/kernel/routes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/route/rule.h>
#include <sys/socket.h>

#include "rules/base/late.h"

// The bounds of libnl's initializers where a program has put these aside; elsewhere null.
extern "C" const sluice::Initializer __start_netlink_init[]
    __attribute__((weak, visibility("hidden")));
extern "C" const sluice::Initializer __stop_netlink_init[]
    __attribute__((weak, visibility("hidden")));

namespace sluice::kernel {
namespace {

// rtm_protocol and FRA_PROTOCOL: who made it. Not in use by iproute2's rt_protos.
constexpr std::uint8_t kOurProtocol = 153;
constexpr int kLoopbackIndex = 1;

using CachePtr = std::unique_ptr<nl_cache, FreeWith<nl_cache_free>>;
using RulePtr = std::unique_ptr<rtnl_rule, FreeWith<rtnl_rule_put>>;
using RoutePtr = std::unique_ptr<rtnl_route, FreeWith<rtnl_route_put>>;
using AddrPtr = std::unique_ptr<nl_addr, FreeWith<nl_addr_put>>;

struct RuleKey {
  int family;
  std::uint32_t mark;
  std::uint32_t table;
  bool operator==(const RuleKey&) const = default;
};

struct RouteKey {
  int family;
  std::uint32_t table;
  bool operator==(const RouteKey&) const = default;
};

/// Our rules and routes of a namespace: those there are, or those there should be.
struct Routing {
  std::vector<RuleKey> rules;
  std::vector<RouteKey> routes;
};

Routing wanted(const RedirectPolicy& policy, bool ipv6) {
  Routing routing;
  if (policy.mode != Mode::Tproxy) return routing;
  for (const int family : {AF_INET, AF_INET6}) {
    if (family == AF_INET6 && !ipv6) continue;
    const std::uint32_t table = policy.tproxy.route_table.number;
    routing.rules.push_back({family, policy.tproxy.mark.number, table});
    routing.routes.push_back({family, table});
  }
  return routing;
}

bool initialized() {
  run_initializers(__start_netlink_init, __stop_netlink_init);
  return true;
}

tl::unexpected<Error> nl_fail(int error, const std::string& what) {
  return fail(Errc::Kernel, what + ": " + nl_geterror(error), 0);
}

std::string name(const RuleKey& rule) {
  return std::string(rule.family == AF_INET ? "ip" : "ip -6") + " rule fwmark " +
         std::to_string(rule.mark) + " lookup " + std::to_string(rule.table);
}

std::string name(const RouteKey& route) {
  return std::string(route.family == AF_INET ? "ip" : "ip -6") +
         " route local default dev lo table " + std::to_string(route.table);
}

RulePtr make(const RuleKey& key) {
  RulePtr rule(rtnl_rule_alloc());
  rtnl_rule_set_family(rule.get(), key.family);
  rtnl_rule_set_mark(rule.get(), key.mark);
  rtnl_rule_set_table(rule.get(), key.table);
  rtnl_rule_set_action(rule.get(), FR_ACT_TO_TBL);
  rtnl_rule_set_protocol(rule.get(), kOurProtocol);
  return rule;
}

RoutePtr make(const RouteKey& key) {
  RoutePtr route(rtnl_route_alloc());
  const AddrPtr everything(nl_addr_build(key.family, nullptr, 0));
  rtnl_route_set_family(route.get(), static_cast<std::uint8_t>(key.family));
  rtnl_route_set_dst(route.get(), everything.get());
  rtnl_route_set_table(route.get(), key.table);
  rtnl_route_set_type(route.get(), RTN_LOCAL);
  rtnl_route_set_scope(route.get(), RT_SCOPE_HOST);
  rtnl_route_set_protocol(route.get(), kOurProtocol);
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, kLoopbackIndex);
  rtnl_route_add_nexthop(route.get(), hop);
  return route;
}

void note_rule(nl_object* object, void* data) {
  auto* rule = reinterpret_cast<rtnl_rule*>(object);
  std::uint8_t protocol = 0;
  if (rtnl_rule_get_protocol(rule, &protocol) != 0 || protocol != kOurProtocol) return;
  static_cast<Routing*>(data)->rules.push_back(
      {rtnl_rule_get_family(rule), rtnl_rule_get_mark(rule), rtnl_rule_get_table(rule)});
}

void note_route(nl_object* object, void* data) {
  auto* route = reinterpret_cast<rtnl_route*>(object);
  if (rtnl_route_get_protocol(route) != kOurProtocol) return;
  static_cast<Routing*>(data)->routes.push_back(
      {rtnl_route_get_family(route), rtnl_route_get_table(route)});
}

Result<Routing> present(nl_sock* socket) {
  Routing routing;
  nl_cache* cache = nullptr;
  if (const int error = rtnl_rule_alloc_cache(socket, AF_UNSPEC, &cache); error < 0) {
    return nl_fail(error, "reading the routing rules");
  }
  const CachePtr rules(cache);
  nl_cache_foreach(rules.get(), note_rule, &routing);
  if (const int error = rtnl_route_alloc_cache(socket, AF_UNSPEC, 0, &cache); error < 0) {
    return nl_fail(error, "reading the routes");
  }
  const CachePtr routes(cache);
  nl_cache_foreach(routes.get(), note_route, &routing);
  return routing;
}

template <class Key>
std::vector<Key> minus(const std::vector<Key>& from, const std::vector<Key>& what) {
  std::vector<Key> rest;
  for (const Key& key : from) {
    if (std::find(what.begin(), what.end(), key) == what.end()) rest.push_back(key);
  }
  return rest;
}

int add(nl_sock* socket, const RuleKey& key) {
  return rtnl_rule_add(socket, make(key).get(), NLM_F_CREATE | NLM_F_EXCL);
}
int add(nl_sock* socket, const RouteKey& key) {
  return rtnl_route_add(socket, make(key).get(), NLM_F_CREATE | NLM_F_EXCL);
}
int remove(nl_sock* socket, const RuleKey& key) {
  return rtnl_rule_delete(socket, make(key).get(), 0);
}
int remove(nl_sock* socket, const RouteKey& key) {
  return rtnl_route_delete(socket, make(key).get(), 0);
}

template <class Key>
Result<void> turn_into(nl_sock* socket, const std::vector<Key>& there,
                       const std::vector<Key>& want) {
  for (const Key& key : minus(want, there)) {
    const int error = add(socket, key);
    if (error < 0 && error != -NLE_EXIST) return nl_fail(error, "adding " + name(key));
  }
  for (const Key& key : minus(there, want)) {
    const int error = remove(socket, key);
    if (error < 0 && error != -NLE_OBJ_NOTFOUND) return nl_fail(error, "removing " + name(key));
  }
  return {};
}

template <class Key>
void name_differences(const std::vector<Key>& there, const std::vector<Key>& want,
                      std::vector<std::string>& out) {
  for (const Key& key : minus(want, there)) out.push_back(name(key) + " is missing");
  for (const Key& key : minus(there, want)) out.push_back(name(key) + " should not be there");
}

}  // namespace

Result<RouteSocket> RouteSocket::adopt(UniqueFd fd) {
  static const bool ready = initialized();
  static_cast<void>(ready);
  sockaddr_nl anywhere{};
  anywhere.nl_family = AF_NETLINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&anywhere), sizeof(anywhere)) != 0) {
    return fail(Errc::Kernel, std::string("binding an rtnetlink socket: ") + std::strerror(errno),
                errno);
  }
  Socket socket(nl_socket_alloc());
  if (const int error = nl_socket_set_fd(socket.get(), NETLINK_ROUTE, fd.get()); error < 0) {
    return nl_fail(error, "opening an rtnetlink socket");
  }
  static_cast<void>(fd.release());
  return RouteSocket(std::move(socket));
}

Result<void> RouteSocket::set(const RedirectPolicy& policy, bool ipv6) {
  ASSIGN_OR_RETURN(const Routing there, present(socket_.get()));
  const Routing want = wanted(policy, ipv6);
  RETURN_IF_ERROR(turn_into(socket_.get(), there.routes, want.routes));
  return turn_into(socket_.get(), there.rules, want.rules);
}

Result<std::vector<std::string>> RouteSocket::differences(const RedirectPolicy& policy, bool ipv6) {
  ASSIGN_OR_RETURN(const Routing there, present(socket_.get()));
  const Routing want = wanted(policy, ipv6);
  std::vector<std::string> out;
  name_differences(there.rules, want.rules, out);
  name_differences(there.routes, want.routes, out);
  return out;
}

}  // namespace sluice::kernel
