// The program of each policy in testdata/ is what the golden files beside it say. With
// UPDATE_GOLDEN=1 the nft texts are written instead; testdata/update does that and lets nft itself
// say what their bytecode is.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "rules/policy/policy_json.h"
#include "rules/program/program.h"

namespace sluice::nft {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPolicySuffix = ".policy.json";

fs::path golden(const std::string& name, std::string_view suffix) {
  return fs::path(SLUICE_SOURCE_DIR) / "rules/program/testdata" / (name + std::string(suffix));
}

std::string content(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file.good(), "cannot read ", path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(golden("", "").parent_path())) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(kPolicySuffix)) {
      all.push_back(file.substr(0, file.size() - kPolicySuffix.size()));
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

RedirectPolicy parsed(const std::string& name) {
  auto policy = parse_policy(content(golden(name, kPolicySuffix)));
  REQUIRE_MESSAGE(policy.has_value(), name, ": ", policy ? "" : policy.error().message);
  return *std::move(policy);
}

Program program_of(const std::string& name) {
  return plan(parsed(name));
}

/// The first line in which two texts differ, which says more than both texts whole.
std::string first_difference(const std::string& ours, const std::string& theirs) {
  const auto [a, b] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  const auto line = [](const std::string& text, auto at) {
    const auto before = std::find(std::make_reverse_iterator(at), text.rend(), '\n').base();
    return std::string(before, std::find(at, text.end(), '\n'));
  };
  return "ours:   " + line(ours, a) + "\ngolden: " + line(theirs, b);
}

bool updating() {
  return std::getenv("UPDATE_GOLDEN") != nullptr;
}

TEST_CASE("every key of a policy has a golden in which it is not the default") {
  using nlohmann::json;
  json untouched = json::parse(canonical_json({}));
  for (const std::string& name : names()) {
    const json policy = json::parse(canonical_json(parsed(name)));
    for (auto& [part, keys] : untouched.items()) {
      if (!keys.is_object()) {
        if (keys != policy[part]) keys = json::object();
        continue;
      }
      for (auto key = keys.begin(); key != keys.end();) {
        key = *key != policy[part][key.key()] ? keys.erase(key) : std::next(key);
      }
    }
  }
  for (const auto& [part, keys] : untouched.items()) {
    CHECK_MESSAGE((keys.is_object() && keys.empty()), part, " has no golden: ", keys.dump());
  }
}

TEST_CASE("the nft text of each policy is its golden") {
  for (const std::string& name : names()) {
    const std::string text = to_nft(program_of(name));
    if (updating()) {
      std::ofstream(golden(name, ".nft")) << text;
      continue;
    }
    const std::string expected = content(golden(name, ".nft"));
    CHECK_MESSAGE(text == expected, name, "\n", first_difference(text, expected));
  }
}

TEST_CASE("the bytecode of each policy is what nft makes of the text") {
  if (updating()) return;
  for (const std::string& name : names()) {
    const std::string bytecode = to_bytecode(program_of(name));
    const std::string expected = content(golden(name, ".bytecode"));
    CHECK_MESSAGE(bytecode == expected, name, "\n", first_difference(bytecode, expected));
  }
}

TEST_CASE("every rule's comment fits into what nft shows and the kernel keeps") {
  for (const std::string& name : names()) {
    for (const Chain& chain : program_of(name).chains) {
      for (const Rule& rule : chain.rules) {
        CAPTURE(name);
        CAPTURE(rule.comment);
        CHECK(rule.comment.size() <= 127);  // and a final zero
        CHECK_MESSAGE((rule.comment.ends_with(')') || rule.comment.ends_with("pass it by")),
                      "a comment was cut short");
      }
    }
  }
}

std::size_t rule_count(const Program& program) {
  std::size_t count = 0;
  for (const Chain& chain : program.chains) count += chain.rules.size();
  return count;
}

TEST_CASE("a list's length adds set elements and no rules") {
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += (many.empty() ? "\"10." : ",\"10.") + std::to_string(i / 100) + "." +
            std::to_string(2 * (i % 100)) + ".0/24\"";
  }
  const auto of = [](const std::string& cidrs) {
    return plan(parse_policy(R"({"outbound":{"excludeCIDRs":[)" + cidrs + "]}}").value());
  };
  const Program few = of(R"("10.0.0.0/24","10.0.2.0/24")");
  const Program thousand = of(many);
  CHECK(rule_count(few) == rule_count(thousand));
  REQUIRE(thousand.sets.size() == 1);
  CHECK(std::get<std::vector<AddressRange>>(thousand.sets[0].elements).size() == 1000);
}

}  // namespace
}  // namespace sluice::nft
