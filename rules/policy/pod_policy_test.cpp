#include "rules/policy/pod_policy.h"

#include <algorithm>
#include <array>
#include <random>

#include <doctest/doctest.h>

#include "rules/policy/annotations.h"
#include "rules/policy/policy_json.h"

using namespace sluice;

namespace {

PodFacts pod_with(const std::map<std::string, std::string>& annotations) {
  PodFacts pod;
  pod.annotations = annotations;
  pod.containers.push_back({.name = "app"});
  pod.containers.push_back({.name = "istio-proxy"});
  return pod;
}

/// The policy of a pod with one annotation, as canonical JSON with what every pod gets.
std::string canonical(const std::string& name, const std::string& value) {
  auto read = pod_policy(pod_with({{name, value}}));
  return read ? canonical_json(read->policy) : read.error().message;
}

/// A policy of JSON, plus what every pod gets.
std::string expected(const char* json) {
  RedirectPolicy policy = parse_policy(json).value();
  if (policy.inbound.exclude.empty()) {
    policy.inbound.exclude =
        parse_policy(R"({"inbound":{"exclude":["15020","15021","15090"]}})")->inbound.exclude;
  }
  return canonical_json(policy);
}

}  // namespace

TEST_CASE("a pod that says nothing gets Istio's defaults") {
  CHECK(canonical("other", "x") == expected(R"({"outbound":{"excludePorts":["15020"]}})"));
}

TEST_CASE("annotations are read as Istio reads them") {
  const struct {
    const char* annotation;
    const char* value;
    const char* policy;
  } rows[] = {
      {"sidecar.istio.io/interceptionMode", "TPROXY",
       R"({"mode":"tproxy","outbound":{"excludePorts":["15020"]}})"},
      {"sidecar.istio.io/interceptionMode", "NONE",
       R"({"mode":"none","outbound":{"excludePorts":["15020"]}})"},
      {"sidecar.istio.io/interceptionMode", "REDIRECT",
       R"({"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/excludeOutboundPorts", "", R"({})"},
      {"traffic.sidecar.istio.io/excludeOutboundPorts", "3306, 080,8000-8100",
       R"({"outbound":{"excludePorts":["80","3306","8000-8100"]}})"},
      {"traffic.sidecar.istio.io/includeOutboundPorts", "443",
       R"({"outbound":{"includePorts":["443"],"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/includeOutboundIPRanges", "*",
       R"({"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/includeOutboundIPRanges", "",
       R"({"outbound":{"includeCIDRs":[],"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/includeOutboundIPRanges", "10.1.2.3/8,fd00::/8",
       R"({"outbound":{"includeCIDRs":["10.0.0.0/8","fd00::/8"],"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/excludeOutboundIPRanges", " 10.0.0.1/32 , 1.2.3.0/24",
       R"({"outbound":{"excludeCIDRs":["10.0.0.1/32","1.2.3.0/24"],"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/includeInboundPorts", "*",
       R"({"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/includeInboundPorts", "",
       R"({"inbound":{"include":[]},"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/includeInboundPorts", "80,443",
       R"({"inbound":{"include":["80","443"]},"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/excludeInboundPorts", "9999",
       R"({"inbound":{"exclude":["9999","15020","15021","15090"]},"outbound":{"excludePorts":["15020"]}})"},
      {"status.sidecar.istio.io/port", "15999",
       R"({"inbound":{"exclude":["15999","15020","15021","15090"]},"outbound":{"excludePorts":["15020"]}})"},
      {"status.sidecar.istio.io/port", "0", R"({"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/excludeInterfaces", "net1,net2",
       R"({"interfaces":{"exclude":["net1","net2"]},"outbound":{"excludePorts":["15020"]}})"},
      {"traffic.sidecar.istio.io/kubevirtInterfaces", "vm0",
       R"({"interfaces":{"reroute":["vm0"]},"outbound":{"excludePorts":["15020"]}})"},
      {"istio.io/reroute-virtual-interfaces", "vm1",
       R"({"interfaces":{"reroute":["vm1"]},"outbound":{"excludePorts":["15020"]}})"},
      {"redirect.sluice.dev/excludeOutboundUIDs", "0,1000",
       R"({"outbound":{"excludeUIDs":[0,1000],"excludePorts":["15020"]}})"},
      {"redirect.sluice.dev/outboundPort", "15101",
       R"({"ports":{"outbound":15101},"outbound":{"excludePorts":["15020"]}})"},
      {"redirect.sluice.dev/inboundPort", "15106",
       R"({"ports":{"inbound":15106},"outbound":{"excludePorts":["15020"]}})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.annotation);
    CAPTURE(row.value);
    CHECK(canonical(row.annotation, row.value) == expected(row.policy));
  }
}

TEST_CASE("a bad annotation is named with its value and what is wrong") {
  const std::pair<const char*, const char*> rows[] = {
      {"sidecar.istio.io/interceptionMode", "redirect"},
      {"sidecar.istio.io/interceptionMode", ""},
      {"traffic.sidecar.istio.io/excludeOutboundPorts", "70000"},
      {"traffic.sidecar.istio.io/excludeOutboundPorts", "*"},
      {"traffic.sidecar.istio.io/excludeOutboundPorts", "80,"},
      {"traffic.sidecar.istio.io/includeOutboundPorts", "abc"},
      {"traffic.sidecar.istio.io/includeInboundPorts", "9-8"},
      {"traffic.sidecar.istio.io/includeInboundPorts", "80,*"},
      {"traffic.sidecar.istio.io/excludeInboundPorts", "0"},
      {"traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0"},
      {"traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/33"},
      {"traffic.sidecar.istio.io/excludeInterfaces", "much-too-long-a-name"},
      {"istio.io/reroute-virtual-interfaces", "a/b"},
      {"status.sidecar.istio.io/port", "x"},
      {"redirect.sluice.dev/excludeOutboundUIDs", "4294967295"},
      {"redirect.sluice.dev/outboundPort", "0"},
      {"redirect.sluice.dev/policy", "{"},
      {"redirect.sluice.dev/policy", R"({"mode":"x"})"},
  };
  for (const auto& [name, value] : rows) {
    CAPTURE(name);
    CAPTURE(value);
    auto read = pod_policy(pod_with({{name, value}}));
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == Errc::Invalid);
    CHECK(read.error().message.find(name) != std::string::npos);
  }
}

TEST_CASE("all bad annotations are reported at once") {
  auto read = pod_policy(pod_with({{"traffic.sidecar.istio.io/excludeOutboundPorts", "a"},
                                   {"traffic.sidecar.istio.io/includeInboundPorts", "b"},
                                   {"sidecar.istio.io/interceptionMode", "c"}}));
  REQUIRE_FALSE(read.has_value());
  for (const char* part : {"excludeOutboundPorts: \"a\"", "includeInboundPorts: \"b\"",
                           "interceptionMode: \"c\"", "; "}) {
    CHECK(read.error().message.find(part) != std::string::npos);
  }
}

TEST_CASE("the newer name of virtual interfaces wins over the older") {
  auto read = pod_policy(pod_with({{"traffic.sidecar.istio.io/kubevirtInterfaces", "old"},
                                   {"istio.io/reroute-virtual-interfaces", "new"}}));
  CHECK(read->policy.interfaces.reroute == std::set<IfName>{IfName::parse("new").value()});
}

TEST_CASE("the whole policy in one annotation is the policy") {
  auto read = pod_policy(pod_with({{"redirect.sluice.dev/policy", R"({"mode":"tproxy"})"},
                                   {"traffic.sidecar.istio.io/excludeOutboundPorts", "not read"}}));
  REQUIRE(read.has_value());
  CHECK(canonical_json(read->policy) ==
        canonical_json(parse_policy(R"({"mode":"tproxy"})").value()));
}

TEST_CASE("the proxy is known by the ids it runs under, and 0 is nobody's mark") {
  const struct {
    RunAs container;
    RunAs pod;
    std::uint32_t uid;
    std::uint32_t gid;
  } rows[] = {
      {{}, {}, 1337, 1337},
      {{2102, 2103}, {}, 2102, 2103},
      {{}, {1000, 1001}, 1000, 1001},
      {{0, 1337}, {}, 1337, 1337},
      // The container's 0 is what counts: the pod's id is the app's, and must not pass for the
      // proxy.
      {{0, 1337}, {1000, 1000}, 1337, 1337},
  };
  for (const auto& row : rows) {
    PodFacts pod = pod_with({});
    pod.run_as = row.pod;
    pod.containers[1].run_as = row.container;
    const ProxyIdentity proxy = pod_policy(pod)->policy.proxy;
    CHECK(proxy.uids == std::set<Uid>{Uid{row.uid}});
    CHECK(proxy.gids == std::set<Gid>{Gid{row.gid}});
  }
  PodFacts without;
  without.run_as = {1000, 1000};
  CHECK(pod_policy(without)->policy.proxy == ProxyIdentity{});
  PodFacts pod = pod_with({});
  pod.containers[1].run_as.user = -1;
  CHECK(pod_policy(pod).error().message.find("runAsUser: -1") != std::string::npos);
}

TEST_CASE("a TPROXY proxy that is known by its uid is warned of") {
  const struct {
    const char* mode;
    RunAs container;
    RunAs pod;
    std::size_t warnings;
  } rows[] = {
      {"TPROXY", {0, 1337}, {}, 0},
      {"TPROXY", {0, 1337}, {1000, 1000}, 0},
      {"TPROXY", {}, {}, 0},
      {"TPROXY", {1337, 1337}, {}, 1},
      {"TPROXY", {{}, 1337}, {1000, 1000}, 1},
      {"REDIRECT", {1337, 1337}, {}, 0},
  };
  for (const auto& row : rows) {
    PodFacts pod = pod_with({{"sidecar.istio.io/interceptionMode", row.mode}});
    pod.run_as = row.pod;
    pod.containers[1].run_as = row.container;
    CHECK(pod_policy(pod)->warnings.size() == row.warnings);
  }
}

TEST_CASE("the proxy's environment is read as Go reads booleans") {
  PodFacts pod = pod_with({});
  pod.containers[1].env = {
      {"ISTIO_META_DNS_CAPTURE", "T"}, {"INVALID_DROP", "true"}, {"ISTIO_DUAL_STACK", "perhaps"}};
  auto read = pod_policy(pod);
  REQUIRE(read.has_value());
  CHECK(is_all(read->policy.dns_servers));
  CHECK(read->policy.drop_invalid);
  REQUIRE(read->warnings.size() == 1);
  CHECK(read->warnings[0].find("ISTIO_DUAL_STACK") != std::string::npos);

  pod.containers[1].env = {{"ISTIO_META_DNS_CAPTURE", "yes"}};
  read = pod_policy(pod);
  CHECK_FALSE(is_all(read->policy.dns_servers));
  CHECK(read->warnings.size() == 1);

  pod.containers[0].env = {{"INVALID_DROP", "true"}};  // the app's
  CHECK_FALSE(pod_policy(pod)->policy.drop_invalid);
}

TEST_CASE("only exactly true and false are a wish, and a label hides the annotation") {
  PodFacts pod;
  CHECK(inject_wish(pod) == std::nullopt);
  pod.annotations["sidecar.istio.io/inject"] = "false";
  CHECK(inject_wish(pod) == false);
  pod.labels["sidecar.istio.io/inject"] = "true";
  CHECK(inject_wish(pod) == true);
  // As in Istio's injector: a label that says nothing still replaces an annotation that does.
  for (const char* odd : {"False", "no", "", "0"}) {
    pod.labels["sidecar.istio.io/inject"] = odd;
    CHECK(inject_wish(pod) == std::nullopt);
  }
  pod.labels.clear();
  for (const char* odd : {"False", "no", "", "0"}) {
    pod.annotations["sidecar.istio.io/inject"] = odd;
    CHECK(inject_wish(pod) == std::nullopt);
  }
}

TEST_CASE("the proxy is a regular container or a native sidecar, no plain init container") {
  PodFacts pod;
  pod.containers.push_back({.name = "istio-proxy", .kind = ContainerKind::Init});
  CHECK(proxy_container(pod) == nullptr);
  pod.containers.push_back({.name = "istio-proxy", .kind = ContainerKind::NativeSidecar});
  CHECK(proxy_container(pod) == &pod.containers[1]);
}

TEST_CASE("any bytes give a policy that can be written and read, or an error that can be shown") {
  constexpr std::array kNames = {kInterceptionMode,
                                 kIncludeOutboundIpRanges,
                                 kExcludeOutboundIpRanges,
                                 kIncludeOutboundPorts,
                                 kExcludeOutboundPorts,
                                 kIncludeInboundPorts,
                                 kExcludeInboundPorts,
                                 kExcludeInterfaces,
                                 kRerouteVirtualInterfaces,
                                 kKubevirtInterfaces,
                                 kStatusPort,
                                 kExcludeOutboundUids,
                                 kOutboundPort,
                                 kInboundPort,
                                 kPolicy};
  constexpr std::array<std::string_view, 16> kPieces = {
      ",",     "-",          "/",     "*",          " ",
      "0",     "80",         "65535", "10.0.0.0/8", "::/0",
      "eth0",  "{\"mode\":", "\x01",  "\xff\"\\",   "99999999999999999999",
      "TPROXY"};
  std::mt19937_64 engine(3);
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string name(kNames.at(engine() % kNames.size()));
    std::string value;
    for (std::size_t n = engine() % 6; n > 0; --n) {
      value += engine() % 8 == 0 ? std::string(engine() % 300, static_cast<char>(engine()))
                                 : kPieces.at(engine() % kPieces.size());
    }
    CAPTURE(name);
    const auto read = pod_policy(pod_with({{name, value}}));
    if (read) {
      ++accepted;
      CHECK(parse_policy(canonical_json(read->policy)) == read->policy);
      continue;
    }
    CHECK(read.error().code == Errc::Invalid);
    const std::string& message = read.error().message;
    CHECK(message.find(name) != std::string::npos);
    REQUIRE(
        std::all_of(message.begin(), message.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
  CHECK(accepted > 200);
}

TEST_CASE("a flood of bad values is a message of bounded size") {
  std::string value;
  for (int i = 0; i < 5000; ++i) value += "x,";
  for (const std::string_view name : {kExcludeOutboundPorts, kExcludeOutboundIpRanges}) {
    const auto read = pod_policy(pod_with({{std::string(name), value}}));
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message.size() < 10000);
    CHECK(read.error().message.find("and 4981 more") != std::string::npos);
  }
}
