#include "rules/policy/policy_json.h"

#include <random>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "rules/policy/random_policy.h"

using namespace sluice;

namespace {

/// Every field away from its default.
constexpr const char* kEverything =
    R"({"mode":"tproxy","proxy":{"uids":[1,2],"gids":[3]},)"
    R"("ports":{"outbound":1,"inbound":2,"tunnel":3,"dns":65535},)"
    R"("inbound":{"include":["80","8000-8100"],"exclude":[22]},)"
    R"("outbound":{"includePorts":["443"],"excludePorts":["25","1-5"],)"
    R"("includeCIDRs":["10.1.2.3/8","fd00::/8"],"excludeCIDRs":["0.0.0.0/0"],)"
    R"("excludeUIDs":[0],"includeGroups":[],"excludeGroups":[4294967294]},)"
    R"("interfaces":{"exclude":["net1"],"reroute":["vm0"]},"dns":{"servers":["10.0.0.10","::1"]},)"
    R"("dropInvalid":true,"loopbackCIDR":"127.0.0.0/8",)"
    R"("tproxy":{"mark":4294967295,"outboundMark":1,"routeTable":256}})";

std::string canonical(std::string_view json) {
  auto policy = parse_policy(json);
  return policy ? canonical_json(*policy) : policy.error().message;
}

}  // namespace

TEST_CASE("an empty object is the default policy") {
  CHECK(parse_policy("{}") == RedirectPolicy{});
  CHECK(canonical_json({}) ==
        R"({"dns":"off","dropInvalid":false,"inbound":{"exclude":[],"include":"*"},)"
        R"("interfaces":{"exclude":[],"reroute":[]},"loopbackCIDR":"127.0.0.1/32",)"
        R"("mode":"redirect","outbound":{"excludeCIDRs":[],"excludeGroups":[],"excludePorts":[],)"
        R"("excludeUIDs":[],"includeCIDRs":"*","includeGroups":"*","includePorts":[]},)"
        R"("ports":{"dns":15053,"inbound":15006,"outbound":15001,"tunnel":15008},)"
        R"("proxy":{"gids":[1337],"uids":[1337]},)"
        R"("tproxy":{"mark":1337,"outboundMark":1338,"routeTable":133}})");
}

TEST_CASE("every field is read and written") {
  CHECK(canonical(kEverything) ==
        R"({"dns":{"servers":["10.0.0.10","::1"]},"dropInvalid":true,)"
        R"("inbound":{"exclude":["22"],"include":["80","8000-8100"]},)"
        R"("interfaces":{"exclude":["net1"],"reroute":["vm0"]},"loopbackCIDR":"127.0.0.0/8",)"
        R"("mode":"tproxy","outbound":{"excludeCIDRs":["0.0.0.0/0"],)"
        R"("excludeGroups":[4294967294],"excludePorts":["1-5","25"],"excludeUIDs":[0],)"
        R"("includeCIDRs":["10.0.0.0/8","fd00::/8"],"includeGroups":[],"includePorts":["443"]},)"
        R"("ports":{"dns":65535,"inbound":2,"outbound":1,"tunnel":3},)"
        R"("proxy":{"gids":[3],"uids":[1,2]},)"
        R"("tproxy":{"mark":4294967295,"outboundMark":1,"routeTable":256}})");
}

TEST_CASE("policies that mean the same have the same text and hash") {
  const std::pair<const char*, const char*> rows[] = {
      {"{}", R"({"mode":"redirect","dns":"off","inbound":{"include":"*"}})"},
      {R"({"dns":{"servers":[]}})", R"({"dns":"off"})"},
      {R"({"inbound":{"exclude":[3,"1-2",2]}})", R"({"inbound":{"exclude":["1-3"]}})"},
      {R"({"outbound":{"excludeCIDRs":["10.9.9.9/8"]}})",
       R"({"outbound":{"excludeCIDRs":["10.0.0.0/8","10.0.0.1/8"]}})"},
      {R"({"proxy":{"uids":[2,1,2]}})", R"({"proxy":{"uids":[1,2]}})"},
      {R"({"loopbackCIDR":"127.1.2.3/8"})", R"({"loopbackCIDR":"127.0.0.0/8"})"},
  };
  for (const auto& [one, other] : rows) {
    CAPTURE(one);
    CHECK(canonical(one) == canonical(other));
    CHECK(policy_hash(parse_policy(one).value()) == policy_hash(parse_policy(other).value()));
  }
}

TEST_CASE("an offence is named with its path") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"mdoe":"none"})", "mdoe: unknown key"},
      {R"({"outbound":{"excludeUids":[]}})", "outbound.excludeUids: unknown key"},
      {R"({"dns":{"servers":[],"all":true}})", "dns.all: unknown key"},
      {R"({"a b":1})", R"("a b": unknown key)"},
      {R"({"mode":"REDIRECT"})", R"(mode: "REDIRECT" is not)"},
      {R"({"mode":null})", "mode: null is not"},
      {R"({"mode":"none","mode":"none"})", "mode: given twice"},
      {R"({"tproxy":{"mark":5,"mark":6}})", "tproxy.mark: given twice"},
      {"[]", "policy: a list is not an object"},
      {R"("{}")", "policy: \"{}\" is not an object"},
      {R"({"ports":[]})", "ports: a list is not an object"},
      {R"({"ports":{"outbound":0}})", "ports.outbound: 0 is not a port"},
      {R"({"ports":{"inbound":65536}})", "ports.inbound: 65536 is not a port"},
      {R"({"ports":{"dns":"53"}})", R"(ports.dns: "53" is not a port)"},
      {R"({"ports":{"tunnel":15008.0}})", "ports.tunnel: 15008.0 is not a port"},
      {R"({"inbound":{"include":"80"}})", R"(inbound.include: "80" is neither "*" nor a list)"},
      {R"({"inbound":{"include":["*"]}})", R"(inbound.include[0]: "*" is not a port)"},
      {R"({"inbound":{"exclude":["80"," 80"]}})", R"(inbound.exclude[1]: " 80" is not a port)"},
      {R"({"inbound":{"exclude":["080"]}})", R"(inbound.exclude[0]: "080" is not a port)"},
      {R"({"inbound":{"exclude":["9-8"]}})", R"(inbound.exclude[0]: "9-8" is not a port)"},
      {R"({"inbound":{"exclude":["1-65536"]}})", R"("1-65536" is not a port)"},
      {R"({"inbound":{"exclude":"*"}})", R"(inbound.exclude: "*" is not a list)"},
      {R"({"outbound":{"excludePorts":[-1]}})", "outbound.excludePorts[0]: -1 is not a port"},
      {R"({"outbound":{"excludeCIDRs":["10.0.0.1"]}})", R"([0]: "10.0.0.1" is not a CIDR)"},
      {R"({"outbound":{"includeCIDRs":["10.0.0.0/33"]}})", R"([0]: "10.0.0.0/33" is not a CIDR)"},
      {R"({"outbound":{"excludeUIDs":["0"]}})", R"(outbound.excludeUIDs[0]: "0" is not an id)"},
      {R"({"outbound":{"excludeGroups":[-1]}})", "outbound.excludeGroups[0]: -1 is not an id"},
      {R"({"outbound":{"includeGroups":"all"}})", R"("all" is neither "*" nor a list)"},
      {R"({"proxy":{"uids":[4294967295]}})", "proxy.uids[0]: 4294967295 is not an id"},
      {R"({"proxy":{"gids":1337}})", "proxy.gids: 1337 is not a list"},
      {R"({"proxy":{"gids":[],"uids":[]}})", "proxy: uids and gids are both empty"},
      {R"({"interfaces":{"exclude":["a/b"]}})", R"(interfaces.exclude[0]: "a/b" is not an inter)"},
      {R"({"interfaces":{"reroute":["0123456789abcdef"]}})", "interfaces.reroute[0]: "},
      {R"({"dns":"on"})", R"(dns: "on" is not "off", "all")"},
      {R"({"dns":{}})", "dns: servers is missing"},
      {R"({"dns":{"servers":["dns.local"]}})", R"(dns.servers[0]: "dns.local" is not an IP)"},
      {R"({"dropInvalid":"true"})", R"(dropInvalid: "true" is neither true nor false)"},
      {R"({"loopbackCIDR":"::1/128"})", R"(loopbackCIDR: "::1/128" is not an IPv4 CIDR)"},
      {R"({"tproxy":{"mark":0}})", "tproxy.mark: 0 is not a mark"},
      {R"({"tproxy":{"outboundMark":4294967296}})", "tproxy.outboundMark: 4294967296 is not"},
      {R"({"tproxy":{"mark":1338}})", "tproxy: mark and outboundMark are both 1338"},
      {R"({"tproxy":{"routeTable":0}})", "tproxy.routeTable: 0 is not"},
      {R"({"tproxy":{"routeTable":253}})", "tproxy.routeTable: 253 is not"},
      {R"({"tproxy":{"routeTable":255}})", "tproxy.routeTable: 255 is not"},
  };
  for (const auto& [text, offence] : rows) {
    CAPTURE(text);
    const auto policy = parse_policy(text);
    REQUIRE_FALSE(policy.has_value());
    CHECK(policy.error().code == Errc::Invalid);
    CAPTURE(policy.error().message);
    CHECK(policy.error().message.find(offence) != std::string::npos);
  }
}

TEST_CASE("everything wrong is named at once") {
  const auto policy =
      parse_policy(R"({"mode":1,"ports":{"dns":0,"x":1},"y":2,"mode":2,"dns":{"servers":[3,4]}})");
  REQUIRE_FALSE(policy.has_value());
  CHECK(policy.error().message ==
        "mode: given twice; dns.servers[0]: 3 is not an IP address; "
        "dns.servers[1]: 4 is not an IP address; mode: 2 is not \"redirect\", \"tproxy\" or "
        "\"none\"; ports.dns: 0 is not a port number (1 to 65535); ports.x: unknown key; "
        "y: unknown key");
}

TEST_CASE("what is no JSON is malformed, and the message says where") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "line 1, column 1"},           {"{", "line 1, column 2"},
      {"{}x", "line 1, column 3"},        {"{\n \"mode\": none}", "line 2, column 11"},
      {"{\"a\":1,}", "line 1, column 8"}, {"// no\n{}", "line 1, column"},
      {"{\"mode\":\"\xff\"}", "line 1"},  {"{\"tproxy\":{\"mark\":1e999}}", "number"},
  };
  for (const auto& [text, where] : rows) {
    CAPTURE(text);
    const auto policy = parse_policy(text);
    REQUIRE_FALSE(policy.has_value());
    CHECK(policy.error().code == Errc::Malformed);
    CAPTURE(policy.error().message);
    CHECK(policy.error().message.find(where) != std::string::npos);
  }
}

TEST_CASE("a message shows foreign text escaped and cut") {
  const std::string long_key(5000, 'k');
  for (const std::string& text :
       {R"({"mode":"\u0000\u001b[31m\n"})" + std::string(), "{\"" + long_key + "\":1}",
        R"({"mode":")" + long_key + "\"}", std::string(R"({"\u00e9\n":1})")}) {
    const auto policy = parse_policy(text);
    REQUIRE_FALSE(policy.has_value());
    CHECK(policy.error().message.size() < 500);
    for (const char c : policy.error().message) CHECK((c >= ' ' && c <= '~'));
  }
}

TEST_CASE("deep nesting is an error like any other") {
  const std::string deep =
      R"({"mode":)" + std::string(100000, '[') + std::string(100000, ']') + "}";
  CHECK(parse_policy(deep).error().message.find("mode: a list is not") != std::string::npos);
  CHECK(parse_policy(std::string(100000, '[')).error().code == Errc::Malformed);
}

TEST_CASE("numbers count in whatever form a program put them into JSON") {
  const nlohmann::json built = {{"ports", {{"outbound", 15101}}}, {"proxy", {{"uids", {1, 2U}}}}};
  const auto policy = policy_from_json(built);
  REQUIRE(policy.has_value());
  CHECK(policy->ports.outbound.number() == 15101);
  CHECK(policy->proxy.uids == std::set<Uid>{Uid{1}, Uid{2}});
}

TEST_CASE("a policy survives being written and read") {
  std::mt19937_64 engine(1);
  std::set<std::string> hashes;
  std::set<std::string> texts;
  for (int i = 0; i < 1000; ++i) {
    const RedirectPolicy policy = random_policy(engine);
    const std::string text = canonical_json(policy);
    CAPTURE(text);
    const auto again = parse_policy(text);
    REQUIRE(again.has_value());
    CHECK(*again == policy);
    CHECK(canonical_json(*again) == text);
    CHECK(text.find_first_of(" \n\t") == std::string::npos);
    texts.insert(text);
    hashes.insert(policy_hash(policy));
  }
  CHECK(hashes.size() == texts.size());
}

TEST_CASE("a hash is 16 hexadecimal digits and stays what it was") {
  // Tables in running pods carry it: a change here means that all of them look different.
  CHECK(policy_hash({}) == "f17681b5d8d89f41");
  CHECK(policy_hash(parse_policy(R"({"mode":"none"})").value()) != policy_hash({}));
}

TEST_CASE("no bytes crash the parser") {
  std::mt19937_64 engine(2);
  const std::string seed = kEverything;
  for (int i = 0; i < 1500; ++i) {
    std::string text = seed;
    for (std::size_t edits = 1 + engine() % 4; edits > 0; --edits) {
      const std::size_t at = engine() % text.size();
      switch (engine() % 3) {
        case 0:
          text[at] = static_cast<char>(engine());
          break;
        case 1:
          text.erase(at, 1 + engine() % 10);
          break;
        default:
          text.insert(at, text.substr(engine() % text.size(), engine() % 20));
      }
      if (text.empty()) text = "{}";
    }
    const auto policy = parse_policy(text);
    if (policy) CHECK(parse_policy(canonical_json(*policy)) == *policy);
  }
}
