#include "conf/kube/pod.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "conf/kube/error_of.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

namespace {

json pod() {
  return json::parse(R"({
    "kind": "Pod", "apiVersion": "v1",
    "metadata": {
      "name": "web-0", "namespace": "shop", "uid": "u-1",
      "labels": {"app": "web"},
      "annotations": {"sidecar.istio.io/status": "{}", "kubernetes.io/config.mirror": "m-1"},
      "managedFields": [{"fieldsV1": {"f:status": {}}}]
    },
    "spec": {
      "hostNetwork": true,
      "securityContext": {"runAsUser": 1000, "fsGroup": 7},
      "initContainers": [
        {"name": "istio-init", "args": ["-p", "15001"]},
        {"name": "istio-proxy", "restartPolicy": "Always",
         "securityContext": {"runAsUser": 1337, "runAsGroup": 1338}}
      ],
      "containers": [{"name": "app", "env": [
        {"name": "A", "value": "1"}, {"name": "EMPTY"},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
      ]}]
    },
    "status": {"phase": 5}
  })");
}

}  // namespace

TEST_CASE("a Pod gives its facts") {
  PodFacts expected;
  expected.name = "web-0";
  expected.namespace_name = "shop";
  expected.uid = "u-1";
  expected.mirror_uid = "m-1";
  expected.labels = {{"app", "web"}};
  expected.annotations = {{"sidecar.istio.io/status", "{}"},
                          {"kubernetes.io/config.mirror", "m-1"}};
  expected.host_network = true;
  expected.run_as = {1000, {}};
  expected.containers = {
      {"istio-init", ContainerKind::Init, {"-p", "15001"}, {}, {}},
      {"istio-proxy", ContainerKind::NativeSidecar, {}, {}, {1337, 1338}},
      {"app", ContainerKind::App, {}, {{"A", "1"}, {"EMPTY", ""}}, {}},
  };
  const auto facts = pod_facts(pod().dump());
  REQUIRE(facts.has_value());
  CHECK(*facts == expected);
  CHECK(pod_facts_from_file_text(pod().dump()).value() == expected);
}

TEST_CASE("an absent or null part of a Pod is nothing, not an error") {
  json bare = {{"kind", "Pod"},
               {"metadata", {{"name", "a"}, {"namespace", "b"}, {"uid", "c"}}},
               {"spec", {{"containers", {{{"name", "app"}}}}}}};
  PodFacts expected;
  expected.name = "a";
  expected.namespace_name = "b";
  expected.uid = "c";
  expected.containers = {{"app", ContainerKind::App, {}, {}, {}}};
  CHECK(pod_facts(bare.dump()).value() == expected);
  for (const char* key : {"labels", "annotations", "managedFields"})
    bare["metadata"][key] = nullptr;
  for (const char* key : {"initContainers", "securityContext", "hostNetwork"}) {
    bare["spec"][key] = nullptr;
  }
  for (const char* key : {"args", "env", "securityContext", "restartPolicy"}) {
    bare["spec"]["containers"][0][key] = nullptr;
  }
  CHECK(pod_facts(bare.dump()).value() == expected);
  bare["spec"]["containers"][0]["restartPolicy"] = "Always";  // means nothing here
  CHECK(pod_facts(bare.dump()).value() == expected);
}

TEST_CASE("of several entries for one variable the last counts, as for the kubelet") {
  json document = pod();
  json& env = document["spec"]["containers"][0]["env"];
  env = json::array({{{"name", "A"}, {"value", "1"}}, {{"name", "A"}, {"value", "2"}}});
  CHECK(pod_facts(document.dump()).value().containers[2].env.at("A") == "2");
  env.push_back({{"name", "A"}, {"valueFrom", json::object()}});
  CHECK(pod_facts(document.dump()).value().containers[2].env.empty());
  env.push_back({{"name", "A"}, {"value", "3"}});
  CHECK(pod_facts(document.dump()).value().containers[2].env.at("A") == "3");
}

TEST_CASE("what is read and is of another type is refused with its path") {
  const struct {
    const char* pointer;
    json value;
    const char* message;
  } rows[] = {
      {"/kind", "PodList", "kind is PodList, not Pod"},
      {"/kind", "Status", "kind is Status, not Pod"},
      {"/kind", nullptr, "kind is not there"},
      {"/kind", 5, "kind is not a string"},
      {"/metadata", "x", "metadata is not an object"},
      {"/metadata/name", nullptr, "metadata.name is not there"},
      {"/metadata/namespace", "", "metadata.namespace is not there"},
      {"/metadata/uid", 7, "metadata.uid is not a string"},
      {"/metadata/labels", json::array(), "metadata.labels is not an object"},
      {"/metadata/annotations/x", true, "metadata.annotations[\"x\"] is not a string"},
      {"/spec", nullptr, "spec.containers is not a list of containers"},
      {"/spec", json::array(), "spec is not an object"},
      {"/spec/containers", json::array(), "spec.containers is not a list of containers"},
      {"/spec/containers", "x", "spec.containers is not an array"},
      {"/spec/containers/0", "x", "spec.containers[0] is not an object"},
      {"/spec/containers/0/name", nullptr, "spec.containers[0].name is not there"},
      {"/spec/containers/0/args", "x", "spec.containers[0].args is not an array"},
      {"/spec/containers/0/env/0/name", nullptr, "spec.containers[0].env[0].name is not there"},
      {"/spec/containers/0/env/0/value", 5, "spec.containers[0].env[0].value is not a string"},
      {"/spec/initContainers/0/args/1", 5, "spec.initContainers[0].args[1] is not a string"},
      {"/spec/initContainers/1/securityContext/runAsUser", "1337",
       "spec.initContainers[1].securityContext.runAsUser is not an integer of 64 bits"},
      {"/spec/securityContext/runAsUser", 1.5,
       "spec.securityContext.runAsUser is not an integer of 64 bits"},
      {"/spec/securityContext/runAsGroup", 18446744073709551615U,
       "spec.securityContext.runAsGroup is not an integer of 64 bits"},
      {"/spec/hostNetwork", "true", "spec.hostNetwork is not a boolean"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pointer);
    json document = pod();
    document[json::json_pointer(row.pointer)] = row.value;
    const Error error = error_of(pod_facts(document.dump()));
    CHECK(error.code == Errc::Malformed);
    CHECK(error.message == std::string("not a Pod: ") + row.message);
  }
}

TEST_CASE("a body that is no JSON is refused") {
  for (const char* text : {"", "{", "<html>", "{}", "[]", "null", "\"Pod\"", "{\"kind\":\"Pod\"}",
                           "{\"kind\":\"Pod\"}x", "\xff", "kind: Pod"}) {
    CAPTURE(text);
    const Error error = error_of(pod_facts(text));
    CHECK(error.code == Errc::Malformed);
    CHECK(error.message.starts_with("not a Pod: "));
  }
}

TEST_CASE("a Pod in a file needs no uid and no namespace") {
  const auto facts = pod_facts_from_file_text(R"(
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    traffic.sidecar.istio.io/excludeInboundPorts: "8080"
spec:
  containers:
  - name: istio-proxy
    securityContext: {runAsUser: 1337}
)");
  REQUIRE(facts.has_value());
  CHECK(facts->namespace_name == "default");
  CHECK(facts->uid.empty());
  CHECK(facts->containers[0].run_as.user == 1337);
  const auto generated = pod_facts_from_file_text(
      "kind: Pod\nmetadata: {generateName: web-}\nspec: {containers: [{name: a}]}\n");
  CHECK(generated->name.empty());
  CHECK(error_of(pod_facts_from_file_text("kind: Pod\nspec: {containers: [{name: a}]}")).message ==
        "not a Pod: metadata.name is not there");
  // Unquoted, 8080 is a number: the API server would not take it either.
  CHECK(
      error_of(pod_facts_from_file_text("kind: Pod\nmetadata: {name: a, annotations: {x: 8080}}\n"))
          .message == "not a Pod: metadata.annotations[\"x\"] is not a string");
}

TEST_CASE("a Pod's path cannot lead anywhere else") {
  CHECK(pod_path("kube-system", "web-0.x").value() ==
        "/api/v1/namespaces/kube-system/pods/web-0.x");
  for (const char* bad : {"", "..", "a/b", "a%2fb", "A", "a b", "a?b", ".a", "a..b", "a\n"}) {
    CHECK(error_of(pod_path("a", bad)).code == Errc::Invalid);
    CHECK(error_of(pod_path(bad, "a")).code == Errc::Invalid);
  }
  CHECK_FALSE(pod_path("a.b", "a").has_value());
  CHECK_FALSE(pod_path(std::string(64, 'a'), "a").has_value());
}
