#include <initializer_list>
#include <map>

#include <doctest/doctest.h>

#include "injector/pipeline/annotations.h"
#include "injector/pipeline/image.h"
#include "injector/pipeline/lists.h"
#include "injector/pipeline/openshift.h"
#include "injector/pipeline/owner.h"

using namespace sluice::injector;
using nlohmann::json;

TEST_CASE("who makes a pod") {
  const struct {
    const char* metadata;
    const char* owner;  ///< apiVersion kind namespace/name
  } rows[] = {
      {R"({"name":"p"})", "v1 Pod shop/p"},
      {R"({"name":"p","namespace":"own"})", "v1 Pod own/p"},
      {R"({"generateName":"p-"})", "v1 Pod shop/"},
      {R"({"name":"p","ownerReferences":[{"controller":true,"apiVersion":"apps/v1","kind":"X",
           "name":"x"}]})",
       "v1 Pod shop/p"},
      {R"({"generateName":"p-","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",
           "name":"x"}]})",
       "v1 Pod shop/"},
      {R"({"generateName":"p-","ownerReferences":[{"apiVersion":"a","kind":"A","name":"a"},
           {"controller":true,"apiVersion":"apps/v1","kind":"StatefulSet","name":"s"}]})",
       "apps/v1 StatefulSet shop/s"},
      {R"({"generateName":"p-","labels":{"pod-template-hash":"5d8c"},"ownerReferences":[
           {"controller":true,"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d8c"}]})",
       "apps/v1 Deployment shop/web"},
      {R"({"generateName":"p-","labels":{"pod-template-hash":"other"},"ownerReferences":[
           {"controller":true,"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d8c"}]})",
       "apps/v1 ReplicaSet shop/web-5d8c"},
      {R"({"generateName":"p-","labels":{"pod-template-hash":"5d8c"},"ownerReferences":[
           {"controller":true,"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web5d8c"}]})",
       "apps/v1 Deployment shop/web5d8c"},
      {R"({"generateName":"p-","labels":{"rollouts-pod-template-hash":"5d8c"},"ownerReferences":[
           {"controller":true,"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d8c"}]})",
       "v1alpha1 Rollout shop/web"},
      {R"({"generateName":"p-","labels":{"deploymentconfig":"dc"},"ownerReferences":[
           {"controller":true,"apiVersion":"v1","kind":"ReplicationController","name":"dc-1"}]})",
       "v1 DeploymentConfig shop/dc"},
      {R"({"generateName":"p-","ownerReferences":[
           {"controller":true,"apiVersion":"v1","kind":"ReplicationController","name":"rc"}]})",
       "v1 ReplicationController shop/rc"},
      {R"({"generateName":"p-","ownerReferences":[
           {"controller":true,"apiVersion":"batch/v1","kind":"Job","name":"tidy-27391690"}]})",
       "batch/v1 CronJob shop/tidy"},
      {R"({"generateName":"p-","ownerReferences":[
           {"controller":true,"apiVersion":"batch/v1beta1","kind":"Job","name":"a-b-1234567890"}]})",
       "batch/v1 CronJob shop/a-b"},
      {R"({"generateName":"p-","ownerReferences":[
           {"controller":true,"apiVersion":"batch/v1","kind":"Job","name":"tidy-1234567"}]})",
       "batch/v1 Job shop/tidy-1234567"},
      {R"({"generateName":"p-","ownerReferences":[
           {"controller":true,"apiVersion":"batch/v1","kind":"Job","name":"tidy-12345678901"}]})",
       "batch/v1 Job shop/tidy-12345678901"},
      {R"({"generateName":"p-","ownerReferences":[
           {"controller":true,"apiVersion":"batch/v1","kind":"Job","name":"-12345678"}]})",
       "batch/v1 Job shop/-12345678"},
      {R"({"generateName":"p-","name":"p-x","ownerReferences":[
           {"controller":true,"apiVersion":"v1","kind":"K"}]})",
       "v1 K shop/p-x"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.metadata);
    const Owner owner = owner_of({{"metadata", json::parse(row.metadata)}}, "shop");
    CHECK(owner.api_version + " " + owner.kind + " " + owner.namespace_name + "/" + owner.name ==
          row.owner);
  }
}

TEST_CASE("the proxy's image") {
  const struct {
    const char* global;
    const char* type;
    const char* image;
  } rows[] = {
      {R"({"hub":"h","tag":"1.2","proxy":{"image":"p"}})", "", "h/p:1.2"},
      {R"({"hub":"h","tag":"1.2"})", "", "h/proxyv2:1.2"},
      {R"({"hub":"h","tag":1.2})", "", "h/proxyv2:1.2"},
      {R"({"hub":"h","tag":7.0})", "", "h/proxyv2:7"},
      {R"({"hub":"h"})", "", "h/proxyv2:"},
      {R"({"hub":"h","tag":"t"})", "distroless", "h/proxyv2:t-distroless"},
      {R"({"hub":"h","tag":"t-distroless"})", "debug", "h/proxyv2:t-debug"},
      {R"({"hub":"h","tag":"t-debug"})", "default", "h/proxyv2:t"},
      {R"({"hub":"h","tag":"t-odd"})", "default", "h/proxyv2:t-odd"},
      {R"({"hub":"h","tag":"t","variant":"debug"})", "", "h/proxyv2:t-debug"},
      {R"({"hub":"h","tag":"t","variant":"debug"})", "default", "h/proxyv2:t"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.global);
    CAPTURE(row.type);
    CHECK(proxy_image({{"global", json::parse(row.global)}}, "proxy", row.type) == row.image);
  }
  CHECK(proxy_image({{"global", {{"proxy_init", {{"image", "i"}}}}}}, "proxy_init", "") == "/i:");
}

TEST_CASE("OpenShift's ranges give the proxy's ids") {
  const struct {
    const char* users;
    const char* groups;
    std::int64_t user;
    std::int64_t group;
  } rows[] = {
      {"1000620000/10000", "1000620000/10000", 1000629999, 1000629999},
      {"1000620000/10000", nullptr, 1000629999, 1000629999},
      {"1000-2000", "5/10,20/10", 2000, 14},
      {nullptr, "5/10", 1337, 14},
      {nullptr, nullptr, 1337, 1337},
      {"", "5/10", 1337, 14},
      {"1000/10", "", 1009, 1337},
      {"x", "5", 1337, 1337},
      {"1/", "1/2,x", 1337, 1337},
      {"4294967296/2", "1-x", 1337, 1337},
  };
  for (const auto& row : rows) {
    CAPTURE(row.users);
    CAPTURE(row.groups);
    json annotations = json::object();
    if (row.users != nullptr) annotations["openshift.io/sa.scc.uid-range"] = row.users;
    if (row.groups != nullptr) annotations["openshift.io/sa.scc.supplemental-groups"] = row.groups;
    const ProxyIds ids = proxy_ids({{"metadata", {{"annotations", annotations}}}});
    CHECK(ids.user == row.user);
    CHECK(ids.group == row.group);
  }
  CHECK(proxy_ids(json()).user == 1337);
}

TEST_CASE("annotations that are not the redirect's are checked as Istio checks them") {
  const struct {
    const char* name;
    const char* value;
    bool good;
  } rows[] = {
      {"readiness.status.sidecar.istio.io/periodSeconds", "15", true},
      {"readiness.status.sidecar.istio.io/periodSeconds", "0015", true},
      {"readiness.status.sidecar.istio.io/periodSeconds", "4294967295", true},
      {"readiness.status.sidecar.istio.io/periodSeconds", "4294967296", false},
      {"readiness.status.sidecar.istio.io/initialDelaySeconds", "-1", false},
      {"readiness.status.sidecar.istio.io/failureThreshold", "", false},
      {"readiness.status.sidecar.istio.io/failureThreshold", "1s", false},
      {"prometheus.istio.io/merge-metrics", "T", true},
      {"prometheus.istio.io/merge-metrics", "yes", false},
      {"status.sidecar.istio.io/port", "0", true},
      {"status.sidecar.istio.io/port", "", false},
      {"status.sidecar.istio.io/port", " ", false},
      {"sidecar.istio.io/proxyCPU", "100m", true},
      {"sidecar.istio.io/proxyCPU", "100m\n", false},
      {"sidecar.istio.io/proxyMemory", "", false},
      {"sidecar.istio.io/proxyCPULimit", "1,5", false},
      {"sidecar.istio.io/proxyMemoryLimit", "1Gi", true},
      {"sidecar.istio.io/logLevel", "anything", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.value);
    const auto problems = annotation_problems({{row.name, row.value}});
    CHECK(problems.empty() == row.good);
    if (!row.good) CHECK(problems[0].find(row.name) != std::string::npos);
  }
  CHECK(annotation_problems(
            {{"sidecar.istio.io/proxyCPU", "x"}, {"sidecar.istio.io/proxyMemory", "y"}})
            .size() == 2);
}

TEST_CASE("quantities are Kubernetes'") {
  for (const char* good : {"0", "1", "+1", "-1", "1.5", ".5", "1.", "100m", "1k", "1Ki", "2E",
                           "2e3", "2E-3", "1.5Gi", "7n", "7u"}) {
    CAPTURE(good);
    CHECK(is_quantity(good));
  }
  for (const char* bad :
       {"", ".", "-", "m", "1K", "1mi", "1 Gi", "1e", "1e+", "1.2.3", "0x1", "1Gib", " 1"}) {
    CAPTURE(bad);
    CHECK(!is_quantity(bad));
  }
}

TEST_CASE("a message that names an annotation says where else its value may come from") {
  const std::string message =
      "annotation traffic.sidecar.istio.io/excludeOutboundIPRanges: x; annotation "
      "traffic.sidecar.istio.io/includeInboundPorts: y; annotation sidecar.istio.io/proxyCPU: z";
  const auto own = [](std::initializer_list<const char*> names) {
    std::map<std::string, std::string> annotations;
    for (const char* name : names) annotations.emplace(name, "");
    return annotations;
  };
  const std::string told = "; where a pod does not say, the values do: ";
  CHECK(where_else(message, own({})) ==
        told + "global.proxy.excludeIPRanges, global.proxy.includeInboundPorts");
  CHECK(where_else(message, own({"traffic.sidecar.istio.io/includeInboundPorts"})) ==
        told + "global.proxy.excludeIPRanges");
  CHECK(where_else(message, own({"traffic.sidecar.istio.io/includeInboundPorts",
                                 "traffic.sidecar.istio.io/excludeOutboundIPRanges"}))
            .empty());
  CHECK(where_else("annotation sidecar.istio.io/proxyCPU: x", own({})).empty());
}

TEST_CASE("documents of lists become partial pods") {
  const FromLists from = pod_of_lists(json::parse(R"({
    "rewriteAppHTTPProbe": true,
    "initContainers": [{"name":"istio-init","args":["-u",1337],"restartPolicy":"Always"}],
    "containers": [{"name":"istio-proxy","args":["--n",1.5,true,null],"restartPolicy":"Always",
                    "env":[{"name":"A","value":7}],"ports":[{"containerPort":15090}],
                    "resources":{"limits":{"cpu":2}}}],
    "volumes": [{"name":"v"}],
    "imagePullSecrets": null,
    "dnsConfig": {"searches":["a"]},
    "podRedirectAnnot": {"k":"v","n":80},
    "unknown": 1
  })"));
  CHECK(from.rewrite_probes);
  CHECK(from.pod == json::parse(R"({
    "metadata": {"annotations":{"k":"v","n":"80"}},
    "spec": {
      "initContainers": [{"name":"istio-init","args":["-u","1337"]}],
      "containers": [{"name":"istio-proxy","args":["--n","1.5","true",""],
                      "env":[{"name":"A","value":"7"}],"ports":[{"containerPort":15090}],
                      "resources":{"limits":{"cpu":2}}}],
      "volumes": [{"name":"v"}],
      "dnsConfig": {"searches":["a"],"$patch":"replace"}
    }
  })"));
  CHECK(pod_of_lists(json::parse(R"({"initContainers":null,"containers":null})")).pod ==
        json::object());
  CHECK(!pod_of_lists(json()).rewrite_probes);
}
