#include <array>
#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "plugin/cni/request.h"

using namespace sluice;
using cni::Config;
using cni::parse_config;
using nlohmann::json;

namespace {

json minimal() {
  return {{"cniVersion", "1.1.0"}, {"name", "podnet"}, {"type", "sluice-cni"}};
}

Result<Config> with(const std::string& key, const json& value) {
  json conf = minimal();
  conf[key] = value;
  return parse_config(conf.dump());
}

Error error_of(const Result<Config>& config) {
  REQUIRE_FALSE(config.has_value());
  return config.error();
}

bool says(const Error& error, const std::string& part) {
  return error.message.find(part) != std::string::npos;
}

/// What parse_config read, as far as the schema knows it.
json as_json(const Config& config) {
  constexpr std::array kSources{"auto", "api", "runtime"};
  constexpr std::array kLevels{"debug", "info", "warn", "error"};
  return {{"podSource", kSources[static_cast<std::size_t>(config.pod_source)]},
          {"agentSocket", config.agent_socket},
          {"agentPod", config.agent_pod},
          {"stateDir", config.state_dir},
          {"excludeNamespaces", config.exclude_namespaces},
          {"timeout", std::to_string(config.timeout.count() / 1000) + "s"},
          {"logLevel", kLevels[static_cast<std::size_t>(config.log_level)]},
          {"logFile", config.log_file}};
}

json schema() {
  std::ifstream file(SLUICE_SOURCE_DIR "/plugin/cni/config.schema.json");
  return json::parse(file);
}

}  // namespace

TEST_CASE("the schema's defaults are what an empty configuration means") {
  json defaults = json::object();
  const json properties = schema()["properties"];
  for (const auto& [key, property] : properties.items()) {
    if (property.is_object() && property.contains("default")) defaults[key] = property["default"];
  }
  CHECK(defaults == as_json(parse_config(minimal().dump()).value()));
  json written = minimal();
  written.update(defaults);
  CHECK(defaults == as_json(parse_config(written.dump()).value()));
}

TEST_CASE("the schema knows the keys that are read or let pass, and only those") {
  const json properties = schema()["properties"];
  const std::pair<const char*, json> keys[] = {{"cniVersion", "1.0.0"},
                                               {"name", "podnet"},
                                               {"type", "caplog"},
                                               {"podSource", "api"},
                                               {"kubeconfig", "/k"},
                                               {"agentSocket", "/s"},
                                               {"agentPod", "ns/agent-"},
                                               {"stateDir", "/r"},
                                               {"excludeNamespaces", json::array()},
                                               {"timeout", "1m"},
                                               {"logLevel", "debug"},
                                               {"logFile", "/l"},
                                               {"prevResult", json::object()},
                                               {"runtimeConfig", json::object()},
                                               {"cni.dev/valid-attachments", json::array()},
                                               {"capabilities", {{"x", true}}},
                                               {"args", {{"cni", 1}}},
                                               {"ipMasq", true},
                                               {"ipam", json::object()},
                                               {"dns", json::object()},
                                               {"disableCheck", "true"},
                                               {"disableGC", false},
                                               {"loadOnlyInlinedPlugins", "false"},
                                               {"cniVersions", {"1.0.0"}}};
  std::size_t count = 0;
  for (const auto& [key, value] : keys) {
    CAPTURE(key);
    CHECK(properties.contains(key));
    CHECK(with(key, value).has_value());
    ++count;
  }
  CHECK(properties.size() == count);
}

TEST_CASE("keys of others are marked by a dot or a slash; any other unknown key is refused") {
  CHECK(with("cni.dev/anything", 1).has_value());
  CHECK(with("example.org", json::object()).has_value());
  const Error error = error_of(with("podsource", "api"));
  CHECK(error.code == Errc::UnknownField);
  CHECK(says(error, "\"podsource\""));
  CHECK(says(error, "\"api\""));
}

TEST_CASE("a version is required and must be one of those that chain") {
  for (const char* version : {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"}) {
    CHECK(cni::to_string(with("cniVersion", version).value().version) == version);
  }
  for (const char* version : {"", "0.1.0", "0.2.0", "1.2.0", "1.0", "v1.0.0"}) {
    const Error error = error_of(with("cniVersion", version));
    CHECK(error.code == Errc::Version);
    CHECK(says(error, "0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"));
  }
  json without = minimal();
  without.erase("cniVersion");
  CHECK(error_of(parse_config(without.dump())).code == Errc::Version);
  CHECK(error_of(with("cniVersion", 1)).code == Errc::Invalid);
}

TEST_CASE("an error is told in the version that was asked for, if it is one") {
  CHECK(cni::version_of(R"({"cniVersion":"0.4.0","x":1})") == cni::SpecVersion::V0_4_0);
  for (const char* text : {"", "{", "[]", R"({"cniVersion":"9"})", R"({"cniVersion":1})"}) {
    CHECK(cni::version_of(text) == cni::kNewest);
  }
}

TEST_CASE("what is no JSON object is malformed") {
  for (const char* text : {"", " ", "{", "[]", "null", "1", R"({"cniVersion":"1.0.0"} x)", "{,}",
                           "{\"name\":\"\xFF\"}"}) {
    CAPTURE(text);
    CHECK(error_of(parse_config(text)).code == Errc::Malformed);
  }
}

TEST_CASE("brackets without end are refused before anything recurses into them") {
  const std::string open(std::size_t{1} << 21, '[');
  const std::string close(open.size(), ']');
  const std::string head = R"({"cniVersion":"1.1.0","name":"podnet","type":"t","prevResult":)";
  for (const std::string& text : {head + open, head + open + close + "}", open}) {
    CHECK(error_of(parse_config(text)).code == Errc::Malformed);
    CHECK(cni::version_of(text) == cni::kNewest);
  }
  CHECK(parse_config(head + R"({"x":"[[[["}})").has_value());
}

TEST_CASE("the network's name is checked") {
  json without = minimal();
  without.erase("name");
  CHECK(error_of(parse_config(without.dump())).code == Errc::Invalid);
  for (const json& name : {json(""), json("-x"), json("a b"), json("a/b"), json(1), json()}) {
    CHECK(error_of(with("name", name)).code == Errc::Invalid);
  }
  CHECK(with("name", "k8s-pod_net.1").value().network == "k8s-pod_net.1");
}

TEST_CASE("a value that is no good is named with its key") {
  const std::pair<const char*, json> rows[] = {
      {"podSource", "magic"},
      {"podSource", 1},
      {"kubeconfig", "x"},
      {"kubeconfig", 1},
      {"agentSocket", "x"},
      {"agentPod", "name"},
      {"agentPod", "/name"},
      {"agentPod", "ns/"},
      {"stateDir", ""},
      {"stateDir", "run"},
      {"excludeNamespaces", "kube-system"},
      {"excludeNamespaces", {1}},
      {"timeout", 10},
      {"timeout", "10"},
      {"timeout", "0s"},
      {"timeout", "6m"},
      {"timeout", "-1s"},
      {"timeout", "1h"},
      {"timeout", "1m30s"},
      {"timeout", "99999999999999999999s"},
      {"logLevel", "loud"},
      {"logFile", "log"},
      {"prevResult", json::array()},
      {"cni.dev/valid-attachments", json::object()},
      {"cni.dev/valid-attachments", {{{"containerID", "c"}}}},
      {"cni.dev/valid-attachments", {{{"containerID", 1}, {"ifname", "eth0"}}}}};
  for (const auto& [key, value] : rows) {
    CAPTURE(key);
    CAPTURE(value.dump());
    const Error error = error_of(with(key, value));
    CHECK(error.code == Errc::Invalid);
    CHECK(says(error, key));
  }
}

TEST_CASE("the agent is known by name, and not there yet") {
  const Error error = error_of(with("podSource", "agent"));
  CHECK(error.code == Errc::UnknownField);
  CHECK(says(error, "podSource"));
  CHECK(says(error, "\"agent\""));
}

TEST_CASE("times have one unit") {
  const std::pair<const char*, int> rows[] = {
      {"1ms", 1}, {"500ms", 500}, {"10s", 10000}, {"5m", 300000}, {"300000ms", 300000}};
  for (const auto& [text, milliseconds] : rows) {
    CHECK(with("timeout", text).value().timeout.count() == milliseconds);
  }
}

TEST_CASE("no list of attachments is not an empty one") {
  CHECK_FALSE(parse_config(minimal().dump()).value().valid_attachments.has_value());
  CHECK_FALSE(with("cni.dev/valid-attachments", nullptr).value().valid_attachments.has_value());
  CHECK(with("cni.dev/valid-attachments", json::array()).value().valid_attachments->empty());
  const json two = {{{"containerID", "a"}, {"ifname", "eth0"}},
                    {{"containerID", "b"}, {"ifname", "net1"}, {"more", 1}}};
  const Config config = with("cni.dev/valid-attachments", two).value();
  REQUIRE(config.valid_attachments->size() == 2);
  CHECK(config.valid_attachments->at(1) == cni::Attachment{"b", "net1"});
}

TEST_CASE("the runtime's annotations are an object or a list of keys and values") {
  const auto annotations = [](const json& value) {
    return with("runtimeConfig", {{"io.kubernetes.cri.pod-annotations", value}});
  };
  const json pair = {{"key", "a"}, {"value", "b"}};
  CHECK(annotations({{"a", "b"}}).value().runtime_annotations.at("a") == "b");
  CHECK(annotations(json::array({pair})).value().runtime_annotations.at("a") == "b");
  CHECK(annotations(nullptr).value().runtime_annotations.empty());
  CHECK(annotations(json::object()).value().runtime_annotations.empty());
  CHECK(with("runtimeConfig", {{"portMappings", {1}}}).value().runtime_annotations.empty());
  for (const json& bad :
       {json("x"), json(1), json({{"a", 1}}), json::array({"a"}), json::array({{{"key", "a"}}})}) {
    CAPTURE(bad.dump());
    CHECK(error_of(annotations(bad)).code == Errc::Invalid);
  }
}

TEST_CASE("prevResult is kept as the bytes that came") {
  const std::string previous = R"({ "cniVersion":"1.0.0",  "x":[1.50,1e3,"}\"]\\"],"é":"\u00e9" })";
  const auto conf = [](const std::string& value) {
    return R"({"name":"n","prevResult" :)" + value + R"( ,"cniVersion":"1.0.0","type":"t"})";
  };
  CHECK(parse_config(conf(previous)).value().prev_result == previous);
  CHECK(parse_config(conf("null")).value().prev_result.empty());
}
