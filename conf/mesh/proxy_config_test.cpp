#include <doctest/doctest.h>

#include "conf/mesh/mesh_config.h"

using namespace sluice;
using nlohmann::json;

namespace {

std::string merged_text(const json& base, std::string_view annotation) {
  const auto merged = mesh::merge_proxy_config(base, annotation);
  return merged ? mesh::proxy_config_text(*merged) : merged.error().message;
}

json mesh_default() {
  return mesh::parse_mesh_config("")->document.at("defaultConfig");
}

}  // namespace

// What Istio's own code gives for the same annotations.
TEST_CASE("PROXY_CONFIG is what Istio prints") {
  const struct {
    const char* annotation;
    const char* text;
  } rows[] = {
      {R"(concurrency: 0)", R"({"concurrency":0})"},
      {R"(concurrency: 2)", R"({"concurrency":2})"},
      {R"(statusPort: 15020)", R"({})"},
      {R"(statusPort: "15021")", R"({"statusPort":15021})"},
      {R"(status_port: 15021)", R"({"statusPort":15021})"},
      {R"(drainDuration: 23s)", R"({"drainDuration":"23s"})"},
      {R"(drainDuration: 1m30s)", R"({"drainDuration":"90s"})"},
      {R"(drainDuration: 45s)", R"({})"},
      {R"(terminationDrainDuration: 1.5s)", R"({"terminationDrainDuration":"1.500s"})"},
      {R"(terminationDrainDuration: 0s)", R"({"terminationDrainDuration":"0s"})"},
      {R"(fileFlushInterval: 100us)", R"({"fileFlushInterval":"0.000100s"})"},
      {R"(discoveryAddress: istiod:15012)", R"({"discoveryAddress":"istiod:15012"})"},
      {R"(discoveryAddress: "[::1]:15012")", R"({"discoveryAddress":"[::1]:15012"})"},
      {R"(discoveryAddress: 10.0.0.1:15012)", R"({"discoveryAddress":"10.0.0.1:15012"})"},
      {R"(interceptionMode: TPROXY)", R"({"interceptionMode":"TPROXY"})"},
      {R"(interceptionMode: 1)", R"({"interceptionMode":"TPROXY"})"},
      {R"(interceptionMode: REDIRECT)", R"({})"},
      {R"(interceptionMode: 77)", R"({"interceptionMode":77})"},
      {R"(controlPlaneAuthPolicy: NONE)", R"({})"},
      {R"(tracingServiceName: CANONICAL_NAME_ONLY)",
       R"({"tracingServiceName":"CANONICAL_NAME_ONLY"})"},
      {R"(tracingServiceName: APP_LABEL_AND_NAMESPACE)",
       R"({"tracingServiceName":"APP_LABEL_AND_NAMESPACE"})"},
      {R"(serviceCluster: mine)", R"({"serviceCluster":"mine"})"},
      {R"({serviceCluster: a, tracingServiceName: 1})",
       R"({"tracingServiceName":"CANONICAL_NAME_ONLY"})"},
      {R"(tracing: {})", R"({"tracing":{}})"},
      {R"(tracing: {sampling: 100})", R"({"tracing":{"sampling":100}})"},
      {R"(tracing: {sampling: 1e-7, zipkin: {address: "$(HOST_IP):9411"}})",
       R"({"tracing":{"zipkin":{"address":"$(HOST_IP):9411"},"sampling":1e-7}})"},
      {R"(tracing: {stackdriver: {maxNumberOfAttributes: 5, debug: true}})",
       R"({"tracing":{"stackdriver":{"debug":true,"maxNumberOfAttributes":"5"}}})"},
      {R"(tracing: {customTags: {b: {literal: {value: "<b>&"}}, a: {environment: {name: E}}}})",
       R"({"tracing":{"customTags":{"a":{"environment":{"name":"E"}},"b":{"literal":{"value":"\u003cb\u003e\u0026"}}}}})"},
      {R"(proxyMetadata: {B: "1", A: "x<y>&z"})",
       R"({"proxyMetadata":{"A":"x\u003cy\u003e\u0026z","B":"1"}})"},
      {R"(proxyMetadata: {})", R"({})"},
      {R"(proxyMetadata: {A: "line\u2028\ttab\u0001"})",
       R"({"proxyMetadata":{"A":"line\u2028\ttab\u0001"}})"},
      {R"(image: {imageType: distroless})", R"({"image":{"imageType":"distroless"}})"},
      {R"(holdApplicationUntilProxyStarts: true)", R"({"holdApplicationUntilProxyStarts":true})"},
      {R"(holdApplicationUntilProxyStarts: false)", R"({"holdApplicationUntilProxyStarts":false})"},
      {R"(gatewayTopology: {numTrustedProxies: 2, forwardClientCertDetails: SANITIZE_SET})",
       R"({"gatewayTopology":{"numTrustedProxies":2,"forwardClientCertDetails":"SANITIZE_SET"}})"},
      {R"(readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 3})",
       R"({"readinessProbe":{"periodSeconds":3,"httpGet":{"path":"/","port":80}}})"},
      {R"(proxyStatsMatcher: {inclusionPrefixes: [a, b]})",
       R"({"proxyStatsMatcher":{"inclusionPrefixes":["a","b"]}})"},
      {R"(extraStatTags: [])", R"({})"},
      {R"(extraStatTags: [x])", R"({"extraStatTags":["x"]})"},
      {R"(privateKeyProvider: {cryptomb: {pollDelay: 10ms, fallback: false}})",
       R"({"privateKeyProvider":{"cryptomb":{"pollDelay":"0.010s","fallback":false}}})"},
      {R"(connectionSettings: {http2InitialStreamWindowSize: 65535})",
       R"({"connectionSettings":{"http2InitialStreamWindowSize":65535}})"},
      {R"(proxyHeaders: {server: {disabled: true}, attemptCount: {}})",
       R"({"proxyHeaders":{"server":{"disabled":true},"attemptCount":{}}})"},
      {R"(runtimeValues: {k: v})", R"({"runtimeValues":{"k":"v"}})"},
      {R"(unknown: {field: 1})", R"({})"},
      {R"(proxyAdminPort: null)", R"({})"},
      {R"(# only a comment)", R"({})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.annotation);
    CHECK(merged_text(mesh_default(), row.annotation) == row.text);
  }
}

TEST_CASE("what Istio's validation refuses is refused, with field and value") {
  const struct {
    const char* annotation;
    const char* message;
  } rows[] = {
      {R"(statusPort: 0)", R"(ProxyConfig.statusPort: 0 is not a port (1 to 65535))"},
      {R"(statusPort: 70000)", R"(ProxyConfig.statusPort: 70000 is not a port (1 to 65535))"},
      {R"(statusPort: abc)", R"(ProxyConfig.statusPort: "abc" is not a whole number (int32))"},
      {R"(statusPort: 1.5)", R"(ProxyConfig.statusPort: 1.5 is not a whole number (int32))"},
      {R"(statusPort: true)", R"(ProxyConfig.statusPort: true is not a whole number (int32))"},
      {R"(drainDuration: 0.5s)", R"(ProxyConfig.drainDuration: "0.500s" is not in whole seconds)"},
      {R"(drainDuration: 1500ms)",
       R"(ProxyConfig.drainDuration: "1.500s" is not in whole seconds)"},
      {R"(drainDuration: 23)", R"(ProxyConfig.drainDuration: 23 is not a duration like 10s)"},
      {R"(discoveryAddress: istiod)", R"(ProxyConfig.discoveryAddress: "istiod" has no port)"},
      {R"(discoveryAddress: "::1:15012")",
       R"(ProxyConfig.discoveryAddress: "::1:15012" needs brackets around its IPv6 address)"},
      {R"(discoveryAddress: istiod:0)",
       R"(ProxyConfig.discoveryAddress: "istiod:0" has no port from 1 to 65535)"},
      {R"(discoveryAddress: 1.2.3:80)",
       R"(ProxyConfig.discoveryAddress: "1.2.3:80" names neither a host nor an IP address)"},
      {R"(discoveryAddress: "")", R"(ProxyConfig.discoveryAddress: must be set)"},
      {R"(interceptionMode: tproxy)",
       R"(ProxyConfig.interceptionMode: "tproxy" is not one of REDIRECT, TPROXY, NONE)"},
      {R"(controlPlaneAuthPolicy: INHERIT)",
       R"(ProxyConfig.controlPlaneAuthPolicy: "INHERIT" is neither NONE nor MUTUAL_TLS)"},
      {R"(controlPlaneAuthPolicy: 1000)",
       R"(ProxyConfig.controlPlaneAuthPolicy: "INHERIT" is neither NONE nor MUTUAL_TLS)"},
      {R"(serviceCluster: "")", R"(ProxyConfig.serviceCluster: must be set)"},
      {R"(tracing: {sampling: 0.1, zipkin: {address: nowhere}})",
       R"(ProxyConfig.tracing.zipkin.address: "nowhere" has no port)"},
      {R"(tracing: {lightstep: {address: "a:1"}})",
       R"(ProxyConfig.tracing.lightstep.accessToken: must be set)"},
      {R"(tracing: {tlsSettings: {mode: MUTUAL}})",
       R"(ProxyConfig.tracing.tlsSettings: mode MUTUAL needs a clientCertificate; ProxyConfig.tracing.tlsSettings: mode MUTUAL needs a privateKey)"},
      {R"(proxyMetadata: {A: 1})", R"(ProxyConfig.proxyMetadata.A: 1 is not a string)"},
      {R"(holdApplicationUntilProxyStarts: "true")",
       R"(ProxyConfig.holdApplicationUntilProxyStarts: "true" is not true or false)"},
      {R"(privateKeyProvider: {cryptomb: {pollDelay: 0s}})",
       R"(ProxyConfig.privateKeyProvider.cryptomb.pollDelay: must not be zero)"},
      {R"(privateKeyProvider: {})", R"(ProxyConfig.privateKeyProvider: must name cryptomb or qat)"},
      {R"(connectionSettings: {httpMaxConcurrentStreams: 0})",
       R"(ProxyConfig.connectionSettings.httpMaxConcurrentStreams: 0 is less than 1)"},
      {R"(connectionSettings: {httpIdleTimeout: -3s})",
       R"(ProxyConfig.connectionSettings.httpIdleTimeout: -3s is negative)"},
      {R"([1])", R"(ProxyConfig: [1] is not a map)"},
      {R"(just text)", R"(ProxyConfig: "just text" is not a map)"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.annotation);
    CHECK(merged_text(mesh_default(), row.annotation) == row.message);
  }
}

TEST_CASE("an annotation replaces fields, but merges metadata and parts of headers") {
  const json base = mesh::parse_mesh_config(R"(
defaultConfig:
  concurrency: 4
  tracing: {sampling: 5, zipkin: {address: "zipkin:9411"}}
  proxyMetadata: {A: "1", B: "2"}
  proxyHeaders: {requestId: {disabled: true}, preserveHttp1HeaderCase: true}
)")
                        ->document.at("defaultConfig");
  const json merged = mesh::merge_proxy_config(base, R"(
tracing: {sampling: 7}
proxyMetadata: {B: "3", C: "4"}
proxyHeaders: {server: {disabled: true}}
)")
                          .value();
  CHECK(merged["concurrency"] == 4);
  CHECK(merged["tracing"] == json{{"sampling", 7.0}});
  CHECK(merged["proxyMetadata"] == json{{"A", "1"}, {"B", "3"}, {"C", "4"}});
  CHECK(merged["proxyHeaders"] ==
        json{{"requestId", {{"disabled", true}}}, {"server", {{"disabled", true}}}});
}

TEST_CASE("of two resources the older counts, and the more specific over the less") {
  const auto mesh = mesh::parse_mesh_config("defaultConfig: {concurrency: 1}").value();
  const auto resource = [](const char* space, const char* name, const char* created, json spec) {
    return mesh::ProxyConfigResource{space, name, created, std::move(spec)};
  };
  const json root = {{"concurrency", 2}, {"environmentVariables", {{"WHO", "root"}, {"R", "1"}}}};
  const json space = {{"environmentVariables", {{"WHO", "namespace"}}}};
  const json later = {{"environmentVariables", {{"WHO", "later"}}}};
  const json chosen = {{"selector", {{"matchLabels", {{"app", "a"}}}}},
                       {"image", {{"imageType", "distroless"}}},
                       {"concurrency", 0}};
  const std::vector<mesh::ProxyConfigResource> all = {
      resource("shop", "z", "2024-02-01T00:00:00Z", later),
      resource("shop", "y", "2024-01-01T00:00:00Z", space),
      resource("shop", "x", "2024-03-01T00:00:00Z", chosen),
      resource("istio-system", "r", "2024-01-01T00:00:00Z", root),
      resource("elsewhere", "e", "2020-01-01T00:00:00Z", {{"concurrency", 9}}),
  };
  const auto text = [&](const char* where, std::map<std::string, std::string> labels,
                        const char* annotation) {
    return mesh::proxy_config_text(
        mesh::effective_proxy_config(mesh, all, where, labels, annotation).value());
  };
  CHECK(text("other", {}, "") == R"({"concurrency":2,"proxyMetadata":{"R":"1","WHO":"root"}})");
  CHECK(text("istio-system", {}, "") ==
        R"({"concurrency":2,"proxyMetadata":{"R":"1","WHO":"root"}})");
  CHECK(text("shop", {}, "") == R"({"concurrency":2,"proxyMetadata":{"R":"1","WHO":"namespace"}})");
  CHECK(text("shop", {{"app", "b"}}, "concurrency: 3") ==
        R"({"concurrency":3,"proxyMetadata":{"R":"1","WHO":"namespace"}})");
  CHECK(
      text("shop", {{"app", "a"}}, "concurrency: 3\nproxyMetadata: {WHO: me}") ==
      R"({"concurrency":0,"proxyMetadata":{"R":"1","WHO":"me"},"image":{"imageType":"distroless"}})");
}

TEST_CASE("a resource that does not fit is named") {
  const auto mesh = mesh::parse_mesh_config("").value();
  const std::vector<mesh::ProxyConfigResource> bad = {{"shop", "r", "", {{"concurrency", "many"}}}};
  const auto config = mesh::effective_proxy_config(mesh, bad, "shop", {}, "");
  REQUIRE(!config);
  CHECK(config.error().message ==
        "ProxyConfig shop/r.concurrency: \"many\" is not a whole number (int32)");
}

TEST_CASE("fields of old, which old templates ask for, are kept and not printed") {
  const json config =
      mesh::merge_proxy_config(mesh_default(), "parentShutdownDuration: 1m").value();
  CHECK(config["parentShutdownDuration"] == "60s");
  CHECK(mesh::proxy_config_text(config) == "{}");
  CHECK(merged_text(mesh_default(),
                    R"(tracing: {lightstep: {address: "a:1", accessToken: t, secure: true}})") ==
        R"({"tracing":{"lightstep":{"address":"a:1","accessToken":"t"}}})");
}
