// The shape of the steps: which chains a policy has, and what every step has to say of itself.

#include "rules/policy/steps.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "rules/policy/policy_json.h"

namespace sluice {
namespace {

std::vector<StepChain> steps_of(std::string_view json) {
  return steps(parse_policy(json).value());
}

/// "nat output" and so on, in order.
std::vector<std::string> chains(std::string_view json) {
  std::vector<std::string> names;
  for (const StepChain& chain : steps_of(json)) {
    const std::string stage = chain.stage == Stage::Raw      ? "raw"
                              : chain.stage == Stage::Mangle ? "mangle"
                                                             : "nat";
    names.push_back(stage + (chain.hook == Hook::Output ? " output" : " prerouting"));
  }
  return names;
}

/// The names of one chain's steps, without repeats that stand side by side (TCP and UDP, uids and
/// gids).
std::vector<std::string> order(std::string_view json, Stage stage, Hook hook) {
  std::vector<std::string> names;
  for (const StepChain& chain : steps_of(json)) {
    if (chain.stage != stage || chain.hook != hook) continue;
    for (const Step& step : chain.steps) {
      if (names.empty() || names.back() != step.name) names.push_back(step.name);
    }
  }
  return names;
}

using Names = std::vector<std::string>;

constexpr std::string_view kEverything = R"(
  "inbound":{"exclude":["1"]},
  "outbound":{"includePorts":["2"],"excludePorts":["3"],"includeCIDRs":["10.0.0.0/8"],
              "excludeCIDRs":["10.1.0.0/16"],"excludeUIDs":[5],"excludeGroups":[6]},
  "interfaces":{"exclude":["eth1"],"reroute":["net1"]},"dns":"all","dropInvalid":true)";

std::string everything(std::string_view mode) {
  return R"({"mode":")" + std::string(mode) + R"(",)" + std::string(kEverything) + "}";
}

TEST_CASE("a policy has only the chains it needs") {
  CHECK(chains(R"({"mode":"none","dns":"all"})").empty());
  CHECK(chains("{}") == Names{"nat prerouting", "nat output"});
  CHECK(chains(R"({"inbound":{"include":[]}})") == Names{"nat output"});
  CHECK(chains(R"({"dropInvalid":true})") ==
        Names{"mangle prerouting", "nat prerouting", "nat output"});
  CHECK(chains(R"({"dns":"all"})") ==
        Names{"raw prerouting", "raw output", "nat prerouting", "nat output"});
  CHECK(chains(R"({"mode":"tproxy"})") ==
        Names{"mangle prerouting", "mangle output", "nat output"});
  CHECK(chains(R"({"mode":"tproxy","interfaces":{"reroute":["net1"]}})") ==
        Names{"mangle prerouting", "mangle output", "nat prerouting", "nat output"});
}

TEST_CASE("nat output is there even where nothing is included: what it has seen is settled") {
  for (const char* proxy : {R"({"uids":[1],"gids":[]})", R"({"uids":[],"gids":[1]})"}) {
    CHECK(chains(std::string(R"({"inbound":{"include":["80"]},"outbound":{"includeCIDRs":[]},)") +
                 R"("proxy":)" + proxy + "}") == Names{"nat prerouting", "nat output"});
  }
}

TEST_CASE("outbound steps stand in the design's order") {
  CHECK(order(everything("redirect"), Stage::Nat, Hook::Output) ==
        Names{"outbound 1", "outbound 2", "outbound 3", "outbound 4a uid", "outbound 4b uid",
              "outbound 4c uid", "outbound 4a gid", "outbound 4b gid", "outbound 4c gid",
              "outbound 5", "outbound 6", "outbound 7", "outbound 8", "outbound 9", "outbound 10"});
  CHECK(order(everything("tproxy"), Stage::Nat, Hook::Output) ==
        order(everything("redirect"), Stage::Nat, Hook::Output));
}

TEST_CASE("inbound steps stand in the design's order") {
  CHECK(order(everything("redirect"), Stage::Nat, Hook::Prerouting) ==
        Names{"inbound 1", "inbound 2", "inbound 3", "inbound 4", "inbound 5"});
  CHECK(order(everything("redirect"), Stage::Mangle, Hook::Prerouting) == Names{"invalid"});
  CHECK(order(everything("tproxy"), Stage::Nat, Hook::Prerouting) == Names{"inbound 1"});
  CHECK(order(everything("tproxy"), Stage::Mangle, Hook::Prerouting) ==
        Names{"tproxy inbound 1", "tproxy inbound 2", "tproxy inbound 3", "tproxy inbound 4",
              "tproxy inbound 5", "tproxy inbound 6", "tproxy inbound 7", "tproxy inbound 8"});
  CHECK(order(everything("tproxy"), Stage::Mangle, Hook::Output) ==
        Names{"tproxy outbound 1", "tproxy outbound 2", "tproxy outbound 3", "tproxy outbound 4"});
}

TEST_CASE("DNS zones: the proxy before the app, queries before answers") {
  CHECK(order(everything("redirect"), Stage::Raw, Hook::Output) ==
        Names{"dns zone 1", "dns zone 2", "dns zone 3"});
  CHECK(order(everything("redirect"), Stage::Raw, Hook::Prerouting) == Names{"dns zone 4"});
  for (const StepChain& chain : steps_of(everything("redirect"))) {
    if (chain.stage != Stage::Raw) continue;
    for (const Step& step : chain.steps) {
      const auto* set = std::get_if<SetZone>(&step.then);
      REQUIRE(set != nullptr);
      const bool proxy = step.name == "dns zone 1" || step.name == "dns zone 4";
      CHECK(set->zone == Zone{proxy ? 1U : 2U});
    }
  }
}

TEST_CASE("every step says what it is for and who asked for it") {
  for (const std::string& policy : {everything("redirect"), everything("tproxy")}) {
    for (const StepChain& chain : steps_of(policy)) {
      CHECK(!chain.steps.empty());
      for (const Step& step : chain.steps) {
        CAPTURE(step.name);
        CHECK(!step.name.empty());
        CHECK(!step.what.empty());
        CHECK(!step.origin.empty());
      }
    }
  }
}

TEST_CASE("a test of many values names its list, and no two lists share a name") {
  // plan() names sets by their list: the same name must mean the same values.
  const std::string policy = R"({"proxy":{"uids":[1,2],"gids":[3,4]},)" + std::string(kEverything) +
                             R"(,"loopbackCIDR":"127.0.0.0/8"})";
  std::vector<std::pair<std::string_view, std::set<Cidr>>> seen;
  for (const StepChain& chain : steps_of(policy)) {
    for (const Step& step : chain.steps) {
      for (const Match& match : step.when) {
        const auto* test = std::get_if<DstAddress>(&match);
        if (test == nullptr || test->list.empty()) continue;
        for (const auto& [list, values] : seen)
          CHECK((list != test->list || values == test->values));
        seen.emplace_back(test->list, test->values);
      }
    }
  }
  CHECK(!seen.empty());
}

}  // namespace
}  // namespace sluice
