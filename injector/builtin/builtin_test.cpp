#include "injector/builtin.h"

#include <doctest/doctest.h>

#include "injector/injection.h"
#include "injector/pod/containers.h"
#include "rules/base/json.h"

using namespace sluice;
using namespace sluice::injector;
using nlohmann::json;

namespace {

Configuration builtin(bool native) {
  Configuration configuration;
  configuration.inject = builtin_config();
  configuration.values = builtin_values();
  configuration.mesh = mesh::parse_mesh_config("").value();
  configuration.switches.native_sidecars = native;
  return configuration;
}

json injected(Configuration configuration, const json& metadata = json::object()) {
  const auto settings = Settings::compile(std::move(configuration));
  if (!settings) FAIL(settings.error().message);
  PodRequest request;
  request.namespace_name = "shop";
  request.owner = Owner{"apps/v1", "Deployment", "web", "shop"};
  request.pod["metadata"] = metadata;
  request.pod["spec"]["containers"] =
      json::parse(R"([{"name":"app","image":"a","ports":[{"containerPort":8080,"name":"http"}]}])");
  auto injection = inject(request, **settings);
  if (!injection) FAIL(injection.error().message);
  CHECK(injection->warnings.empty());
  return injection->pod;
}

const json& proxy_in(const json& pod, const char* list) {
  static const json none;
  const json* proxy = find_named(container_list(pod, list), "istio-proxy");
  return proxy == nullptr ? none : *proxy;
}

std::map<std::string, json> environment(const json& proxy) {
  std::map<std::string, json> all;
  for (const json& entry : proxy.at("env")) {
    CHECK(
        all.emplace(entry["name"], entry.value("value", entry.value("valueFrom", json()))).second);
  }
  return all;
}

/// What Pod Security `restricted` asks of a container.
void check_restricted(const json& container) {
  const json& context = at_path(container, {"securityContext"});
  CHECK(context["allowPrivilegeEscalation"] == false);
  CHECK(context["privileged"] == false);
  CHECK(context["capabilities"] == json{{"drop", {"ALL"}}});
  CHECK(context["runAsNonRoot"] == true);
  CHECK(context["runAsUser"] != 0);
  CHECK(context["seccompProfile"]["type"] == "RuntimeDefault");
}

}  // namespace

TEST_CASE("the built-in sidecar is native where it may be, and restricted") {
  const json native = injected(builtin(true));
  const json& proxy = proxy_in(native, "initContainers");
  check_restricted(proxy);
  CHECK(proxy["restartPolicy"] == "Always");
  CHECK(at_path(native, {"spec", "initContainers"}).size() == 1);
  CHECK(at_path(native, {"spec", "containers"}).size() == 1);

  const json ordinary = injected(builtin(false));
  check_restricted(proxy_in(ordinary, "containers"));
  CHECK(!proxy_in(ordinary, "containers").contains("restartPolicy"));
  CHECK(at_path(ordinary, {"spec", "initContainers"}).empty());
}

TEST_CASE("the built-in sidecar as TPROXY asks for NET_RAW alone") {
  const json pod = injected(builtin(false),
                            {{"annotations", {{"sidecar.istio.io/interceptionMode", "TPROXY"}}}});
  const json& context = at_path(proxy_in(pod, "containers"), {"securityContext"});
  CHECK(context["capabilities"] == json{{"add", {"NET_RAW"}}, {"drop", {"ALL"}}});
  CHECK(context["runAsUser"] == 0);
  CHECK(context["runAsGroup"] == 1337);
  Configuration by_mesh = builtin(false);
  by_mesh.mesh = mesh::parse_mesh_config("defaultConfig: {interceptionMode: TPROXY}").value();
  CHECK(at_path(injected(by_mesh),
                {"metadata", "annotations", "sidecar.istio.io/interceptionMode"}) == "TPROXY");
}

TEST_CASE("the built-in sidecar tells pilot-agent what it asks") {
  const json pod = injected(
      builtin(false),
      {{"labels", {{"app", "shop"}, {"version", "v1"}}},
       {"annotations", {{"proxy.istio.io/config", "proxyMetadata: {MINE: \"a: \\\"b\\\"\"}"}}}});
  const auto env = environment(proxy_in(pod, "containers"));
  for (const char* name : {"POD_NAME", "POD_NAMESPACE", "INSTANCE_IP", "HOST_IP", "SERVICE_ACCOUNT",
                           "ISTIO_META_NODE_NAME", "ISTIO_CPU_LIMIT", "GOMEMLIMIT", "GOMAXPROCS"}) {
    CAPTURE(name);
    REQUIRE(env.contains(name));
    CHECK(env.at(name).is_object());
  }
  const std::pair<const char*, const char*> texts[] = {
      {"JWT_POLICY", "third-party-jwt"},
      {"PILOT_CERT_PROVIDER", "istiod"},
      {"CA_ADDR", "istiod.istio-system.svc:15012"},
      {"TRUST_DOMAIN", "cluster.local"},
      {"ISTIO_META_CLUSTER_ID", "Kubernetes"},
      {"ISTIO_META_MESH_ID", "cluster.local"},
      {"ISTIO_META_INTERCEPTION_MODE", "REDIRECT"},
      {"ISTIO_META_APP_CONTAINERS", "app"},
      {"ISTIO_META_POD_PORTS", R"([{"name":"http","containerPort":8080}])"},
      {"ISTIO_META_WORKLOAD_NAME", "web"},
      {"ISTIO_META_OWNER", "kubernetes://apis/apps/v1/namespaces/shop/deployments/web"},
      {"PROXY_CONFIG", R"({"proxyMetadata":{"MINE":"a: \"b\""}})"},
      {"MINE", "a: \"b\""},
  };
  for (const auto& [name, value] : texts) {
    CAPTURE(name);
    REQUIRE(env.contains(name));
    CHECK(env.at(name) == value);
  }
  const json& labels = at_path(pod, {"metadata", "labels"});
  CHECK(labels["security.istio.io/tlsMode"] == "istio");
  CHECK(labels["service.istio.io/canonical-name"] == "shop");
  CHECK(labels["service.istio.io/canonical-revision"] == "v1");
}

TEST_CASE("every mount of the built-in sidecar has its volume, and every volume a mount") {
  const json pod = injected(builtin(true));
  std::map<std::string, int> names;
  for (const json& mount : proxy_in(pod, "initContainers").at("volumeMounts")) {
    names[mount["name"]] += 1;
  }
  for (const json& volume : at_path(pod, {"spec", "volumes"})) names[volume["name"]] += 10;
  CHECK(names.size() == 8);
  for (const auto& [name, count] : names) {
    CAPTURE(name);
    CHECK(count == 11);
  }
}

TEST_CASE("no annotation can add a line to the built-in sidecar") {
  const std::string odd = "a\"'\n  x: {{ .y }} # \\ \t\xe2\x80\xa8";
  const json pod = injected(
      builtin(false),
      {{"labels", {{"app", odd}}},
       {"annotations",
        {{"sidecar.istio.io/logLevel", odd}, {"sidecar.istio.io/proxyImage", "/" + odd}}}});
  const json& proxy = proxy_in(pod, "containers");
  CHECK(proxy["image"] == "/" + odd);
  CHECK(proxy["args"][4] == "--proxyLogLevel=" + odd);
}

TEST_CASE("the built-in sidecar goes by values of Istio's names, and by annotations") {
  Configuration configuration = builtin(false);
  configuration.values["global"]["proxy"]["excludeIPRanges"] = "10.9.0.0/16";
  configuration.values["global"]["proxy"]["includeInboundPorts"] = 8080.0;
  configuration.values["global"]["imagePullSecrets"] = {"one"};
  const json pod =
      injected(configuration,
               {{"annotations",
                 {{"sidecar.istio.io/proxyCPU", "1"}, {"status.sidecar.istio.io/port", "15099"}}}});
  const json& annotations = at_path(pod, {"metadata", "annotations"});
  CHECK(annotations["traffic.sidecar.istio.io/excludeOutboundIPRanges"] == "10.9.0.0/16");
  CHECK(annotations["traffic.sidecar.istio.io/includeInboundPorts"] == "8080");
  CHECK(at_path(pod, {"spec", "imagePullSecrets"}) == json::parse(R"([{"name":"one"}])"));
  CHECK(proxy_in(pod, "containers")["resources"]["requests"] == json{{"cpu", "1"}});
}

TEST_CASE("values need not be all there") {
  const json values = builtin_values_with(json::parse(R"({"global":{"tag":"1.29"},"mine":1})"));
  CHECK(values["global"]["tag"] == "1.29");
  CHECK(values["global"]["hub"] == builtin_values()["global"]["hub"]);
  CHECK(values["mine"] == 1);
  CHECK(builtin_values_with(json()) == builtin_values());
}
