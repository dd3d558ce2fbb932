// What decide() says, held against the design's text (section 2): each row is a policy, a packet,
// and what the text says becomes of it, by which step.

#include "rules/policy/decide.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "rules/policy/policy_json.h"

namespace sluice {
namespace {

struct Row {
  std::string_view policy;
  std::string_view packet;
  Verdict verdict;
  std::string_view step;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.policy);
    CAPTURE(row.packet);
    const auto policy = parse_policy(row.policy);
    REQUIRE_MESSAGE(policy.has_value(), (policy ? "" : policy.error().message));
    const auto packet = parse_packet(row.packet);
    REQUIRE_MESSAGE(packet.has_value(), (packet ? "" : packet.error().message));
    const Decision decision = decide(*policy, *packet);
    CHECK(to_string(decision.verdict) == to_string(row.verdict));
    CHECK(decision.step == row.step);
    CHECK(!decision.reason.empty());
  }
}

constexpr auto Pass = Verdict::Pass;
constexpr auto Outbound = Verdict::Outbound;
constexpr auto Inbound = Verdict::Inbound;
constexpr auto Dns = Verdict::Dns;
constexpr auto Drop = Verdict::Drop;
constexpr std::string_view kDefault = "{}";
constexpr std::string_view kDns = R"({"dns":"all"})";
constexpr std::string_view kEnd = "end of chain";

TEST_CASE("outbound 1: through an excluded interface passes, whatever it is") {
  constexpr std::string_view policy = R"({"interfaces":{"exclude":["eth1","lo"]},"dns":"all"})";
  check({
      {policy, "out tcp 10.0.0.1:80 if=eth1", Pass, "outbound 1"},
      {policy, "out udp 10.0.0.1:53 if=eth1", Pass, "outbound 1"},
      {policy, "out tcp [2001:db8::1]:80 if=eth1", Pass, "outbound 1"},
      {policy, "out tcp 10.0.0.1:80 if=eth10", Outbound, "outbound 10"},
      {policy, "out tcp 10.0.0.9:80 if=lo uid=1337", Pass, "outbound 1"},
      {policy, "out tcp 10.0.0.1:80", Outbound, "outbound 10"},
  });
}

TEST_CASE("outbound 2: to an excluded port passes, TCP and UDP, before DNS and the proxy") {
  constexpr std::string_view policy =
      R"({"outbound":{"excludePorts":["53","8000-8100","65535"],"includePorts":["8050"]},"dns":"all"})";
  check({
      {policy, "out tcp 10.0.0.1:8000", Pass, "outbound 2"},
      {policy, "out tcp 10.0.0.1:8050", Pass, "outbound 2"},
      {policy, "out tcp [2001:db8::1]:8100", Pass, "outbound 2"},
      {policy, "out tcp 10.0.0.1:65535", Pass, "outbound 2"},
      {policy, "out udp 10.0.0.1:53", Pass, "outbound 2"},
      {policy, "out tcp 10.0.0.1:53", Pass, "outbound 2"},
      {policy, "out tcp 10.0.0.1:7999", Outbound, "outbound 10"},
      {policy, "out tcp 10.0.0.1:8101", Outbound, "outbound 10"},
      {policy, "out tcp 10.0.0.9:8000 if=lo uid=1337", Pass, "outbound 2"},
  });
}

TEST_CASE("outbound 3: the proxy's own inbound passthrough, only through lo") {
  check({
      {kDefault, "out tcp 10.0.0.9:80 src=127.0.0.6 if=lo uid=1337", Pass, "outbound 3"},
      {kDefault, "out tcp [fd00::9]:80 src=[::6] if=lo uid=1337", Pass, "outbound 3"},
      {kDefault, "out tcp 10.0.0.9:80 src=127.0.0.6 if=lo uid=1000", Pass, "outbound 3"},
      {kDefault, "out tcp 10.0.0.9:80 src=127.0.0.7 if=lo uid=1337", Inbound, "outbound 4a uid"},
      {kDefault, "out tcp 10.0.0.1:80 src=127.0.0.6 if=eth0 uid=1000", Outbound, "outbound 10"},
      {kDns, "out udp 127.0.0.53:53 src=127.0.0.6", Pass, "outbound 3"},
  });
}

TEST_CASE("outbound 4 by uid: the proxy calls its own pod, the app calls its own pod") {
  check({
      {kDefault, "out tcp 10.0.0.9:80 if=lo uid=1337", Inbound, "outbound 4a uid"},
      {kDefault, "out tcp [fd00::9]:80 if=lo uid=1337", Inbound, "outbound 4a uid"},
      {kDefault, "out tcp 10.0.0.9:15008 if=lo uid=1337", Pass, "outbound 4c uid"},
      {kDefault, "out udp 10.0.0.9:80 if=lo uid=1337", Pass, "outbound 4c uid"},
      {kDefault, "out tcp 127.0.0.1:80 uid=1337", Pass, "outbound 4c uid"},
      {kDefault, "out tcp [::1]:80 uid=1337", Pass, "outbound 4c uid"},
      {kDefault, "out tcp 127.0.0.2:80 uid=1337", Inbound, "outbound 4a uid"},
      {R"({"loopbackCIDR":"127.0.0.0/8"})", "out tcp 127.0.0.2:80 uid=1337", Pass,
       "outbound 4c uid"},
      {kDefault, "out tcp 10.0.0.1:80 uid=1337", Pass, "outbound 4c uid"},
      {kDefault, "out udp 10.0.0.1:53 uid=1337", Pass, "outbound 4c uid"},
      {kDefault, "out tcp 10.0.0.9:80 if=lo uid=1000", Pass, "outbound 4b uid"},
      {kDefault, "out udp 10.0.0.9:53 if=lo uid=1000", Pass, "outbound 4b uid"},
      {kDefault, "out tcp 127.0.0.1:80 uid=1000", Pass, "outbound 4b uid"},
      {kDefault, "out tcp [::1]:80 uid=1000", Pass, "outbound 4b uid"},
      {kDefault, "out tcp 10.0.0.1:80 uid=1000", Outbound, "outbound 10"},
  });
}

TEST_CASE("outbound 4 by uid: what DNS capture changes") {
  check({
      {kDns, "out tcp 10.0.0.9:53 if=lo uid=1337", Pass, "outbound 4c uid"},
      {kDns, "out tcp 10.0.0.9:54 if=lo uid=1337", Inbound, "outbound 4a uid"},
      {kDns, "out tcp 10.0.0.9:80 if=lo uid=1000", Pass, "outbound 4b uid"},
      {kDns, "out tcp 127.0.0.1:53 uid=1000", Dns, "outbound 6"},
      {kDns, "out udp 127.0.0.53:53 uid=1000", Dns, "outbound 6"},
      {kDns, "out udp [::1]:53 uid=1000", Dns, "outbound 6"},
      {kDns, "out udp 127.0.0.1:80 uid=1000", Pass, "outbound 7"},
      {kDefault, "out tcp 10.0.0.9:53 if=lo uid=1337", Inbound, "outbound 4a uid"},
      // An empty list of servers is no DNS capture.
      {R"({"dns":{"servers":[]}})", "out tcp 10.0.0.9:53 if=lo uid=1337", Inbound,
       "outbound 4a uid"},
      {R"({"dns":{"servers":[]}})", "out udp 127.0.0.1:53 uid=1000", Pass, "outbound 4b uid"},
  });
}

TEST_CASE("outbound 4 by gid: a round of its own, reached by what the uid round leaves") {
  constexpr std::string_view only_gid = R"({"proxy":{"uids":[],"gids":[1337]}})";
  constexpr std::string_view only_gid_dns = R"({"proxy":{"uids":[],"gids":[1337]},"dns":"all"})";
  check({
      {kDefault, "out tcp 10.0.0.1:80 uid=0 gid=1337", Pass, "outbound 4c gid"},
      {kDefault, "out udp 10.0.0.1:53 uid=0 gid=1337", Pass, "outbound 4c gid"},
      // Through lo the uid round's (b) comes first: this uid is not the proxy's.
      {kDefault, "out tcp 10.0.0.9:80 if=lo uid=0 gid=1337", Pass, "outbound 4b uid"},
      {only_gid, "out tcp 10.0.0.9:80 if=lo uid=0 gid=1337", Inbound, "outbound 4a gid"},
      {only_gid, "out tcp [fd00::9]:80 if=lo uid=0 gid=1337", Inbound, "outbound 4a gid"},
      {only_gid, "out tcp 10.0.0.9:15008 if=lo gid=1337", Pass, "outbound 4c gid"},
      {only_gid, "out tcp 10.0.0.9:80 if=lo gid=1000", Pass, "outbound 4b gid"},
      {only_gid, "out tcp 10.0.0.1:80 uid=1337 gid=1000", Outbound, "outbound 10"},
      // Only the uid round leaves port 53 out of (a).
      {only_gid_dns, "out tcp 10.0.0.9:53 if=lo gid=1337", Inbound, "outbound 4a gid"},
      {kDns, "out tcp 10.0.0.9:53 if=lo uid=0 gid=1337", Inbound, "outbound 4a gid"},
      {kDns, "out udp 127.0.0.1:53 uid=0 gid=1337", Pass, "outbound 4c gid"},
  });
}

TEST_CASE("outbound 4: owned means by any of several ids, in any order") {
  constexpr std::string_view policy = R"({"proxy":{"uids":[2102,1337],"gids":[1337,7]}})";
  check({
      {policy, "out tcp 10.0.0.9:80 if=lo uid=2102", Inbound, "outbound 4a uid"},
      {policy, "out tcp 10.0.0.9:80 if=lo uid=1337", Inbound, "outbound 4a uid"},
      {policy, "out tcp 10.0.0.9:80 if=lo uid=1338", Pass, "outbound 4b uid"},
      {policy, "out tcp 10.0.0.1:80 uid=2102", Pass, "outbound 4c uid"},
      {policy, "out tcp 10.0.0.1:80 uid=1 gid=7", Pass, "outbound 4c gid"},
      {policy, "out tcp 10.0.0.1:80 uid=7 gid=2102", Outbound, "outbound 10"},
  });
}

TEST_CASE("outbound 4b is not there when an included CIDR's own address is loopback") {
  check({
      {R"({"outbound":{"includeCIDRs":["127.0.0.1/32","10.0.0.0/8"]}})",
       "out tcp 10.0.0.9:80 if=lo uid=1000", Outbound, "outbound 10"},
      {R"({"outbound":{"includeCIDRs":["127.0.0.0/8"]}})", "out tcp 127.0.0.2:80 uid=1000",
       Outbound, "outbound 10"},
      {R"({"outbound":{"includeCIDRs":["127.0.0.0/8"]}})", "out tcp 127.0.0.1:80 uid=1000", Pass,
       "outbound 7"},
      {R"({"outbound":{"includeCIDRs":["::1/128","10.0.0.0/8"]}})",
       "out tcp 10.0.0.9:80 if=lo uid=1000", Outbound, "outbound 10"},
      // 0.0.0.0/0 contains loopback, but its own address is none.
      {R"({"outbound":{"includeCIDRs":["0.0.0.0/0"]}})", "out tcp 127.0.0.2:80 uid=1000", Pass,
       "outbound 4b uid"},
      {kDefault, "out tcp 127.0.0.2:80 uid=1000", Pass, "outbound 4b uid"},
  });
}

TEST_CASE("outbound 5: groups and uids that are not redirected, DNS included") {
  constexpr std::string_view excluded =
      R"({"dns":"all","outbound":{"excludeGroups":[1000,1001],"excludeUIDs":[5,6]}})";
  constexpr std::string_view included =
      R"({"dns":"all","outbound":{"includeGroups":[1000,1001],"excludeGroups":[1000]}})";
  constexpr std::string_view nobody = R"({"dns":"all","outbound":{"includeGroups":[]}})";
  check({
      {excluded, "out tcp 10.0.0.1:80 gid=1001", Pass, "outbound 5"},
      {excluded, "out udp 10.0.0.1:53 gid=1000", Pass, "outbound 5"},
      {excluded, "out tcp 10.0.0.1:80 uid=5", Pass, "outbound 5"},
      {excluded, "out udp 10.0.0.1:53 uid=6", Pass, "outbound 5"},
      {excluded, "out tcp 10.0.0.1:80 uid=7 gid=999", Outbound, "outbound 10"},
      {excluded, "out udp 10.0.0.1:53 uid=7 gid=999", Dns, "outbound 6"},
      // excludeGroups counts only while every group is included.
      {included, "out tcp 10.0.0.1:80 gid=1000", Outbound, "outbound 10"},
      {included, "out udp 10.0.0.1:53 gid=1001", Dns, "outbound 6"},
      {included, "out tcp 10.0.0.1:80 gid=999", Pass, "outbound 5"},
      {included, "out udp 10.0.0.1:53 gid=999", Pass, "outbound 5"},
      {nobody, "out tcp 10.0.0.1:80 gid=0", Pass, "outbound 5"},
      {nobody, "out udp 10.0.0.1:53 gid=1000", Pass, "outbound 5"},
      {nobody, "out tcp 10.0.0.9:80 if=lo uid=1337", Inbound, "outbound 4a uid"},
      {R"({"outbound":{"includeGroups":[1000],"excludeUIDs":[5]}})",
       "out tcp 10.0.0.1:80 uid=5 gid=1000", Pass, "outbound 5"},
  });
}

TEST_CASE("outbound 6: DNS to any server or to the listed ones") {
  constexpr std::string_view listed =
      R"({"dns":{"servers":["10.96.0.10","127.0.0.53","fd00::a"]},"outbound":{"includeCIDRs":[]}})";
  check({
      {kDns, "out udp 8.8.8.8:53 uid=1000", Dns, "outbound 6"},
      {kDns, "out tcp 8.8.8.8:53 uid=1000", Dns, "outbound 6"},
      {kDns, "out udp [2001:4860:4860::8888]:53", Dns, "outbound 6"},
      {kDns, "out udp 8.8.8.8:5353", Pass, kEnd},
      {kDns, "out tcp 8.8.8.8:5353", Outbound, "outbound 10"},
      {listed, "out udp 10.96.0.10:53", Dns, "outbound 6"},
      {listed, "out tcp 10.96.0.10:53", Dns, "outbound 6"},
      {listed, "out udp [fd00::a]:53", Dns, "outbound 6"},
      {listed, "out udp 127.0.0.53:53 uid=1000", Dns, "outbound 6"},
      {listed, "out udp 10.96.0.11:53", Pass, kEnd},
      {listed, "out udp [fd00::b]:53", Pass, kEnd},
      {kDefault, "out udp 8.8.8.8:53", Pass, kEnd},
      {kDefault, "out tcp 8.8.8.8:53", Outbound, "outbound 10"},
      // An excluded CIDR comes after DNS.
      {R"({"dns":"all","outbound":{"excludeCIDRs":["8.0.0.0/8"]}})", "out udp 8.8.8.8:53", Dns,
       "outbound 6"},
      {R"({"dns":"all","ports":{"dns":5300}})", "out udp 8.8.8.8:53 uid=1337", Pass,
       "outbound 4c uid"},
  });
}

TEST_CASE("outbound 7 to 10: loopback, excluded CIDRs, included ports, included CIDRs") {
  constexpr std::string_view policy =
      R"({"outbound":{"includeCIDRs":["10.0.0.0/8","fd00::/8","127.0.0.0/8"],
          "excludeCIDRs":["10.9.0.0/16","fd00:9::/32"],"includePorts":["443"]}})";
  check({
      {policy, "out tcp 127.0.0.1:443 uid=1000", Pass, "outbound 7"},
      {policy, "out tcp [::1]:443 uid=1000", Pass, "outbound 7"},
      {policy, "out udp 127.0.0.1:443 uid=1000", Pass, "outbound 7"},
      {policy, "out tcp 10.9.0.1:443", Pass, "outbound 8"},
      {policy, "out udp 10.9.255.255:1", Pass, "outbound 8"},
      {policy, "out tcp [fd00:9::1]:80", Pass, "outbound 8"},
      {policy, "out tcp 10.8.255.255:80", Outbound, "outbound 10"},
      {policy, "out tcp 10.10.0.0:80", Outbound, "outbound 10"},
      {policy, "out tcp [fd00:a::1]:80", Outbound, "outbound 10"},
      {policy, "out tcp 8.8.8.8:443", Outbound, "outbound 9"},
      {policy, "out tcp [2001:db8::1]:443", Outbound, "outbound 9"},
      {policy, "out udp 8.8.8.8:443", Pass, kEnd},
      {policy, "out tcp 8.8.8.8:444", Pass, kEnd},
      {policy, "out tcp 11.0.0.0:80", Pass, kEnd},
      {policy, "out tcp [2001:db8::1]:80", Pass, kEnd},
      {kDefault, "out udp 8.8.8.8:443", Pass, kEnd},
      {R"({"outbound":{"includeCIDRs":[]}})", "out tcp 10.0.0.1:80", Pass, kEnd},
      {R"({"outbound":{"includeCIDRs":["0.0.0.0/0"]}})", "out tcp 255.255.255.255:80", Outbound,
       "outbound 10"},
      {R"({"outbound":{"includeCIDRs":["0.0.0.0/0"]}})", "out tcp [2001:db8::1]:80", Pass, kEnd},
  });
}

TEST_CASE("inbound: reroute, interfaces, tunnel, excluded and included ports") {
  constexpr std::string_view policy =
      R"({"inbound":{"include":["80","8000-8100","15008"],"exclude":["8050"]},
          "interfaces":{"exclude":["eth1"]}})";
  check({
      {kDefault, "in tcp 10.0.0.9:80", Inbound, "inbound 5"},
      {kDefault, "in tcp [fd00::9]:80", Inbound, "inbound 5"},
      {kDefault, "in udp 10.0.0.9:80", Pass, kEnd},
      {kDefault, "in tcp 10.0.0.9:15008", Pass, "inbound 3"},
      {R"({"ports":{"tunnel":11008}})", "in tcp 10.0.0.9:15008", Inbound, "inbound 5"},
      {R"({"ports":{"tunnel":11008}})", "in tcp 10.0.0.9:11008", Pass, "inbound 3"},
      {policy, "in tcp 10.0.0.9:80 if=eth1", Pass, "inbound 2"},
      {policy, "in udp 10.0.0.9:80 if=eth1", Pass, "inbound 2"},
      {policy, "in tcp 10.0.0.9:80", Inbound, "inbound 5"},
      {policy, "in tcp 10.0.0.9:8100", Inbound, "inbound 5"},
      {policy, "in tcp 10.0.0.9:8101", Pass, kEnd},
      {policy, "in tcp 10.0.0.9:8050", Pass, "inbound 4"},
      {policy, "in tcp 10.0.0.9:15008", Pass, "inbound 3"},
      {R"({"inbound":{"exclude":["15020"]}})", "in tcp 10.0.0.9:15020", Pass, "inbound 4"},
      {R"({"inbound":{"include":[]}})", "in tcp 10.0.0.9:80", Pass, kEnd},
  });
}

TEST_CASE("inbound 1: what enters through a rerouted interface is outbound") {
  constexpr std::string_view all =
      R"({"interfaces":{"reroute":["net1"],"exclude":["net1"]},
          "inbound":{"include":["1"],"exclude":["80"]},
          "outbound":{"excludePorts":["80"],"excludeCIDRs":["10.0.0.0/8"]}})";
  constexpr std::string_view listed =
      R"({"interfaces":{"reroute":["net1"]},"outbound":{"includeCIDRs":["10.0.0.0/8","fd00::/8"],
          "includePorts":["443"]}})";
  constexpr std::string_view none =
      R"({"interfaces":{"reroute":["net1"]},"outbound":{"includeCIDRs":[]}})";
  check({
      {all, "in tcp 10.0.0.1:80 if=net1", Outbound, "inbound 1"},
      {all, "in tcp [2001:db8::1]:15008 if=net1", Outbound, "inbound 1"},
      {all, "in udp 10.0.0.1:80 if=net1", Pass, "inbound 1"},
      {all, "in tcp 10.0.0.9:1 if=eth0", Inbound, "inbound 5"},
      {listed, "in tcp 10.0.0.1:80 if=net1", Outbound, "inbound 1"},
      {listed, "in tcp [fd00::1]:80 if=net1", Outbound, "inbound 1"},
      {listed, "in tcp 8.8.8.8:443 if=net1", Pass, "inbound 1"},
      {none, "in tcp 10.0.0.1:80 if=net1", Pass, "inbound 1"},
      {none, "in tcp 10.0.0.1:80 if=eth0", Inbound, "inbound 5"},
  });
}

TEST_CASE("tproxy inbound: what passes, and what goes to the proxy with its source intact") {
  constexpr std::string_view plain = R"({"mode":"tproxy"})";
  constexpr std::string_view policy =
      R"({"mode":"tproxy","inbound":{"include":["80","8000-8100"],"exclude":["8050"]},
          "interfaces":{"exclude":["eth1"],"reroute":["net1"]},
          "tproxy":{"mark":7,"outboundMark":8}})";
  check({
      {plain, "in tcp 10.0.0.9:80", Inbound, "tproxy inbound 8"},
      {plain, "in tcp [fd00::9]:80", Inbound, "tproxy inbound 8"},
      // 15008 is left alone in REDIRECT only.
      {plain, "in tcp 10.0.0.9:15008", Inbound, "tproxy inbound 8"},
      {plain, "in udp 10.0.0.9:80", Pass, kEnd},
      {plain, "in tcp 10.0.0.9:80 mark=1337", Pass, "tproxy inbound 3"},
      {plain, "in tcp 127.0.0.1:80 if=eth0", Pass, kEnd},
      {policy, "in tcp 10.0.0.9:80", Inbound, "tproxy inbound 8"},
      {policy, "in tcp 10.0.0.9:8050", Pass, "tproxy inbound 7"},
      {policy, "in tcp 10.0.0.9:81", Pass, kEnd},
      {policy, "in tcp 10.0.0.9:80 if=eth1", Pass, "tproxy inbound 1"},
      {policy, "in tcp 10.0.0.9:80 mark=7", Pass, "tproxy inbound 3"},
      {policy, "in tcp 10.0.0.9:80 mark=1337", Inbound, "tproxy inbound 8"},
      {policy, "in tcp 10.0.0.1:8050 if=net1", Outbound, "inbound 1"},
      {policy, "in udp 10.0.0.1:80 if=net1", Pass, "inbound 1"},
      {R"({"mode":"tproxy","inbound":{"include":[]}})", "in tcp 10.0.0.9:80", Pass, kEnd},
  });
}

TEST_CASE("tproxy self calls: out through lo, and in again") {
  constexpr std::string_view plain = R"({"mode":"tproxy"})";
  constexpr std::string_view ports =
      R"({"mode":"tproxy","inbound":{"include":["80"],"exclude":["8050"]}})";
  constexpr std::string_view wide = R"({"mode":"tproxy","loopbackCIDR":"127.0.0.0/8"})";
  check({
      // Known by uid, nat settles it on its way out.
      {plain, "out tcp 10.0.0.9:80 if=lo uid=1337", Inbound, "outbound 4a uid"},
      // Known by gid alone, nat lets it pass (4b), and mark 1338 brings it to the proxy.
      {plain, "out tcp 10.0.0.9:80 if=lo uid=0 gid=1337", Inbound, "tproxy inbound 8"},
      {plain, "out tcp [fd00::9]:80 if=lo uid=0 gid=1337", Inbound, "tproxy inbound 8"},
      {plain, "out tcp 127.0.0.2:80 uid=0 gid=1337", Inbound, "tproxy inbound 8"},
      {wide, "out tcp 127.0.0.2:80 uid=0 gid=1337", Pass, "outbound 4b uid"},
      {ports, "out tcp 10.0.0.9:80 if=lo uid=0 gid=1337", Inbound, "tproxy inbound 8"},
      {ports, "out tcp 10.0.0.9:8050 if=lo uid=0 gid=1337", Pass, "outbound 4b uid"},
      {ports, "out tcp 10.0.0.9:81 if=lo uid=0 gid=1337", Pass, "outbound 4b uid"},
      {plain, "out tcp 127.0.0.1:80 uid=0 gid=1337", Pass, "outbound 4b uid"},
      {plain, "out udp 10.0.0.9:80 if=lo uid=0 gid=1337", Pass, "outbound 4b uid"},
      // The app calling its own pod carries no mark.
      {plain, "out tcp 10.0.0.9:80 if=lo uid=1000", Pass, "outbound 4b uid"},
      // The proxy handing on, by its mark or by its source.
      {plain, "out tcp 10.0.0.9:80 if=lo uid=0 gid=1337 mark=1337", Pass, "outbound 4b uid"},
      // Not one that is known by its uid: to itself.
      {plain, "out tcp 10.0.0.9:80 if=lo uid=1337 mark=1337", Inbound, "outbound 4a uid"},
      {plain, "out tcp 10.0.0.9:80 if=lo uid=0 gid=1337 src=127.0.0.6", Pass, "outbound 3"},
      {plain, "out tcp [fd00::9]:80 if=lo uid=0 gid=1337 src=[::6]", Pass, "outbound 3"},
      {plain, "out tcp 10.0.0.1:80 uid=1000", Outbound, "outbound 10"},
      {plain, "out tcp 10.0.0.1:80 uid=0 gid=1337", Pass, "outbound 4c gid"},
  });
}

TEST_CASE("drop-invalid: TCP on its way in, in both modes, and only when asked") {
  constexpr std::string_view redirect = R"({"dropInvalid":true})";
  constexpr std::string_view tproxy =
      R"({"dropInvalid":true,"mode":"tproxy","interfaces":{"exclude":["eth1"]}})";
  check({
      {redirect, "in tcp 10.0.0.9:80 invalid", Drop, "invalid"},
      {redirect, "in tcp [fd00::9]:15008 invalid", Drop, "invalid"},
      {redirect, "in udp 10.0.0.9:80 invalid", Pass, kEnd},
      {redirect, "in tcp 10.0.0.9:80", Inbound, "inbound 5"},
      {redirect, "out tcp 10.0.0.1:80 invalid", Pass, kEnd},
      {redirect, "out tcp 10.0.0.9:80 if=lo invalid", Drop, "invalid"},
      {tproxy, "in tcp 10.0.0.9:80 invalid", Drop, "tproxy inbound 2"},
      {tproxy, "in tcp 10.0.0.9:80 invalid mark=1337", Drop, "tproxy inbound 2"},
      {tproxy, "in tcp 10.0.0.9:80 invalid if=eth1", Pass, "tproxy inbound 1"},
      // Without it nobody drops them, and the kernel's NAT does not touch them either.
      {kDefault, "in tcp 10.0.0.9:80 invalid", Pass, kEnd},
      {kDefault, "out tcp 10.0.0.1:80 invalid", Pass, kEnd},
  });
}

TEST_CASE("mode none: nothing is redirected") {
  constexpr std::string_view none = R"({"mode":"none","dns":"all","dropInvalid":true})";
  check({
      {none, "in tcp 10.0.0.9:80", Pass, kEnd},
      {none, "in tcp 10.0.0.9:80 invalid", Pass, kEnd},
      {none, "out tcp 10.0.0.1:80", Pass, kEnd},
      {none, "out udp 10.0.0.1:53", Pass, kEnd},
  });
}

std::string reason(std::string_view policy, std::string_view packet) {
  return decide(parse_policy(policy).value(), parse_packet(packet).value()).reason;
}

TEST_CASE("the reason names the annotation or the default behind the step") {
  CHECK(reason(kDefault, "out tcp 10.0.0.1:80") == "TCP to anywhere (default)");
  CHECK(reason(R"({"outbound":{"excludePorts":["80"]}})", "out tcp 10.0.0.1:80") ==
        "to an excluded port (traffic.sidecar.istio.io/excludeOutboundPorts)");
  CHECK(reason(R"({"outbound":{"includeCIDRs":["10.0.0.0/8"]}})", "out tcp 8.8.8.8:80") ==
        "to nothing that is included (traffic.sidecar.istio.io/includeOutboundIPRanges)");
  CHECK(reason(R"({"inbound":{"include":["80"]}})", "in tcp 10.0.0.9:81") ==
        "to nothing that is included (traffic.sidecar.istio.io/includeInboundPorts)");
  CHECK(reason(kDefault, "out udp 10.0.0.1:80").find("UDP") != std::string::npos);
  CHECK(reason(R"({"mode":"none"})", "in tcp 10.0.0.9:80").find("mode none") != std::string::npos);
}

TEST_CASE("the trace ends with the step that decided, and nothing before it in its chain matched") {
  const Decision decision =
      decide(parse_policy(kDefault).value(), parse_packet("out tcp 10.0.0.1:80").value());
  REQUIRE(!decision.trace.empty());
  CHECK(decision.trace.back().matched);
  CHECK(decision.trace.back().step.name == decision.step);
  for (std::size_t i = 0; i + 1 < decision.trace.size(); ++i) CHECK(!decision.trace[i].matched);
}

}  // namespace
}  // namespace sluice
