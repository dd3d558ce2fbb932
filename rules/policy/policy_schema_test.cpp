// The schema is written by hand; these tests keep it and the parser saying the same.

#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "rules/policy/policy_json.h"

using namespace sluice;
using nlohmann::json;

namespace {

const std::filesystem::path kRoom = SLUICE_SOURCE_DIR "/rules/policy";

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `value` at `path` of an otherwise empty policy.
json policy_with(const json::json_pointer& path, const json& value) {
  json policy = json::object();
  policy[path] = value;
  return policy;
}

/// Calls `visit(schema, path)` for every object the schema describes by its properties.
template <class Visit>
void each_object(const json& schema, const json::json_pointer& path, const Visit& visit) {
  if (schema.contains("properties")) {
    visit(schema, path);
    for (const auto& [key, member] : schema["properties"].items()) {
      each_object(member, path / key, visit);
    }
  }
  for (const json& form : schema.value("oneOf", json::array())) each_object(form, path, visit);
}

std::vector<std::filesystem::path> examples(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kRoom / "testdata" / folder)) {
    files.push_back(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("the parser takes every key of the schema with its default, and no other key") {
  const json schema = json::parse(contents(kRoom / "policy.schema.json"));
  int leaves = 0;
  each_object(schema, json::json_pointer(), [&](const json& object, const auto& path) {
    CAPTURE(path.to_string());
    CHECK(object.at("additionalProperties") == false);
    for (const auto& [key, member] : object["properties"].items()) {
      if (!member.contains("default")) continue;
      CAPTURE(key);
      CHECK(policy_from_json(policy_with(path / key, member["default"])) == RedirectPolicy{});
      ++leaves;
    }
    json stranger = policy_with(path / "stranger", 1);
    for (const auto& key : object.value("required", json::array())) {
      stranger[path / key.get<std::string>()] = json::array();
    }
    const auto refused = policy_from_json(stranger);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("stranger: unknown key") != std::string::npos);
  });
  CHECK(leaves == 24);
}

TEST_CASE("the schema has every key that is written, and its default is the parser's") {
  const json schema = json::parse(contents(kRoom / "policy.schema.json"));
  const json written = json::parse(canonical_json({}));
  each_object(schema, json::json_pointer(), [&](const json& object, const auto& path) {
    if (path.to_string() == "/dns") return;  // the default is its other form
    CAPTURE(path.to_string());
    const json& values = written.at(path);
    CHECK(values.size() == object["properties"].size());
    for (const auto& [key, value] : values.items()) {
      CAPTURE(key);
      REQUIRE(object["properties"].contains(key));
      const json& member = object["properties"][key];
      CHECK(member.contains("description"));
      if (!member.contains("properties")) CHECK(member.at("default") == value);
    }
  });
}

TEST_CASE("the parser takes the valid examples and refuses the others") {
  for (const auto& file : examples("valid")) {
    CAPTURE(file);
    CHECK(parse_policy(contents(file)).has_value());
  }
  for (const char* folder : {"invalid", "invalid_beyond_schema"}) {
    for (const auto& file : examples(folder)) {
      CAPTURE(file);
      const auto policy = parse_policy(contents(file));
      REQUIRE_FALSE(policy.has_value());
      CHECK(policy.error().code == Errc::Invalid);
    }
  }
}
