#include "rules/policy/random_policy.h"

#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "rules/policy/policy_json.h"

using namespace sluice;

TEST_CASE("equal engines give equal policies") {
  std::mt19937_64 one(5);
  std::mt19937_64 other(5);
  for (int i = 0; i < 50; ++i) CHECK(random_policy(one) == random_policy(other));
}

TEST_CASE("every field changes alone, and beside others") {
  const nlohmann::json plain = nlohmann::json::parse(canonical_json({})).flatten();
  std::map<std::string, int> alone;
  std::map<std::string, int> beside;
  std::mt19937_64 engine(6);
  for (int i = 0; i < 1500; ++i) {
    const auto values = nlohmann::json::parse(canonical_json(random_policy(engine))).flatten();
    std::set<std::string> changed;
    for (const auto& [path, value] : values.items()) {
      // List elements count for their list: "/outbound/excludeUIDs/0".
      const auto index = path.find_first_of("0123456789");
      const std::string field = index == std::string::npos ? path : path.substr(0, index - 1);
      if (!plain.contains(path) || plain[path] != value) changed.insert(field);
    }
    for (const std::string& field : changed) ++(changed.size() == 1 ? alone : beside)[field];
  }
  for (const char* field :
       {"/mode", "/proxy/uids", "/proxy/gids", "/inbound/include", "/inbound/exclude",
        "/outbound/includePorts", "/outbound/excludePorts", "/outbound/includeCIDRs",
        "/outbound/excludeCIDRs", "/outbound/excludeUIDs", "/interfaces/exclude",
        "/interfaces/reroute", "/dropInvalid", "/loopbackCIDR"}) {
    CAPTURE(field);
    CHECK(alone[field] > 0);
    CHECK(beside[field] > 5);
  }
  for (const char* field : {"/ports/outbound", "/ports/inbound", "/ports/tunnel", "/ports/dns",
                            "/outbound/includeGroups", "/outbound/excludeGroups", "/dns/servers",
                            "/dns", "/tproxy/mark", "/tproxy/outboundMark", "/tproxy/routeTable"}) {
    CAPTURE(field);
    CHECK(beside[field] > 5);
  }
}

TEST_CASE("shrinking gives other valid policies, and ends at the default") {
  std::mt19937_64 engine(7);
  for (int i = 0; i < 20; ++i) {
    RedirectPolicy policy = random_policy(engine);
    int steps = 0;
    for (auto simpler = shrink(policy); !simpler.empty(); simpler = shrink(policy)) {
      for (const RedirectPolicy& one : simpler) {
        CHECK(one != policy);
        CHECK(policy_from_json(nlohmann::json::parse(canonical_json(one))) == one);
        // Sorted and compact, as nlohmann::json writes it too.
        CHECK(canonical_json(one) == policy_to_json(one).dump());
      }
      policy = simpler[engine() % simpler.size()];
      REQUIRE(++steps < 500);
    }
    CHECK(policy == RedirectPolicy{});
  }
}

TEST_CASE("shrinking finds the one element that matters") {
  const auto fails = [](const RedirectPolicy& policy) {
    return policy.outbound.exclude_uids.contains(Uid{1337});
  };
  std::mt19937_64 engine(8);
  RedirectPolicy policy = random_policy(engine);
  while (!fails(policy)) policy = random_policy(engine);
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const RedirectPolicy& one : shrink(policy)) {
      if (!fails(one)) continue;
      policy = one;
      smaller = true;
      break;
    }
  }
  RedirectPolicy least;
  least.outbound.exclude_uids = {Uid{1337}};
  CHECK(policy == least);
}
