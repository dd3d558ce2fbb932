#include "injector/pod/overlay.h"

#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "injector/pod/containers.h"
#include "injector/pod/overlay_fixture.h"
#include "injector/pod/patch.h"
#include "injector/pod/previous.h"
#include "injector/pod/strip.h"

using namespace sluice;
using namespace sluice::injector;
using nlohmann::json;

namespace {

std::string status(const json& pod) {
  return pod["metadata"]["annotations"][std::string(kStatus)];
}

json recorded(const json& pod) {
  return json::parse(
      pod["metadata"]["annotations"].value(std::string(kOverrides), std::string("null")));
}

}  // namespace

TEST_CASE("a plain pod gets its proxy, and what names it") {
  const Overlaid done = laid_over(world_with(ordinary_template()), app_pod());
  const json& pod = done.pod;
  CHECK(done.warnings.empty());
  CHECK(names(pod, "containers") == Names{"app", "istio-proxy"});
  CHECK(pod["spec"]["containers"][0] == app_pod()["spec"]["containers"][0]);
  CHECK(pod["spec"]["containers"][1] == json::parse(kProxy));
  CHECK(pod["spec"]["volumes"] == json::parse(R"([{"name":"workload-socket"},
      {"name":"istio-envoy","emptyDir":{"medium":"Memory"}}])"));
  CHECK(pod["metadata"]["labels"]["security.istio.io/tlsMode"] == "istio");
  CHECK(status(pod) == R"({"initContainers":null,"containers":["istio-proxy"],)"
                       R"("volumes":["workload-socket","istio-envoy"],"imagePullSecrets":null,)"
                       R"("revision":"default"})");
  CHECK(pod["metadata"]["annotations"]["prometheus.io/port"] == "15020");
  CHECK(recorded(pod).is_null());
}

TEST_CASE("status names what several templates make, revision and pull secrets") {
  World world = world_with(native_template());
  world.rendered.push_back(json::parse(R"({"spec":{"containers":[{"name":"extra","image":"e"}],
      "imagePullSecrets":[{"name":"s\"<"}],"volumes":[{"name":"workload-socket","csi":{"driver":"d"}}]}})"));
  world.configuration.switches.revision = "canary";
  const json pod = laid_over(world, app_pod()).pod;
  CHECK(status(pod) == R"({"initContainers":["istio-proxy"],"containers":["extra"],)"
                       R"("volumes":["workload-socket","istio-envoy"],)"
                       R"("imagePullSecrets":["s\"\u003c"],"revision":"canary"})");
  // What the first template left open the second one fills.
  CHECK(pod["spec"]["volumes"][0] ==
        json::parse(R"({"name":"workload-socket","csi":{"driver":"d"}})"));
}

TEST_CASE("the proxy starts where it must") {
  World world = world_with(ordinary_template());
  world.rendered[0]["spec"]["initContainers"] =
      json::parse(R"([{"name":"istio-validation"},{"name":"enable-core-dump"}])");
  json pod = app_pod();
  pod["spec"]["initContainers"] = json::parse(R"([{"name":"first"},{"name":"second"}])");
  CHECK(names(laid_over(world, pod).pod, "containers") == Names{"app", "istio-proxy"});
  CHECK(names(laid_over(world, pod).pod, "initContainers") == Names{"first", "second"});
  world.proxy_config["holdApplicationUntilProxyStarts"] = true;
  CHECK(names(laid_over(world, pod).pod, "containers") == Names{"istio-proxy", "app"});
  world.proxy_config["holdApplicationUntilProxyStarts"] = false;
  world.configuration.values["global"]["proxy"]["holdApplicationUntilProxyStarts"] = true;
  CHECK(names(laid_over(world, pod).pod, "containers") == Names{"istio-proxy", "app"});
  const json native = laid_over(world_with(native_template()), pod).pod;
  CHECK(names(native, "containers") == Names{"app"});
  CHECK(names(native, "initContainers") == Names{"istio-proxy", "first", "second"});
}

TEST_CASE("what the installation forces stands at the end of the proxy's environment") {
  World world = world_with(ordinary_template());
  world.proxy_env = {{"ISTIO_META_NETWORK", "net"}, {"ISTIO_META_CLUSTER_ID", "c"}, {"A", "1"}};
  world.network = "net";
  json annotated = app_pod();
  annotated["metadata"]["annotations"]["prometheus.io/port"] = "9090";
  annotated["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] = 80;
  const json pod = laid_over(world, annotated).pod;
  Names variables;
  for (const json& one : find_container(pod, "istio-proxy")->at("env")) {
    variables.emplace_back(name_of(one));
  }
  CHECK(variables == Names{"POD_NAME", "LAST", "A", "ISTIO_META_CLUSTER_ID", "ISTIO_META_NETWORK",
                           "ISTIO_PROMETHEUS_ANNOTATIONS", "ISTIO_KUBE_APP_PROBERS"});
  CHECK((*find_variable(*find_container(pod, "istio-proxy"), "ISTIO_META_CLUSTER_ID"))["value"] ==
        "c");
  CHECK(pod["metadata"]["labels"]["topology.istio.io/network"] == "net");
  CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
}

TEST_CASE("the configuration's annotations are written last") {
  World world = world_with(ordinary_template());
  world.configuration.inject.injected_annotations = {{"added", "1"}, {"istio.io/rev", "mine"}};
  const json pod = laid_over(world, app_pod()).pod;
  CHECK(pod["metadata"]["annotations"]["added"] == "1");
  CHECK(pod["metadata"]["annotations"]["istio.io/rev"] == "mine");
}

TEST_CASE("what the user wrote of the proxy counts before the template, and is recorded") {
  struct Row {
    const char* what;
    const char* user;
    const char* expected;  ///< members of the result
    const char* recorded;
  };
  const Row rows[] = {
      {"image auto is the template's", R"({"image":"auto"})", R"({"image":"proxy:1"})",
       R"({"name":"istio-proxy"})"},
      {"an image of the user's own", R"({"image":"mine:2"})", R"({"image":"mine:2"})",
       R"({"name":"istio-proxy","image":"mine:2"})"},
      {"resources one by one", R"({"resources":{"limits":{"cpu":"3"},"requests":{"cpu":"1"}}})",
       R"({"resources":{"limits":{"cpu":"3","memory":"1Gi"},"requests":{"cpu":"1"}}})",
       R"({"name":"istio-proxy","resources":{"limits":{"cpu":"3"},"requests":{"cpu":"1"}}})"},
      {"arguments as a whole", R"({"args":["mine"],"command":["envoy"]})",
       R"({"args":["mine"],"command":["envoy"]})",
       R"({"name":"istio-proxy","args":["mine"],"command":["envoy"]})"},
      {"no arguments are no wish", R"({"args":[],"readinessProbe":null})",
       R"({"args":["proxy","sidecar"]})", R"({"name":"istio-proxy"})"},
      {"mounts and variables by key",
       R"({"env":[{"name":"LAST","value":"mine"}],
           "volumeMounts":[{"mountPath":"/mine","name":"m"},
           {"mountPath":"/etc/istio/proxy","name":"mine"}]})",
       R"({"env":[{"name":"POD_NAME","value":"p"},
           {"name":"ISTIO_META_CLUSTER_ID","value":"of-the-template"},
           {"name":"LAST","value":"mine"}],
           "volumeMounts":[{"mountPath":"/mine","name":"m"},
           {"mountPath":"/etc/istio/proxy","name":"mine"}]})",
       R"({"name":"istio-proxy","env":[{"name":"LAST","value":"mine"}],
           "volumeMounts":[{"mountPath":"/mine","name":"m"},
           {"mountPath":"/etc/istio/proxy","name":"mine"}]})"},
      {"ids", R"({"securityContext":{"runAsUser":1234,"runAsGroup":4321}})",
       R"({"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},
           "privileged":false,"readOnlyRootFilesystem":true,"runAsGroup":4321,
           "runAsNonRoot":true,"runAsUser":1234}})",
       R"({"name":"istio-proxy","securityContext":{"runAsUser":1234,"runAsGroup":4321}})"},
      {"what nobody here knows", R"({"novel":{"x":1}})", R"({"novel":{"x":1}})",
       R"({"name":"istio-proxy","novel":{"x":1}})"},
  };
  for (const bool native : {false, true}) {
    const World world = world_with(native ? native_template() : ordinary_template());
    const char* list = native ? "initContainers" : "containers";
    for (const Row& row : rows) {
      CAPTURE(row.what);
      const json pod = laid_over(world, pod_with_proxy(row.user)).pod;
      CHECK(names(pod, "containers") == (native ? Names{"app"} : Names{"app", "istio-proxy"}));
      const json& proxy = *find_container(pod, "istio-proxy");
      const json expected = json::parse(row.expected);
      for (const auto& [key, value] : expected.items()) CHECK(proxy[key] == value);
      CHECK(recorded(pod) == json({{list, {json::parse(row.recorded)}}}));
      CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
    }
  }
}

TEST_CASE("the user's proxy goes where the template has its own, whatever annotations say") {
  json pod = pod_with_proxy("{}");
  pod["metadata"]["annotations"]["sidecar.istio.io/nativeSidecar"] = "no";
  const json native = laid_over(world_with(native_template()), pod).pod;
  CHECK(names(native, "containers") == Names{"app"});
  CHECK(names(native, "initContainers") == Names{"istio-proxy"});
  // And back: a proxy in initContainers, in a mesh that wants it regular.
  pod = pod_with_proxy(R"({"restartPolicy":"Always","env":[{"name":"E"}]})", "initContainers");
  const json regular = laid_over(world_with(ordinary_template()), pod).pod;
  CHECK(names(regular, "containers") == Names{"app", "istio-proxy"});
  CHECK(names(regular, "initContainers").empty());
  CHECK_FALSE(find_container(regular, "istio-proxy")->contains("restartPolicy"));
  CHECK(find_variable(*find_container(regular, "istio-proxy"), "E") != nullptr);
  // An injected pod follows the mesh both ways.
  const json moved = laid_over(world_with(native_template()), regular).pod;
  CHECK(names(moved, "initContainers") == Names{"istio-proxy"});
  CHECK(names(laid_over(world_with(ordinary_template()), moved).pod, "containers") ==
        Names{"app", "istio-proxy"});
}

TEST_CASE("templates that have the proxy in different lists make one") {
  json gateway = ordinary_template();
  gateway["spec"]["containers"][0]["args"] = {"proxy", "router"};
  gateway["spec"]["containers"][0]["env"].push_back({{"name", "GATEWAY"}});
  json sidecar = native_template();
  sidecar["spec"]["initContainers"][0]["env"].push_back({{"name", "SIDECAR"}});
  json stub = json::parse(R"({"spec":{"initContainers":[{"name":"istio-proxy","tty":true}]}})");
  const json gone =
      json::parse(R"({"spec":{"containers":[{"name":"istio-proxy","$patch":"delete"}]}})");
  struct Row {
    const char* what;
    std::vector<json> rendered;
    const char* list;
    const char* role;  ///< the last template's that says one
  };
  const Row rows[] = {
      {"a gateway that is a sidecar", {gateway, sidecar}, "initContainers", "sidecar"},
      {"a sidecar that is a gateway", {sidecar, gateway}, "initContainers", "router"},
      {"deleted where it is not", {sidecar, gone, gateway}, "initContainers", "router"},
      {"an init container that would not end", {gateway, stub}, "containers", "router"},
      {"and the other way round", {stub, gateway}, "containers", "router"},
  };
  const json pods[] = {
      app_pod(), pod_with_proxy(R"({"env":[{"name":"MINE"}]})"),
      pod_with_proxy(R"({"env":[{"name":"MINE"}],"restartPolicy":"Always"})", "initContainers")};
  for (const Row& row : rows) {
    CAPTURE(row.what);
    World world = plain_world();
    world.rendered = row.rendered;
    const bool native = row.list == kInitContainers;
    for (const json& user : pods) {
      CAPTURE(user);
      const json pod = laid_over(world, user).pod;
      CHECK(names(pod, "containers") == (native ? Names{"app"} : Names{"app", "istio-proxy"}));
      CHECK(names(pod, "initContainers") == (native ? Names{"istio-proxy"} : Names{}));
      const json& proxy = *find_container(pod, "istio-proxy");
      CHECK(proxy["args"] == json({"proxy", row.role}));
      CHECK(proxy.value("restartPolicy", "") == (native ? "Always" : ""));
      CHECK(find_variable(proxy, "GATEWAY") != nullptr);
      CHECK((find_variable(proxy, "SIDECAR") != nullptr) == native);
      CHECK((find_variable(proxy, "MINE") != nullptr) == (user != app_pod()));
      const json told = json::parse(status(pod));
      CHECK(told[row.list] == json({"istio-proxy"}));
      CHECK(told[native ? "containers" : "initContainers"].is_null());
      CHECK(recorded(pod).size() == (user == app_pod() ? 0 : 1));
      CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
    }
  }
}

TEST_CASE("a template's container may be the application's") {
  const World world = world_with(json::parse(
      R"({"spec":{"containers":[{"name":"app","image":"t","env":[{"name":"MESH","value":"on"}]}]}})"));
  const json pod = laid_over(world, app_pod()).pod;
  CHECK(pod["spec"]["containers"][0]["image"] == "a:1");
  CHECK(pod["spec"]["containers"][0]["env"][0]["value"] == "on");
  CHECK(recorded(pod) == json::parse(R"({"containers":[{"name":"app","image":"a:1",
      "ports":[{"containerPort":80,"name":"http"}]}]})"));
  // What a template sees the second time is the application, not what injection made of it.
  CHECK(strip_injected(pod).value()["spec"]["containers"] == app_pod()["spec"]["containers"]);
  CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
}

TEST_CASE("containers that made the redirect go, whoever wrote them, and are nowhere recorded") {
  World world = world_with(ordinary_template());
  world.rendered[0]["spec"]["initContainers"] = json::parse(
      R"([{"name":"istio-init","args":["-p","15001"]},{"name":"istio-validation"},
          {"name":"enable-core-dump"}])");
  json pod = pod_with_proxy("{}");
  pod["spec"]["initContainers"] = json::parse(R"([{"name":"istio-init","image":"mine"},{"name":"i",
      "livenessProbe":{"tcpSocket":{"port":1}}}])");
  pod["metadata"]["annotations"][std::string(kOverrides)] =
      R"({"initContainers":[{"name":"istio-init","image":"older"}]})";
  const Overlaid done = laid_over(world, pod);
  CHECK(names(done.pod, "initContainers") == Names{"i"});
  CHECK(status(done.pod).find("istio-init") == std::string::npos);
  CHECK(recorded(done.pod) == json::parse(R"({"containers":[{"name":"istio-proxy"}]})"));
  CHECK(done.warnings ==
        Names{"container istio-init is taken out: the redirect is made outside the pod"});

  // Injected by somebody who made the redirect in the pod.
  pod = done.pod;
  pod["spec"]["initContainers"].push_back({{"name", "istio-init"}});
  pod["metadata"]["annotations"][std::string(kStatus)] =
      R"({"initContainers":["istio-init"],"containers":["istio-proxy"]})";
  pod["metadata"]["annotations"][std::string(kOverrides)] =
      R"({"initContainers":[{"name":"istio-init"}]})";
  const Overlaid again = laid_over(world, pod);
  CHECK(again.warnings.empty());
  CHECK(names(again.pod, "initContainers") == Names{"i"});
  CHECK(recorded(again.pod).is_null());
}

TEST_CASE("a user's proxy loses privileges too, and keeps the wish") {
  const World world = world_with(native_template());
  const Overlaid done = laid_over(
      world,
      pod_with_proxy(
          R"({"securityContext":{"privileged":true,"capabilities":{"add":["NET_ADMIN"]}}})"));
  CHECK(done.warnings.size() == 2);
  const json& context = find_container(done.pod, "istio-proxy")->at("securityContext");
  CHECK(context["privileged"] == false);
  CHECK(context["capabilities"] == json::parse(R"({"drop":["ALL"]})"));
  const Overlaid again = laid_over(world, done.pod);
  CHECK(again.warnings == done.warnings);
  CHECK(make_patch(done.pod, again.pod).empty());
}

TEST_CASE("TPROXY: root with NET_RAW, whatever id the user gave the proxy") {
  World world = world_with(native_template());
  json& context = world.rendered[0]["spec"]["initContainers"][0]["securityContext"];
  context["capabilities"]["add"] = {"NET_ADMIN"};
  context["runAsUser"] = 0;
  context["runAsNonRoot"] = false;
  const auto context_after = [&](const json& pod) {
    const Overlaid done = laid_over(world, pod);
    CHECK(done.warnings.size() == (done.pod.dump().find("NET_RAW") == std::string::npos ? 1 : 0));
    return find_container(done.pod, "istio-proxy")->at("securityContext");
  };
  json pod = pod_with_proxy(R"({"securityContext":{"runAsUser":1234,"runAsGroup":4321}})");
  pod["metadata"]["annotations"]["sidecar.istio.io/interceptionMode"] = "TPROXY";
  CHECK(context_after(pod) == json::parse(R"({"allowPrivilegeEscalation":false,
      "capabilities":{"add":["NET_RAW"],"drop":["ALL"]},"privileged":false,
      "readOnlyRootFilesystem":true,"runAsGroup":4321,"runAsNonRoot":false,"runAsUser":0})"));
  // What the user asked for beside is taken with a word each.
  json wants = pod;
  wants["spec"]["containers"].back()["securityContext"]["capabilities"]["add"] = {"NET_ADMIN",
                                                                                  "ALL"};
  const Overlaid taken = laid_over(world, wants);
  CHECK(taken.warnings.size() == 2);
  CHECK(find_container(taken.pod, "istio-proxy")->at("securityContext")["capabilities"]["add"] ==
        json({"NET_RAW"}));
  pod["metadata"].erase("annotations");
  world.proxy_config["interceptionMode"] = "TPROXY";
  CHECK(context_after(pod)["runAsUser"] == 0);
  // The pod's own word counts before the mesh's.
  pod["metadata"]["annotations"]["sidecar.istio.io/interceptionMode"] = "REDIRECT";
  CHECK(context_after(pod)["runAsUser"] == 1234);
  // A gateway is not redirected, and stays what it is.
  pod["metadata"].erase("annotations");
  context = {{"runAsUser", 1337}};
  const json gateway = laid_over(world, pod).pod;
  CHECK(find_container(gateway, "istio-proxy")->at("securityContext") ==
        json::parse(R"({"runAsUser":1234,"runAsGroup":4321})"));
}

TEST_CASE("tracing iptables leaves the proxy as it would be") {
  World world = world_with(native_template());
  const json plain = laid_over(world, app_pod()).pod;
  json& context = world.rendered[0]["spec"]["initContainers"][0]["securityContext"];
  context = json::parse(R"({"allowPrivilegeEscalation":true,"privileged":true,"runAsUser":0,
      "capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]},"readOnlyRootFilesystem":true,
      "runAsGroup":1337,"runAsNonRoot":false})");
  world.proxy_config["proxyMetadata"]["IPTABLES_TRACE_LOGGING"] = "true";
  const Overlaid done = laid_over(world, app_pod());
  CHECK(done.pod == plain);
  CHECK(done.warnings.empty());
}

TEST_CASE("under OpenShift an assigned id is no wish") {
  World world = world_with(native_template());
  world.configuration.switches.platform = "openshift";
  json pod =
      pod_with_proxy(R"({"securityContext":{"runAsUser":1000,"readOnlyRootFilesystem":false}})");
  const auto user = [&] {
    return find_container(laid_over(world, pod).pod, "istio-proxy")
        ->at("securityContext")["runAsUser"];
  };
  CHECK(user() == 1000);  // the application has none: the user wrote this one
  pod["spec"]["containers"][0]["securityContext"]["runAsUser"] = 1000;
  CHECK(user() == 1337);
  CHECK(
      recorded(laid_over(world, pod).pod) ==
      json::parse(
          R"({"initContainers":[{"name":"istio-proxy","securityContext":{"readOnlyRootFilesystem":false}}]})"));
  world.configuration.switches.platform = "";
  CHECK(user() == 1000);
}

TEST_CASE("under OpenShift an assigned id stays where no template has another") {
  World world = world_with(json::parse(R"({"spec":{"containers":[
      {"name":"istio-proxy","securityContext":{"runAsUser":1337}}]}})"));
  world.configuration.switches.platform = "openshift";
  json pod = pod_with_proxy(R"({"securityContext":{"runAsUser":1000,"runAsGroup":0}})");
  pod["spec"]["containers"][0]["securityContext"]["runAsUser"] = 1000;
  const json once = laid_over(world, pod).pod;
  CHECK(find_container(once, "istio-proxy")->at("securityContext") ==
        json::parse(R"({"runAsUser":1337,"runAsGroup":0})"));
  CHECK(laid_over(world, once).pod == once);
  world.rendered[0] = json::parse(R"({"metadata":{"labels":{"by":"template"}}})");
  CHECK(find_container(laid_over(world, pod).pod, "istio-proxy")->at("securityContext") ==
        json::parse(R"({"runAsUser":1000,"runAsGroup":0})"));
}

TEST_CASE("what is no pod, and annotations that no injector writes, are refused by name") {
  struct Row {
    const char* pod;
    const char* told;
  };
  const Row rows[] = {
      {"7", "pod: must be an object"},
      {R"({"metadata":[]})", "metadata: must be an object"},
      {R"({"metadata":{"annotations":"x"}})", "metadata.annotations: must be an object"},
      {R"({"metadata":{"labels":{"a":1}}})", "metadata.labels.a: must be a string"},
      {R"({"spec":"x"})", "spec: must be an object"},
      {R"({"spec":{"containers":{}}})", "spec.containers: must be a list"},
      {R"({"spec":{"containers":[7]}})", "spec.containers[0]: must be an object"},
      {R"({"spec":{"containers":[{"image":"i"}]}})", "spec.containers[0].name: must be a string"},
      {R"({"spec":{"initContainers":[{"name":"a","env":{}}]}})",
       "spec.initContainers[0].env: must be a list"},
      {R"({"spec":{"containers":[{"name":"a","env":[{"name":1}]}]}})",
       "spec.containers[0].env[0].name: must be a string"},
      {R"({"spec":{"containers":[{"name":"a","securityContext":[]}]}})",
       "spec.containers[0].securityContext: must be an object"},
      {R"({"spec":{"containers":[{"name":"a","livenessProbe":1}]}})",
       "spec.containers[0].livenessProbe: must be an object"},
      {R"({"metadata":{"annotations":{"sidecar.istio.io/status":"{\"containers\":{}}"}}})",
       R"(annotation sidecar.istio.io/status: "{\"containers\":{}}": containers must be a list)"},
      {R"({"metadata":{"annotations":{"sidecar.istio.io/status":"{\"initContainers\":[7]}"}}})",
       R"(annotation sidecar.istio.io/status: "{\"initContainers\":[7]}": )"
       "initContainers must be a list of strings"},
      {R"({"metadata":{"annotations":{"proxy.istio.io/overrides":"x"}}})",
       R"(annotation proxy.istio.io/overrides: "x": is no JSON)"},
      {R"({"metadata":{"annotations":{"proxy.istio.io/overrides":"{\"containers\":7}"}}})",
       R"(annotation proxy.istio.io/overrides: "{\"containers\":7}": containers must be a list)"},
      {R"({"metadata":{"annotations":{"proxy.istio.io/overrides":"{\"initContainers\":[{}]}"}}})",
       R"(annotation proxy.istio.io/overrides: "{\"initContainers\":[{}]}": )"
       "spec.initContainers[0].name: must be a string"},
      {R"({"spec":{"containers":[{"name":"istio-proxy"},{"name":"a"},{"name":"istio-proxy"}]}})",
       "spec.containers: a second container is called istio-proxy"},
      {R"({"spec":{"initContainers":[{"name":"istio-proxy"},{"name":"istio-proxy"}]}})",
       "spec.initContainers: a second container is called istio-proxy"},
      {R"({"spec":{"containers":[{"name":"istio-proxy"}],"initContainers":[{"name":"istio-proxy"}]}})",
       "spec.initContainers: a second container is called istio-proxy"},
      {R"({"metadata":{"annotations":{"a":1},"labels":7},"spec":{"containers":[7,{"name":1},
        {"name":"a","env":7,"lifecycle":7}],"initContainers":7}})",
       "metadata.annotations.a: must be a string; metadata.labels: must be an object; "
       "spec.containers[0]: must be an object; spec.containers[1].name: must be a string; "
       "spec.containers[2].env: must be a list; spec.containers[2].lifecycle: must be an object; "
       "spec.initContainers: must be a list"},
      {R"({"metadata":{"annotations":{"sidecar.istio.io/status":"{\"containers\":7,\"initContainers\":7}",
        "proxy.istio.io/overrides":"7"}},"spec":{"containers":[{"name":"istio-proxy"},
        {"name":"istio-proxy"}]}})",
       R"(annotation sidecar.istio.io/status: "{\"containers\":7,\"initContainers\":7}": )"
       R"(containers must be a list; annotation sidecar.istio.io/status: )"
       R"("{\"containers\":7,\"initContainers\":7}": initContainers must be a list; )"
       R"(annotation proxy.istio.io/overrides: "7": must be an object; )"
       "spec.containers: a second container is called istio-proxy"},
      {R"({"metadata":{"annotations":{"prometheus.io/port":"15006"}}})",
       R"(prometheus port "15006" is reserved for inbound traffic and cannot be scraped)"},
  };
  const World world = world_with(native_template());
  for (const Row& row : rows) {
    CAPTURE(row.pod);
    const auto done = world.lay_over(json::parse(row.pod));
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message == row.told);
  }
}

TEST_CASE("null is as good as absent") {
  const World world = world_with(native_template());
  const json pod = laid_over(world, json::parse(R"({"metadata":{"annotations":null,"labels":null},
      "spec":{"containers":[{"name":"a","env":null,"securityContext":null,"lifecycle":null,
      "readinessProbe":null}],"initContainers":null}})"))
                       .pod;
  CHECK(names(pod, "initContainers") == Names{"istio-proxy"});
  CHECK(names(laid_over(world, json::object()).pod, "initContainers") == Names{"istio-proxy"});
}

TEST_CASE("a template that does not fit is told as one") {
  const auto refusal = [](const char* rendered) {
    const auto done = world_with(json::parse(rendered)).lay_over(app_pod());
    REQUIRE_FALSE(done.has_value());
    return done.error().message;
  };
  CHECK(refusal(R"({"metadata":{"annotations":{"a":1}}})") ==
        "template: metadata.annotations.a: must be a string");
  CHECK(refusal(R"({"spec":{"containers":[{"image":"x"}]}})") ==
        R"(template: spec.containers: an element has no name: {"image":"x"})");
  CHECK(refusal(R"({"spec":{"containers":"x"}})") == "template: spec.containers: must be a list");
  CHECK(refusal("[]") == "template: a patch must be an object");
}
