#include "conf/mesh/mesh_config.h"

#include <set>

#include <doctest/doctest.h>

#include "conf/mesh/duration.h"
#include "conf/mesh/messages.h"

using namespace sluice;
using nlohmann::json;

namespace {

json field(std::string_view yaml, const char* pointer) {
  const auto mesh = mesh::parse_mesh_config(yaml);
  if (!mesh) return mesh.error().message;
  const json::json_pointer at(pointer);
  return mesh->document.contains(at) ? mesh->document.at(at) : json(nullptr);
}

}  // namespace

TEST_CASE("a mesh configuration is read over Istio's defaults") {
  const struct {
    const char* yaml;
    const char* pointer;
    json value;
  } rows[] = {
      {"", "/trustDomain", "cluster.local"},
      {"---\n# nothing\n", "/enablePrometheusMerge", true},
      {"", "/defaultConfig/statusPort", 15020},
      {"", "/extensionProviders/2/envoyFileAccessLog/path", "/dev/stdout"},
      {"", "/interceptionMode", nullptr},
      {"enablePrometheusMerge: false", "/enablePrometheusMerge", false},
      {"enable_prometheus_merge: false", "/enablePrometheusMerge", false},
      {"enablePrometheusMerge: null", "/enablePrometheusMerge", true},
      {"mesh_mTLS: {minProtocolVersion: TLSV1_3}", "/meshMTLS/minProtocolVersion", "TLSV1_3"},
      {"inboundTrafficPolicy: {mode: LOCALHOST}", "/inboundTrafficPolicy", {{"mode", "LOCALHOST"}}},
      {"inboundTrafficPolicy: {mode: 1}", "/inboundTrafficPolicy", {{"mode", "LOCALHOST"}}},
      {"outboundTrafficPolicy: {mode: 3}", "/outboundTrafficPolicy/mode", "ALLOW_ANY_DYNAMIC_DNS"},
      {"outboundTrafficPolicy: {mode: 2}", "/outboundTrafficPolicy/mode", 2},
      {"outboundTrafficPolicy: {mode: REGISTRY_ONLY}", "/outboundTrafficPolicy", json::object()},
      {"trustDomainAliases: [b, a, b]", "/trustDomainAliases", {"a", "b"}},
      {"defaultConfig: {concurrency: 4}", "/defaultConfig/concurrency", 4},
      {"default_config: {concurrency: 4}", "/defaultConfig/concurrency", 4},
      {"defaultConfig: {concurrency: 4}", "/defaultConfig/drainDuration", "45s"},
      {"defaultConfig: {tracingServiceName: 1}", "/defaultConfig/serviceCluster", nullptr},
      {"defaultProviders: {metrics: [prometheus]}", "/defaultProviders/metrics/0", "prometheus"},
      {"extensionProviders: [{name: otel, prometheus: {}}]", "/extensionProviders/3/name", "otel"},
      {"extensionProviders: [{name: envoy, prometheus: {}}]",
       "/extensionProviders/2",
       {{"name", "envoy"}, {"prometheus", json::object()}}},
      {"extensionProviders: []", "/extensionProviders/1/name", "stackdriver"},
      {"sdsUdsPath: /var/run/sds", "/sdsUdsPath", "/var/run/sds"},
      {"tomorrow: {x: 1}", "/tomorrow", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    CAPTURE(row.pointer);
    CHECK(field(row.yaml, row.pointer) == row.value);
  }
}

TEST_CASE("a bad mesh configuration is refused, with field and value") {
  const struct {
    const char* yaml;
    const char* message;
  } rows[] = {
      {R"(trustDomain: "")", R"(MeshConfig.trustDomain: "" is no trust domain)"},
      {R"(trustDomain: bad_domain)", R"(MeshConfig.trustDomain: "bad_domain" is no trust domain)"},
      {R"(trustDomainAliases: ["a b"])",
       R"(MeshConfig.trustDomainAliases: "a b" is no trust domain)"},
      {R"(proxyListenPort: 0)", R"(MeshConfig.proxyListenPort: 0 is not a port (1 to 65535))"},
      {R"(connectTimeout: 2h)", R"(MeshConfig.connectTimeout: "7200s" exceeds 1h)"},
      {R"(connectTimeout: 1us)",
       R"(MeshConfig.connectTimeout: "0.000001s" is less than a millisecond)"},
      {R"(protocolDetectionTimeout: 1500us)",
       R"(MeshConfig.protocolDetectionTimeout: "0.001500s" is not in whole milliseconds)"},
      {R"(defaultConfig: {statusPort: 0})",
       R"(MeshConfig.defaultConfig.statusPort: 0 is not a port (1 to 65535))"},
      {"enablePrometheusMerge: 1", "MeshConfig.enablePrometheusMerge: 1 is not true or false"},
      {"defaultConfig: 1", "MeshConfig.defaultConfig: 1 is not a map"},
      {"defaultConfig: {proxyMetadata: {A: 1}}",
       "MeshConfig.defaultConfig.proxyMetadata.A: 1 is not a string"},
      {"[]", "MeshConfig: [] is not a map"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    CHECK(field(row.yaml, "") == row.message);
  }
  CHECK(mesh::parse_mesh_config("a: [").error().code == Errc::Malformed);
}

TEST_CASE("durations are Go's") {
  const struct {
    const char* text;
    const char* printed;
  } rows[] = {
      {"45s", "45s"},
      {"1h2m3s", "3723s"},
      {"1.5s", "1.500s"},
      {"100ms", "0.100s"},
      {"1us", "0.000001s"},
      {"1ns", "0.000000001s"},
      {"0", "0s"},
      {"-3s", "-3s"},
      {"-0.5s", "-0.500s"},
      {"+1m", "60s"},
      {".5s", "0.500s"},
      {"1.s", "1s"},
      {"2562047h", "9223369200s"},
      {"1\u00b5s", "0.000001s"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    REQUIRE(mesh::parse_duration(row.text).has_value());
    CHECK(mesh::duration_text(*mesh::parse_duration(row.text)) == row.printed);
  }
  for (const char* bad : {"", "1", "s", ".s", "1d", "1 s", "--1s", "2562048h", "1s1", "x"}) {
    CAPTURE(bad);
    CHECK(!mesh::parse_duration(bad));
  }
}

TEST_CASE("every table can be walked, and names no field twice") {
  std::set<const schema::Type*> seen;
  const auto walk = [&](const auto& self, const schema::Type& type) -> void {
    if (!seen.insert(&type).second) return;
    if (type.element != nullptr) self(self, *type.element);
    if (type.kind == schema::Kind::Enum) CHECK(!type.enumerators.empty());
    std::set<std::string_view> names;
    for (const auto& field : type.fields) {
      CHECK(names.insert(field.json).second);
      REQUIRE(field.type != nullptr);
      self(self, *field.type);
    }
  };
  walk(walk, mesh::kMeshConfig);
  CHECK(seen.size() > 120);
}
