#include "injector/injection.h"

#include <doctest/doctest.h>

#include "injector/builtin.h"
#include "injector/pod/containers.h"
#include "rules/base/json.h"
#include "rules/policy/policy_json.h"

using namespace sluice;
using namespace sluice::injector;
using nlohmann::json;

namespace {

constexpr const char* kSmall = R"(
metadata:
  annotations:
    seen: "{{ .ObjectMeta.Namespace }}/{{ .DeploymentMeta.Name }}/{{ .TypeMeta.Kind }}"
spec:
  containers:
  - name: istio-proxy
    image: "{{ .ProxyImage }}"
    securityContext: {runAsUser: {{ .ProxyUID }}, runAsGroup: {{ .ProxyGID }}}
)";

Configuration small(const std::string& sidecar = kSmall) {
  Configuration configuration;
  configuration.inject.templates["sidecar"] = sidecar;
  configuration.inject.default_templates = {"sidecar"};
  configuration.values = mesh::parse_values("global: {hub: h, tag: t}").value();
  configuration.mesh = mesh::parse_mesh_config("").value();
  return configuration;
}

std::shared_ptr<const Settings> compiled(Configuration configuration) {
  auto settings = Settings::compile(std::move(configuration));
  if (!settings) FAIL(settings.error().message);
  return *settings;
}

std::string compile_error(Configuration configuration) {
  const auto settings = Settings::compile(std::move(configuration));
  return settings ? "" : settings.error().message;
}

PodRequest request(const json& annotations = json::object()) {
  PodRequest made;
  made.namespace_name = "shop";
  made.pod["metadata"]["name"] = "p";
  if (!annotations.empty()) made.pod["metadata"]["annotations"] = annotations;
  made.pod["spec"]["containers"] = json::parse(R"([{"name":"app","image":"a"}])");
  return made;
}

json injected(const PodRequest& from, const Settings& settings) {
  auto injection = inject(from, settings);
  if (!injection) return "error: " + injection.error().message;
  REQUIRE(injection->verdict.inject);
  return injection->pod;
}

std::string refusal(const PodRequest& from, const Settings& settings) {
  const auto injection = inject(from, settings);
  if (injection) return "";
  CHECK(injection.error().code == Errc::Invalid);
  return injection.error().message;
}

json annotation(const json& pod, const char* name) {
  return at_path(pod, {"metadata", "annotations", name});
}

const json& proxy_of(const json& pod) {
  static const json none;
  const json* proxy = find_container(pod, "istio-proxy");
  return proxy == nullptr ? none : *proxy;
}

std::string env_of(const json& pod, std::string_view name) {
  for (const json& entry : at_path(proxy_of(pod), {"env"})) {
    if (entry["name"] == name) return text_at(entry, {"value"});
  }
  return "absent";
}

}  // namespace

TEST_CASE("a pod gets what its template says, and knows where it lives and who made it") {
  const auto settings = compiled(small());
  const json pod = injected(request(), *settings);
  CHECK(annotation(pod, "seen") == "shop/p/Pod");
  CHECK(proxy_of(pod)["image"] == "h/proxyv2:t");
  CHECK(!pod["metadata"].contains("namespace"));
  PodRequest owned = request();
  owned.owner = Owner{"apps/v1", "Deployment", "web", "shop"};
  CHECK(annotation(injected(owned, *settings), "seen") == "shop/web/Deployment");
}

TEST_CASE("what a template sees has Go's types, with their methods") {
  const struct {
    const char* text;
    const char* seen;
  } rows[] = {
      {"{{ .TypeMeta.GroupVersionKind.Kind }} {{ .TypeMeta.GroupVersionKind }} "
       "{{ (index .Spec.Containers 0).Name }}",
       "Deployment apps/v1, Kind=Deployment app"},
      {"{{ toJson .TypeMeta }}{{ toJson .TypeMeta.GroupVersionKind }}",
       R"({"kind":"Deployment","apiVersion":"apps/v1"})"
       R"({"Group":"apps","Version":"v1","Kind":"Deployment"})"},
      {"{{ .DeploymentMeta }} {{ .DeploymentMeta.String }} {{ .DeploymentMeta.Name }}",
       "shop/web shop/web web"},
      {"{{ toJson .DeploymentMeta }}", R"({"Namespace":"shop","Name":"web"})"},
      {"{{ .ObjectMeta.GetName }}", "p"},
      {"{{ .ObjectMeta.Nope }}", "can't evaluate field Nope in type v1.ObjectMeta"},
      {"{{ .Spec.Nope }}", "can't evaluate field Nope in type v1.PodSpec"},
      {"{{ .DeploymentMeta.Nope }}", "can't evaluate field Nope in type types.NamespacedName"},
      {"{{ .ProxyConfig.Nope }}", "can't evaluate field Nope in type *v1alpha1.ProxyConfig"},
      {"{{ .Revision.x }}", "can't evaluate field x in type string"},
      {"{{ .Values.global.hub.x }}", "can't evaluate field x in type interface {}"},
  };
  PodRequest asked = request({{"inject.istio.io/templates", "other"}});
  asked.owner = Owner{"apps/v1", "Deployment", "web", "shop"};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    Configuration configuration = small();
    configuration.inject.templates["other"] =
        "metadata: {annotations: {seen: '" + std::string(row.text) + "'}}";
    const json pod = injected(asked, *compiled(std::move(configuration)));
    if (pod.is_object()) {
      CHECK(annotation(pod, "seen") == row.seen);
    } else {
      CHECK(pod.get<std::string>().ends_with(row.seen));
    }
  }
}

TEST_CASE("of a pod that is not to be injected nothing comes back") {
  Configuration configuration = small();
  configuration.inject.policy = "disabled";
  const auto injection = inject(request(), *compiled(configuration)).value();
  CHECK(!injection.verdict.inject);
  CHECK(injection.verdict.why == "policy");
  CHECK(injection.pod.is_null());
}

TEST_CASE("injecting twice changes nothing") {
  Configuration configuration = small(builtin_config().templates.at("sidecar"));
  configuration.switches.runtime_annotations = true;
  configuration.switches.seccomp_default = true;
  const auto settings = compiled(std::move(configuration));
  PodRequest again = request({{"traffic.sidecar.istio.io/excludeOutboundPorts", "3306"}});
  const json once = injected(again, *settings);
  again.pod = once;
  CHECK(injected(again, *settings) == once);
}

TEST_CASE("templates see an own proxy where theirs will be, this time and the next") {
  const auto settings = compiled(small(
      std::string(kSmall) + "    args: [{{ range .Spec.Containers }}{{ .Name }}{{ end }}]\n"));
  PodRequest asked = request();
  asked.pod["spec"]["initContainers"] = json::parse(R"([{"name":"istio-proxy","image":"auto",
      "restartPolicy":"Always"}])");
  const json once = injected(asked, *settings);
  CHECK(proxy_of(once)["args"] == json({"appistio-proxy"}));
  asked.pod = once;
  CHECK(injected(asked, *settings) == once);
}

TEST_CASE("a forged status hides no container from the templates, this time or the next") {
  const auto settings = compiled(small(
      std::string(kSmall) + "    args: [{{ range .Spec.Containers }}{{ .Name }}{{ end }}]\n"));
  const json plain = injected(request(), *settings);
  CHECK(proxy_of(plain)["args"] == json({"app"}));
  for (const char* status : {
           R"({"containers":["app"]})",
           R"({"containers":["app","istio-proxy"],"initContainers":["app","istio-init"]})",
           R"({"containers":["nobody"],"initContainers":null,"volumes":7})",
           R"({"containers":null,"unknown":{}})",
           "{}",
           "null",
           "nonsense",
       }) {
    CAPTURE(status);
    PodRequest forged = request({{"sidecar.istio.io/status", status}});
    const json once = injected(forged, *settings);
    CHECK(once == plain);
    forged.pod = once;
    CHECK(injected(forged, *settings) == once);
  }
}

TEST_CASE("all that is wrong with a pod is in one message") {
  const auto settings = compiled(small());
  PodRequest asked = request({
      {"traffic.sidecar.istio.io/excludeOutboundIPRanges", "*"},
      {"traffic.sidecar.istio.io/excludeInboundPorts", "http"},
      {"sidecar.istio.io/proxyCPU", "much"},
      {"proxy.istio.io/config", "statusPort: 0"},
      {"sidecar.istio.io/status", R"({"containers":7})"},
      {"proxy.istio.io/overrides", "x"},
      {"inject.istio.io/templates", "sidecar,none"},
      {"prometheus.io/port", "15000"},
  });
  const std::string annotations =
      R"(annotation sidecar.istio.io/proxyCPU: "much": must be a quantity, such as 100m or 128Mi; )"
      "annotation proxy.istio.io/config: ProxyConfig.statusPort: 0 is not a port (1 to 65535); "
      R"(annotation traffic.sidecar.istio.io/excludeInboundPorts: "http": "http" is not a port )"
      "number between 1 and 65535; annotation traffic.sidecar.istio.io/excludeOutboundIPRanges: "
      R"("*": "*" is not a CIDR such as 10.0.0.0/8; )"
      R"(annotation sidecar.istio.io/status: "{\"containers\":7}": containers must be a list; )"
      R"(annotation proxy.istio.io/overrides: "x": is no JSON; )";
  const std::string rest =
      R"(template "none" is not there; there are sidecar; )"
      R"(prometheus port "15000" is reserved for Envoy's admin and cannot be scraped)";
  const std::string second = "spec.containers: a second container is called istio-proxy; ";
  json& containers = asked.pod["spec"]["containers"];
  for (int i = 0; i < 2; ++i) containers.push_back({{"name", "istio-proxy"}});
  CHECK(refusal(asked, *settings) == annotations + second + rest);

  containers.push_back(7);
  const std::string shape = "spec.containers[3]: must be an object; ";
  CHECK(refusal(asked, *settings) == shape + annotations + second + rest);
  asked.faults = {"labels", "types"};  // of whoever looked at the types before
  CHECK(refusal(asked, *settings) == "labels; types; " + annotations + second + rest);
}

TEST_CASE("a pod whose types are wrong is refused, also one that is not to be injected") {
  PodRequest asked = request();
  asked.pod["spec"]["hostNetwork"] = true;
  CHECK(!inject(asked, *compiled(small())).value().verdict.inject);
  asked.faults = {"labels", "types"};
  CHECK(refusal(asked, *compiled(small())) == "labels; types");
}

TEST_CASE("a port that would be scraped counts as the templates leave it") {
  const json port = {{"prometheus.io/port", "15000"}};
  CHECK(refusal(request(port), *compiled(small())).starts_with("prometheus port \"15000\" is res"));
  const auto other = compiled(small("metadata: {annotations: {prometheus.io/port: \"80\"}}"));
  CHECK(injected(request(port), *other).is_object());
}

TEST_CASE("what a template writes is checked like what a user writes") {
  const auto settings = compiled(small(R"(
metadata:
  annotations:
    traffic.sidecar.istio.io/includeInboundPorts: "{{ index .ObjectMeta.Annotations `x` }}"
spec: {containers: [{name: istio-proxy}]}
)"));
  CHECK(injected(request({{"x", "80"}}), *settings).is_object());
  const std::string message =
      R"(after injection: annotation traffic.sidecar.istio.io/includeInboundPorts: "http": "http" )"
      "is not a port number between 1 and 65535";
  // The values are to blame where the pod itself says nothing.
  CHECK(refusal(request({{"x", "http"}}), *settings) ==
        message + "; where a pod does not say, the values do: global.proxy.includeInboundPorts");
  const json own = {{"x", "http"}, {"traffic.sidecar.istio.io/includeInboundPorts", "80"}};
  CHECK(refusal(request(own), *settings) == message);
}

TEST_CASE("which templates a pod gets") {
  Configuration configuration = small();
  for (const char* name : {"a", "b", "c"}) {
    configuration.inject.templates[name] =
        std::string("metadata: {annotations: {last: ") + name + ", " + name + ": \"\"}}";
  }
  configuration.inject.default_templates = {"sidecar", "a"};
  configuration.inject.aliases["both"] = {"b", "c"};
  const auto settings = compiled(std::move(configuration));
  std::string most = "a";
  for (int i = 1; i < 32; ++i) most += ",b";
  const std::string too_many = most + ",c";
  const struct {
    const char* asked;  ///< nullptr: nothing
    const char* last;
    const char* error;
  } rows[] = {
      {nullptr, "a", nullptr},
      {"b", "b", nullptr},
      {" c , a", "a", nullptr},
      {"both", "c", nullptr},
      {"both,b", "b", nullptr},
      {"", nullptr, "error: template \"\" is not there; there are a, b, c, sidecar"},
      {"d", nullptr, "error: template \"d\" is not there; there are a, b, c, sidecar"},
      {most.c_str(), "b", nullptr},
      {too_many.c_str(), nullptr,
       "error: annotation inject.istio.io/templates: 33 templates, but at most 32 are rendered"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.asked);
    json annotations = json::object();
    if (row.asked != nullptr) annotations["inject.istio.io/templates"] = row.asked;
    const json pod = injected(request(annotations), *settings);
    if (row.error != nullptr) {
      CHECK(pod == row.error);
    } else {
      CHECK(annotation(pod, "last") == row.last);
    }
  }
}

TEST_CASE("cluster and network come from values, request and label, the later over the earlier") {
  Configuration configuration = small();
  configuration.values["global"]["network"] = "of-values";
  configuration.values["global"]["multiCluster"]["clusterName"] = "c-of-values";
  const auto settings = compiled(std::move(configuration));
  PodRequest asked = request();
  json pod = injected(asked, *settings);
  CHECK(env_of(pod, "ISTIO_META_NETWORK") == "of-values");
  CHECK(env_of(pod, "ISTIO_META_CLUSTER_ID") == "c-of-values");
  CHECK(at_path(pod, {"metadata", "labels", "topology.istio.io/network"}) == "of-values");
  asked.network = "of-path";
  asked.cluster = "c-of-path";
  asked.proxy_env["ISTIO_META_X"] = "y";
  pod = injected(asked, *settings);
  CHECK(env_of(pod, "ISTIO_META_NETWORK") == "of-path");
  CHECK(env_of(pod, "ISTIO_META_CLUSTER_ID") == "c-of-path");
  CHECK(env_of(pod, "ISTIO_META_X") == "y");
  // An empty label takes away what the values say, but not what the path does.
  asked.pod["metadata"]["labels"]["topology.istio.io/network"] = "";
  pod = injected(asked, *settings);
  CHECK(at_path(pod, {"metadata", "labels", "topology.istio.io/network"}) == "of-path");
  asked.network = "";
  pod = injected(asked, *settings);
  CHECK(at_path(pod, {"metadata", "labels", "topology.istio.io/network"}) == "");
  CHECK(env_of(pod, "ISTIO_META_NETWORK") == "absent");
  asked.pod["metadata"]["labels"]["topology.istio.io/network"] = "of-label";
  CHECK(env_of(injected(asked, *settings), "ISTIO_META_NETWORK") == "of-label");
}

TEST_CASE("a CNI plugin is there, whatever the values say") {
  Configuration configuration = small(R"(
metadata:
  annotations: {new: "{{ .Values.pilot.cni.enabled }}", old: "{{ .Values.istio_cni.enabled }}"}
)");
  configuration.values["pilot"]["cni"]["enabled"] = false;
  const auto settings = compiled(configuration);
  const json pod = injected(request(), *settings);
  CHECK(annotation(pod, "new") == "true");
  CHECK(annotation(pod, "old") == "true");
  CHECK(settings->configuration().values["pilot"]["cni"]["enabled"] == false);
}

TEST_CASE("what istio-init would have been told becomes annotations, unless something says it") {
  const auto settings = compiled(small(R"(
metadata: {annotations: {traffic.sidecar.istio.io/includeInboundPorts: "1"}}
spec:
  initContainers:
  - name: istio-init
    args: ["-b", "2", "-x", "10.1.0.0/16", "-d", "3", "-u", "1000"]
  containers:
  - name: istio-proxy
    securityContext: {runAsUser: 1000}
)"));
  json pod = injected(request({{"traffic.sidecar.istio.io/excludeInboundPorts", "4"}}), *settings);
  CHECK(at_path(pod, {"spec", "initContainers"}).empty());
  CHECK(annotation(pod, "traffic.sidecar.istio.io/includeInboundPorts") == "1");
  CHECK(annotation(pod, "traffic.sidecar.istio.io/excludeOutboundIPRanges") == "10.1.0.0/16");
  CHECK(annotation(pod, "traffic.sidecar.istio.io/excludeInboundPorts") == "4");
  CHECK(annotation(pod, "redirect.sluice.dev/excludeOutboundUIDs").is_null());

  PodRequest own = request();
  own.pod["spec"]["initContainers"] =
      json::parse(R"([{"name":"istio-init","args":["-x","10.2.0.0/16","-u","7"]}])");
  pod = injected(own, *settings);
  CHECK(annotation(pod, "traffic.sidecar.istio.io/excludeOutboundIPRanges") == "10.2.0.0/16");
  CHECK(annotation(pod, "redirect.sluice.dev/excludeOutboundUIDs") == "7");
}

TEST_CASE("a seccomp profile is added where nobody chose one, and only when asked") {
  const json chosen = {{"type", "Localhost"}};
  const struct {
    bool asked;
    json of_pod;
    json of_proxy;
    json expected;
  } rows[] = {
      {false, nullptr, nullptr, nullptr},
      {true, nullptr, nullptr, {{"type", "RuntimeDefault"}}},
      {true, chosen, nullptr, nullptr},
      {true, nullptr, chosen, chosen},
  };
  for (const auto& row : rows) {
    Configuration configuration = small();
    configuration.switches.seccomp_default = row.asked;
    PodRequest asked = request();
    if (!row.of_pod.is_null()) {
      asked.pod["spec"]["securityContext"]["seccompProfile"] = row.of_pod;
    }
    if (!row.of_proxy.is_null()) {
      json proxy = {{"name", "istio-proxy"}, {"image", "auto"}};
      proxy["securityContext"]["seccompProfile"] = row.of_proxy;
      asked.pod["spec"]["containers"].push_back(proxy);
    }
    const json pod = injected(asked, *compiled(std::move(configuration)));
    CHECK(at_path(proxy_of(pod), {"securityContext", "seccompProfile"}) == row.expected);
  }
}

TEST_CASE(
    "the policy for the runtime is written, renewed, and left alone where a person wrote it") {
  Configuration configuration = small();
  configuration.switches.runtime_annotations = true;
  const auto settings = compiled(std::move(configuration));
  const char* const name = "redirect.sluice.dev/policy";
  PodRequest asked = request({{"traffic.sidecar.istio.io/includeInboundPorts", "80"}});
  json pod = injected(asked, *settings);
  auto policy = parse_policy(text_at(pod, {"metadata", "annotations", name}));
  REQUIRE(policy);
  CHECK(policy_to_json(*policy)["inbound"]["include"] == json{"80"});
  asked.pod = pod;
  asked.pod["metadata"]["annotations"]["traffic.sidecar.istio.io/includeInboundPorts"] = "90";
  policy = parse_policy(text_at(injected(asked, *settings), {"metadata", "annotations", name}));
  CHECK(policy_to_json(*policy)["inbound"]["include"] == json{"90"});

  const std::string own = R"({"mode":"none"})";
  pod = injected(request({{name, own}}), *settings);
  CHECK(annotation(pod, name) == own);
  CHECK(injected(request({{name, "{}x"}}), *settings).get<std::string>().starts_with("error: "));
}

TEST_CASE("OpenShift's ids are the namespace's") {
  Configuration configuration = small();
  configuration.switches.platform = "openshift";
  const auto settings = compiled(std::move(configuration));
  PodRequest asked = request();
  asked.namespace_object = json::parse(
      R"({"metadata":{"annotations":{"openshift.io/sa.scc.uid-range":"1000620000/10000"}}})");
  const json pod = injected(asked, *settings);
  CHECK(at_path(proxy_of(pod), {"securityContext", "runAsUser"}) == 1000629999);
  CHECK(at_path(proxy_of(pod), {"securityContext", "runAsGroup"}) == 1000629999);
}

TEST_CASE("a ProxyConfig resource counts, and one that is wrong is named") {
  const auto settings = compiled(small(R"(
metadata: {annotations: {config: '{{ protoToJSON .ProxyConfig }}'}}
)"));
  PodRequest asked = request();
  asked.proxy_configs = {{"shop", "r", "", {{"concurrency", 2}}}};
  CHECK(annotation(injected(asked, *settings), "config") == R"({"concurrency":2})");
  asked.proxy_configs[0].spec["concurrency"] = "x";
  CHECK(injected(asked, *settings) ==
        "error: ProxyConfig shop/r.concurrency: \"x\" is not a whole number (int32)");
}

TEST_CASE("what a template misspells fails the pods that it is for") {
  Configuration configuration = small();
  configuration.inject.templates["other"] =
      "{{ if .ObjectMeta.Labels.x }}{{ template `t` . }}{{ end }}{{ define `t` }}{{ .Valuess.x "
      "}}{{ end }}";
  const auto settings = compiled(std::move(configuration));
  PodRequest asked = request({{"inject.istio.io/templates", "other"}});
  CHECK(injected(asked, *settings).is_object());
  asked.pod["metadata"]["labels"]["x"] = "y";
  CHECK(injected(asked, *settings) ==
        "error: template: other:1:85: executing \"t\" at <.Valuess.x>: can't evaluate field "
        "Valuess in type inject.SidecarTemplateData");
}

TEST_CASE("a configuration that would fail every pod is refused at once") {
  const struct {
    const char* sidecar;
    const char* message;
  } rows[] = {
      {"{{ if }}", "template: sidecar:1: missing value for if"},
      {"{{ nonesuch }}", "template: sidecar:1: function \"nonesuch\" not defined"},
      {"spec: {containers: [{name: istio-proxy, image: \"{{ .Values.global.none }}\"}]}",
       "for a plain pod: template sidecar finds no value for spec.containers[0].image (\"<no "
       "value>\")"},
      {"metadata: {annotations: {a: \"{{ annotation .ObjectMeta `x` .Values.none }}\"}}",
       "for a plain pod: template sidecar finds no value for metadata.annotations.a (\"<nil>\")"},
      {"{{ if eq (annotation .ObjectMeta `sidecar.istio.io/interceptionMode` ``) `TPROXY` }}"
       "metadata: {labels: {a: \"{{ .Values.none }}\"}}{{ end }}",
       "for a TPROXY pod: template sidecar finds no value for metadata.labels.a (\"<no value>\")"},
      {"{{ if .Nonesuch }}{{ end }}",
       "for a plain pod: template: sidecar:1:6: executing \"sidecar\" at <.Nonesuch>: can't "
       "evaluate field Nonesuch in type inject.SidecarTemplateData"},
      {"[]",
       "for a plain pod: template sidecar: the rendered template is no YAML object but array"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.sidecar);
    CHECK(compile_error(small(row.sidecar)) == row.message);
  }
  Configuration no_values = small();
  no_values.values = nullptr;
  CHECK(compile_error(std::move(no_values)) == "the templates need values, and there are none");
  Configuration no_template = small();
  no_template.inject.default_templates = {"other"};
  CHECK(compile_error(std::move(no_template)) ==
        "for a plain pod: template \"other\" is not there; there are sidecar");
}
