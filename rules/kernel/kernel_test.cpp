// The kernel's face on real namespaces: what it makes, what it finds changed, what it leaves alone.

#define DOCTEST_CONFIG_IMPLEMENT
#include "rules/kernel/kernel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <doctest/doctest.h>
#include <poll.h>

#include "rules/kernel/differential/namespaces.h"
#include "rules/kernel/differential/segment.h"
#include "rules/kernel/differential/sockets.h"
#include "rules/policy/policy_json.h"

namespace {

using namespace sluice;
using differential::Endpoint;
using differential::Inside;
using differential::Namespace;
using differential::Owner;
using kernel::NetNamespace;

/// A pod's namespace, seen from outside and, to tamper with it, from inside.
struct Pod {
  Namespace ns;
  NetNamespace target;

  explicit Pod(Namespace made)
      : ns(std::move(made)), target(NetNamespace::open(ns.path()).value()) {}
  Pod() : Pod(Namespace::create().value()) {}

  void sh(const std::string& script) const {
    const Inside inside(ns);
    const auto ran = differential::run("sh -e", script + "\n");
    if (!ran) FAIL(ran.error().message);
  }
  [[nodiscard]] std::string output(const std::string& command) const {
    const Inside inside(ns);
    return differential::output_of(command);
  }
  void apply(const RedirectPolicy& policy) const {
    const auto applied = kernel::apply(target, policy);
    if (!applied) FAIL(applied.error().message);
  }
  [[nodiscard]] std::vector<std::string> differences(const RedirectPolicy& policy) const {
    const auto found = kernel::differences(target, policy);
    if (!found) FAIL(found.error().message);
    return *found;
  }
};

RedirectPolicy policy(std::string_view json) {
  return parse_policy(json).value();
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// Everything at once: every chain, sets of every kind, routing rules.
constexpr std::string_view kRich =
    R"({"mode":"tproxy","dns":"all","dropInvalid":true,)"
    R"("inbound":{"exclude":["15020","15021","8000-8100"]},)"
    R"("outbound":{"excludeCIDRs":["10.1.0.0/16","10.9.0.0/16","fd01::/32","fd02::/32"],)"
    R"("excludePorts":["22","25"],"excludeUIDs":[5,6]},"interfaces":{"exclude":["a","b"]}})";

/// Redirects loopback addresses, so that a namespace without any other interface shows it: the
/// app's connections go to 15001, the proxy's to 15006.
constexpr std::string_view kOnLoopback = R"({"outbound":{"includeCIDRs":["127.0.0.0/8"]}})";

/// The port of the listener that accepts a connection made by `owner` to 127.0.0.2:80; 0: none.
std::uint16_t lands_on(const Pod& pod, Owner owner) {
  constexpr std::array<std::uint16_t, 3> kPorts{15001, 15006, 80};
  const Inside inside(pod.ns);
  std::array<UniqueFd, 3> listeners;
  for (std::size_t i = 0; i < kPorts.size(); ++i) {
    listeners[i] = differential::make_socket(Family::V4, Protocol::Tcp, Owner{}).value();
    REQUIRE(differential::bind_to(listeners[i], {IpAddress::parse("0.0.0.0").value(), kPorts[i]}));
    REQUIRE(::listen(listeners[i].get(), 1) == 0);
  }
  const UniqueFd client = differential::make_socket(Family::V4, Protocol::Tcp, owner).value();
  const SocketAddress to =
      differential::socket_address({IpAddress::parse("127.0.0.2").value(), 80});
  const int connected = ::connect(client.get(), to.get(), to.size);
  REQUIRE((connected == 0 || errno == EINPROGRESS));
  std::array<pollfd, 3> polled{};
  for (std::size_t i = 0; i < kPorts.size(); ++i) polled[i] = {listeners[i].get(), POLLIN, 0};
  if (::poll(polled.data(), polled.size(), 2000) <= 0) return 0;
  for (std::size_t i = 0; i < kPorts.size(); ++i) {
    if (polled[i].revents != 0) return kPorts[i];
  }
  return 0;
}

constexpr Owner kApp{Uid{1000}, Gid{1000}};
constexpr Owner kProxy{Uid{1337}, Gid{1337}};

TEST_CASE("a fresh namespace gets lo, ::6 and a table that is as planned") {
  const Pod pod;
  const RedirectPolicy rich = policy(kRich);
  CHECK(joined(pod.differences(rich)).find("table inet sluice is missing") != std::string::npos);
  pod.apply(rich);
  CHECK(joined(pod.differences(rich)) == "");
  CHECK(joined(kernel::tampering(pod.target).value()) == "");
  CHECK(count(pod.output("ip -o addr show lo"), "::6/128") == 1);
  CHECK(count(pod.output("ip link show lo"), "LOOPBACK,UP") == 1);
  CHECK(count(pod.output("nft list ruleset"), "comment \"sluice v1 " + policy_hash(rich)) == 1);
}

TEST_CASE("applying twice changes nothing, not even a counter") {
  const Pod pod;
  pod.apply(policy(kOnLoopback));
  CHECK(lands_on(pod, kApp) == 15001);
  const std::string before = pod.output("nft -a list ruleset");
  CHECK(count(before, "counter packets 1 ") > 0);
  pod.apply(policy(kOnLoopback));
  CHECK(pod.output("nft -a list ruleset") == before);
}

TEST_CASE("applying a TPROXY policy twice leaves one routing rule and route of each family") {
  const Pod pod;
  pod.apply(policy(kRich));
  pod.apply(policy(kRich));
  for (const std::string family : {"-4", "-6"}) {
    CHECK(count(pod.output("ip " + family + " rule"), "fwmark 0x539 lookup 133") == 1);
    CHECK(count(pod.output("ip " + family + " route show table 133"), "local default dev lo") == 1);
  }
}

TEST_CASE("another policy replaces the first, with its routing rules") {
  const Pod pod;
  const RedirectPolicy rich = policy(kRich);
  const RedirectPolicy other = policy(R"({"mode":"tproxy","tproxy":{"mark":7,"routeTable":9}})");
  const RedirectPolicy plain = policy("{}");
  pod.apply(rich);
  pod.apply(other);
  CHECK(joined(pod.differences(other)) == "");
  CHECK(joined(pod.differences(rich)).find("made for another policy") != std::string::npos);
  CHECK(count(pod.output("ip rule"), "lookup 133") == 0);
  pod.apply(plain);
  CHECK(joined(pod.differences(plain)) == "");
  CHECK(count(pod.output("ip rule; ip -6 rule"), "fwmark") == 0);
  CHECK(count(pod.output("nft list tables"), "table") == 1);
}

TEST_CASE("mode none removes what was there, and removing twice is fine") {
  const Pod pod;
  const RedirectPolicy none = policy(R"({"mode":"none"})");
  pod.apply(policy(kRich));
  CHECK(joined(pod.differences(none)).find("should not be there") != std::string::npos);
  pod.apply(none);
  CHECK(joined(pod.differences(none)) == "");
  pod.apply(policy(kRich));
  CHECK(kernel::remove(pod.target));
  CHECK(kernel::remove(pod.target));
  CHECK(pod.output("nft list ruleset") == "");
  CHECK(count(pod.output("ip rule; ip -6 rule"), "fwmark") == 0);
  CHECK(count(pod.output("ip link show lo"), "LOOPBACK,UP") == 1);
}

TEST_CASE("what others made stays, whatever is applied and removed") {
  const Pod pod;
  pod.sh(
      "ip link set lo up; nft add table inet other; nft add chain inet other c; "
      "ip rule add fwmark 1337 lookup 133; ip rule add fwmark 1337 lookup 99 pref 7; "
      "ip route add local default dev lo table 99");
  const std::string table = pod.output("nft list table inet other");
  const std::string rules = pod.output("ip rule");
  for (const std::string_view json : {kRich, kOnLoopback, kRich}) {
    pod.apply(policy(json));
    CHECK(joined(pod.differences(policy(json))) == "");
  }
  CHECK(kernel::remove(pod.target));
  CHECK(pod.output("nft list ruleset") == table);
  CHECK(pod.output("ip rule") == rules);
  CHECK(count(pod.output("ip route show table 99"), "local default") == 1);
}

/// Deletes the first rule whose comment begins so, by its handle.
std::string delete_rule(const std::string& chain, const std::string& comment) {
  return "handle=$(nft -a list chain inet sluice " + chain + " | grep '\"" + comment +
         "' | head -1 | sed 's/.*# handle //'); nft delete rule inet sluice " + chain +
         " handle $handle";
}

TEST_CASE("whatever someone changes is named, and applying again repairs it") {
  struct Tampering {
    std::string script;
    std::string named;
  };
  const std::vector<Tampering> cases{
      {"nft delete table inet sluice", "table inet sluice is missing"},
      {"nft flush chain inet sluice nat_output",
       "chain nat_output, rule 1 (outbound 1: through an excluded interface "
       "(traffic.sidecar.istio.io/excludeInterfaces)) is missing"},
      {delete_rule("nat_output", "outbound 7"), "(outbound 7: to loopback (default)) is missing"},
      {delete_rule("raw_output", "dns zone 1"), "chain raw_output, rule 1 (dns zone 1"},
      {delete_rule("mangle_prerouting", "tproxy inbound 8"),
       "(tproxy inbound 8: of a connection that is established (default)) is missing"},
      {"nft add rule inet sluice nat_output counter accept",
       "(without comment) should not be there"},
      {"nft insert rule inet sluice nat_output tcp dport 80 accept comment bypass",
       "chain nat_output, rule 1 (bypass) should not be there"},
      {"nft insert rule inet sluice mangle_prerouting accept",
       "chain mangle_prerouting, rule 1 (without comment) should not be there"},
      {"nft add element inet sluice excluded_cidrs4 { 192.0.2.0/24 }",
       "set excluded_cidrs4 holds other elements"},
      {"nft delete element inet sluice excluded_cidrs6 { fd01::/32 }",
       "set excluded_cidrs6 holds other elements"},
      {"nft delete element inet sluice excluded_outbound_ports { 22 }",
       "set excluded_outbound_ports holds other elements"},
      {"nft add element inet sluice excluded_uids { 1000 }",
       "set excluded_uids holds other elements"},
      {"nft add element inet sluice excluded_interfaces { eth0 }",
       "set excluded_interfaces holds other elements"},
      {"nft add set inet sluice more '{ type ipv4_addr; }'", "set more should not be there"},
      {"nft add chain inet sluice more", "chain more should not be there"},
      {"nft flush chain inet sluice nat_output; nft delete chain inet sluice nat_output",
       "chain nat_output is missing"},
      {"nft chain inet sluice mangle_prerouting '{ policy drop; }'",
       "chain mangle_prerouting drops what no rule decides"},
      {"nft add table inet sluice '{ flags dormant; }'", "the table is dormant"},
      {"ip rule del fwmark 1337", "ip rule fwmark 1337 lookup 133 is missing"},
      {"ip -6 rule del fwmark 1337", "ip -6 rule fwmark 1337 lookup 133 is missing"},
      {"ip route flush table 133", "ip route local default dev lo table 133 is missing"},
      {"ip -6 route flush table 133", "ip -6 route local default dev lo table 133 is missing"},
      {"ip addr del ::6/128 dev lo", "::6 is not on lo"},
      {"ip link set lo down", "lo is down"},
  };
  const Pod pod;
  const RedirectPolicy rich = policy(kRich);
  pod.apply(rich);
  for (const Tampering& tampering : cases) {
    CAPTURE(tampering.script);
    pod.sh(tampering.script);
    const std::string found = joined(pod.differences(rich));
    CAPTURE(found);
    CHECK(found.find(tampering.named) != std::string::npos);
    const auto noticed = kernel::tampering(pod.target);
    const bool of_table = tampering.script.find("inet sluice ") != std::string::npos;
    if (of_table) CHECK((noticed && noticed->size() == 1));
    pod.apply(rich);
    CHECK(joined(pod.differences(rich)) == "");
  }
}

TEST_CASE("one change is one difference") {
  const Pod pod;
  const RedirectPolicy rich = policy(kRich);
  pod.apply(rich);
  pod.sh(delete_rule("nat_output", "outbound 4c uid"));
  CHECK(pod.differences(rich).size() == 1);
}

TEST_CASE("counters count what went through each rule") {
  const Pod pod;
  CHECK(kernel::counters(pod.target).error().code == Errc::NotFound);
  pod.apply(policy(kOnLoopback));
  const auto before = kernel::counters(pod.target);
  REQUIRE(before);
  for (const auto& counter : *before) CHECK(counter.packets == 0);
  CHECK(lands_on(pod, kApp) == 15001);
  CHECK(lands_on(pod, kApp) == 15001);
  CHECK(lands_on(pod, kProxy) == 15006);
  const auto after = kernel::counters(pod.target);
  REQUIRE(after);
  for (const auto& counter : *after) {
    CAPTURE(counter.comment);
    std::uint64_t packets = 0;
    if (counter.comment.starts_with("outbound 10:")) packets = 2;
    if (counter.comment.starts_with("outbound 4a uid:")) packets = 1;
    // The same step's rule for IPv6, which comes second.
    const bool ipv6 = &counter != after->data() && (&counter - 1)->comment == counter.comment;
    if (ipv6) packets = 0;
    CHECK(counter.packets == packets);
    CHECK(counter.bytes == 60 * packets);
  }
}

/// How many packets the rules have counted whose comment begins so.
std::uint64_t counted(const Pod& pod, const std::string& comment) {
  const auto counters = kernel::counters(pod.target);
  REQUIRE(counters);
  std::uint64_t packets = 0;
  for (const auto& counter : *counters) {
    if (counter.comment.starts_with(comment)) packets += counter.packets;
  }
  return packets;
}

TEST_CASE("a segment outside its connection's window is invalid, and dropped when asked") {
  const Pod pod;
  pod.apply(policy(R"({"dropInvalid":true})"));
  const Inside inside(pod.ns);
  const IpAddress lo = IpAddress::loopback_v4();
  const UniqueFd listener = differential::make_socket(Family::V4, Protocol::Tcp, Owner{}).value();
  REQUIRE(differential::bind_to(listener, {lo, 80}));
  REQUIRE(::listen(listener.get(), 1) == 0);
  const UniqueFd client = differential::make_socket(Family::V4, Protocol::Tcp, kApp).value();
  const Endpoint server{lo, 80};
  const SocketAddress to = differential::socket_address(server);
  REQUIRE((::connect(client.get(), to.get(), to.size) == 0 || errno == EINPROGRESS));
  const Endpoint source = differential::local_endpoint(client).value();
  CHECK(counted(pod, "invalid:") == 0);
  const UniqueFd raw =
      differential::make_socket(Family::V4, SOCK_RAW, IPPROTO_TCP, Owner{}).value();
  // The connection's own sequence numbers are random. Of three that are a third of all numbers
  // apart, at least one lies well ahead of the window; those behind it may pass for old ones.
  for (const std::uint32_t sequence : {0U, 0x55555555U, 0xAAAAAAAAU}) {
    const auto segment = differential::make_segment(source, server, sequence, differential::kAck);
    REQUIRE(::sendto(raw.get(), segment.data(), segment.size(), 0, to.get(), to.size) == 20);
  }
  CHECK(counted(pod, "invalid:") >= 1);
}

TEST_CASE("only a network namespace of a pod is taken") {
  const auto code = [](const std::string& path) { return NetNamespace::open(path).error().code; };
  CHECK(code("/proc/self/ns/net") == Errc::HostNamespace);
  CHECK(code(Namespace::own().value().path()) == Errc::HostNamespace);
  CHECK(code("/proc/self/ns/mnt") == Errc::Invalid);
  CHECK(code("/dev/null") == Errc::Invalid);
  CHECK(code("/nowhere/at/all") == Errc::NotFound);
  CHECK(kernel::available());
}

TEST_CASE("everything else happens in the caller's own namespace") {
  const std::string before = differential::output_of("readlink /proc/$PPID/ns/net");
  const Pod pod;
  pod.apply(policy(kRich));
  CHECK(kernel::remove(pod.target));
  CHECK(differential::output_of("readlink /proc/$PPID/ns/net") == before);
}

TEST_CASE("a namespace without IPv6 is redirected for IPv4 alone") {
  const Pod pod;
  {
    const Inside inside(pod.ns);
    REQUIRE(differential::write_sysctl("ipv6/conf/all/disable_ipv6", "1"));
    REQUIRE(differential::write_sysctl("ipv6/conf/default/disable_ipv6", "1"));
  }
  for (const std::string_view json : {kRich, kOnLoopback}) {
    pod.apply(policy(json));
    CHECK(joined(pod.differences(policy(json))) == "");
    CHECK(count(pod.output("ip -6 rule"), "fwmark") == 0);
    CHECK(count(pod.output("ip -6 addr"), "::6") == 0);
  }
  CHECK(lands_on(pod, kApp) == 15001);
  {
    const Inside inside(pod.ns);
    REQUIRE(differential::write_sysctl("ipv6/conf/all/disable_ipv6", "0"));
  }
  CHECK(joined(pod.differences(policy(kOnLoopback))).find("::6 is not on lo") == 0);
  pod.apply(policy(kOnLoopback));
  CHECK(joined(pod.differences(policy(kOnLoopback))) == "");
}

TEST_CASE("in a pod with a user namespace of its own, ids are the pod's") {
  constexpr std::uint32_t kFirst = 20000;
  const Pod pod(Namespace::create_for_user_namespace(kFirst).value());
  pod.apply(policy(kRich));
  pod.apply(policy(kOnLoopback));
  CHECK(joined(pod.differences(policy(kOnLoopback))) == "");
  const Owner app{Uid{kFirst + 1000}, Gid{kFirst + 1000}};
  const Owner proxy{Uid{kFirst + 1337}, Gid{kFirst + 1000}};
  const Owner proxy_group{Uid{kFirst + 1000}, Gid{kFirst + 1337}};
  CHECK(lands_on(pod, app) == 15001);
  CHECK(lands_on(pod, proxy) == 15006);
  CHECK(lands_on(pod, proxy_group) == 15006);
  CHECK(lands_on(pod, kProxy) == 15001);
  CHECK(kernel::remove(pod.target));
  CHECK(lands_on(pod, app) == 80);
}

}  // namespace

int main(int argc, char** argv) {
  if (differential::become_root(argv) == differential::Privilege::Lacking) {
    std::fputs("SKIPPED: needs root, or user namespaces with subordinate ids (package uidmap)\n",
               stderr);
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
