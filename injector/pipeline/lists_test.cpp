#include <doctest/doctest.h>

#include "injector/injection.h"
#include "injector/pod/containers.h"
#include "rules/base/json.h"

using namespace sluice;
using namespace sluice::injector;
using nlohmann::json;

namespace {

// As templates were in the days of Istio 1.1: the switches of the values are no more in it, and
// nothing but istio-init knows what is to be redirected.
constexpr const char* kBrackets = R"(
policy: enabled
template: |-
  rewriteAppHTTPProbe: false
  initContainers:
  [[ if ne (annotation .ObjectMeta `sidecar.istio.io/interceptionMode` .ProxyConfig.InterceptionMode) "NONE" ]]
  - name: istio-init
    args: ["-p", [[ .MeshConfig.ProxyListenPort ]], "-u", 1337, "-i", "10.0.0.0/8", "-x", "", "-d", "15020"]
    securityContext: {capabilities: {add: [NET_ADMIN]}}
    restartPolicy: Always
  [[ end -]]
  containers:
  - name: istio-proxy
    image: [[ annotation .ObjectMeta `sidecar.istio.io/proxyImage` "proxy:1.1" ]]
    args:
    - --parentShutdownDuration
    - [[ formatDuration .ProxyConfig.ParentShutdownDuration ]]
    - --serviceCluster
    [[ if ne "" (index .ObjectMeta.Labels "app") -]]
    - [[ index .ObjectMeta.Labels "app" ]].$(POD_NAMESPACE)
    [[ else -]]
    - [[ valueOrDefault .DeploymentMeta.Name "istio-proxy" ]].[[ valueOrDefault .DeploymentMeta.Namespace "default" ]]
    [[ end -]]
    [[ if gt .ProxyConfig.Concurrency 0 -]]
    - --concurrency
    - [[ .ProxyConfig.Concurrency ]]
    [[ end -]]
    - --zipkinAddress
    - "[[ .ProxyConfig.GetTracing.GetZipkin.GetAddress ]]"
    env:
    - name: PROXY_CONFIG
      value: '[[ protoToJSON .ProxyConfig ]]'
    securityContext:
      runAsUser: 1337
  volumes:
  - name: istio-certs
    secret:
      [[ if eq .Spec.ServiceAccountName "" -]]
      secretName: istio.default
      [[ else -]]
      secretName: [[ printf "istio.%s" .Spec.ServiceAccountName ]]
      [[ end ]]
  dnsConfig:
    searches: [one.example]
)";

// As they were in the days of 1.2: the switch is asked at injection, and only istio-init knows.
constexpr const char* kLists = R"(
policy: enabled
template: |-
  rewriteAppHTTPProbe: {{ .Values.sidecarInjectorWebhook.rewriteAppHTTPProbe }}
  {{- if not .Values.istio_cni.enabled }}
  initContainers:
  - name: istio-init
    args:
    - "-p"
    - "15001"
    - "-z"
    - "15006"
    - "-x"
    - "{{ annotation .ObjectMeta `traffic.sidecar.istio.io/excludeOutboundIPRanges` .Values.global.proxy.excludeIPRanges }}"
  {{- end }}
  containers:
  - name: istio-proxy
    image: proxy:1.2
)";

Configuration old(const char* config, const char* values = "") {
  Configuration configuration;
  configuration.inject = mesh::parse_inject_config(config).value();
  configuration.values = mesh::parse_values(values).value();
  configuration.mesh = mesh::parse_mesh_config(R"(
authPolicy: NONE
sdsUdsPath: ""
defaultConfig:
  concurrency: 2
  parentShutdownDuration: 1m0s
  connectTimeout: 10s
  controlPlaneAuthPolicy: NONE
  tracing: {zipkin: {address: "zipkin:9411"}}
)")
                           .value();
  return configuration;
}

json injected(const Configuration& configuration, const json& annotations = json::object(),
              bool own_dns = true) {
  const auto settings = Settings::compile(configuration);
  if (!settings) FAIL(settings.error().message);
  PodRequest request;
  request.namespace_name = "shop";
  request.owner = Owner{"apps/v1", "Deployment", "web", "shop"};
  request.pod["metadata"]["annotations"] = annotations;
  request.pod["spec"] = json::parse(R"({
    "dnsConfig": {"searches": ["own.example"], "nameservers": ["10.0.0.10"]},
    "containers": [{"name": "app", "livenessProbe": {"httpGet": {"path": "/", "port": 80}}}]
  })");
  if (!own_dns) request.pod["spec"].erase("dnsConfig");
  auto injection = inject(request, **settings);
  if (!injection) FAIL(injection.error().message);
  return injection->pod;
}

json annotation(const json& pod, const char* name) {
  return at_path(pod, {"metadata", "annotations", name});
}

const json& container(const json& pod, const char* name) {
  static const json none;
  const json* found = find_named(container_list(pod, "containers"), name);
  return found == nullptr ? none : *found;
}

}  // namespace

TEST_CASE("a template with brackets does to a pod what it did") {
  const json pod = injected(old(kBrackets));
  CHECK(container(pod, "istio-proxy")["args"] ==
        json{"--parentShutdownDuration", "1m0s", "--serviceCluster", "web.shop", "--concurrency",
             "2", "--zipkinAddress", "zipkin:9411"});
  CHECK(container(pod, "istio-proxy")["image"] == "proxy:1.1");
  CHECK(container(pod, "istio-proxy")["env"][0]["value"] ==
        R"({"concurrency":2,"tracing":{"zipkin":{"address":"zipkin:9411"}}})");
  CHECK(at_path(pod, {"spec", "volumes"}) ==
        json::parse(R"([{"name":"istio-certs","secret":{"secretName":"istio.default"}}])"));
  for (const bool own_dns : {false, true}) {
    CHECK(at_path(injected(old(kBrackets), json::object(), own_dns), {"spec", "dnsConfig"}) ==
          json::parse(R"({"searches":["one.example"]})"));
  }
  CHECK(!pod["spec"].contains("initContainers"));
  // Its agent answers for no metrics but its own.
  CHECK(annotation(pod, "prometheus.io/port").is_null());
  // One port for both directions, and an address range that only istio-init was told of.
  CHECK(annotation(pod, "redirect.sluice.dev/inboundPort") == "15001");
  CHECK(annotation(pod, "redirect.sluice.dev/outboundPort").is_null());
  CHECK(annotation(pod, "traffic.sidecar.istio.io/includeOutboundIPRanges") == "10.0.0.0/8");
  CHECK(annotation(pod, "traffic.sidecar.istio.io/excludeOutboundIPRanges").is_null());
}

TEST_CASE("a template that keeps from a plugin what it tells istio-init is asked for that") {
  const char* const values = R"(
istio_cni: {enabled: false}
sidecarInjectorWebhook: {rewriteAppHTTPProbe: false}
global: {proxy: {excludeIPRanges: 10.9.0.0/16}}
)";
  const char* const name = "traffic.sidecar.istio.io/excludeOutboundIPRanges";
  CHECK(annotation(injected(old(kLists, values)), name) == "10.9.0.0/16");
  CHECK(annotation(injected(old(kLists, values), {{name, "10.8.0.0/16"}}), name) == "10.8.0.0/16");
  std::string with_plugin = values;
  with_plugin.replace(with_plugin.find("false"), 5, "true");
  CHECK(annotation(injected(old(kLists, with_plugin.c_str())), name) == "10.9.0.0/16");
}

TEST_CASE("annotations that an old template has for the plugin are the pod's") {
  const std::string knowing = std::string(kLists) + R"(
  podRedirectAnnot:
    traffic.sidecar.istio.io/includeInboundPorts: 8080
)";
  const json pod = injected(old(knowing.c_str(), R"(
sidecarInjectorWebhook: {rewriteAppHTTPProbe: false}
global: {proxy: {excludeIPRanges: 10.9.0.0/16}}
)"));
  CHECK(annotation(pod, "traffic.sidecar.istio.io/includeInboundPorts") == "8080");
  CHECK(annotation(pod, "traffic.sidecar.istio.io/excludeOutboundIPRanges").is_null());
}

TEST_CASE("an old template says itself whether probes go through the proxy") {
  const char* const path = "/livenessProbe/httpGet/path";
  for (const bool rewrite : {false, true}) {
    const std::string values = std::string("sidecarInjectorWebhook: {rewriteAppHTTPProbe: ") +
                               (rewrite ? "true" : "false") +
                               "}\nglobal: {proxy: {excludeIPRanges: \"\"}}";
    const json pod = injected(old(kLists, values.c_str()));
    CHECK(container(pod, "app").at(json::json_pointer(path)) ==
          (rewrite ? "/app-health/app/livez" : "/"));
  }
}

TEST_CASE("a text of the values may be a template itself, in the templates that had it so") {
  const std::string config = std::string(kLists) + R"(
  dnsConfig:
    searches:
    {{- range .Values.global.search }}
    - {{ render . }}
    {{- end }}
)";
  const json pod = injected(old(config.c_str(), R"(
sidecarInjectorWebhook: {rewriteAppHTTPProbe: false}
global:
  proxy: {excludeIPRanges: ""}
  search: [global, "{{ .DeploymentMeta.Name }}.{{ valueOrDefault .DeploymentMeta.Namespace `x` }}", "a{{ if }}"]
)"));
  CHECK(at_path(pod, {"spec", "dnsConfig", "searches"}) == json{"global", "web.shop", ""});
}
