#include "plugin/verbs/select.h"

#include <doctest/doctest.h>

using namespace sluice;

namespace {

Container named(const std::string& name, ContainerKind kind = ContainerKind::App) {
  Container container;
  container.name = name;
  container.kind = kind;
  return container;
}

PodFacts injected() {
  PodFacts pod;
  pod.containers = {named("app"), named("istio-proxy")};
  pod.containers[1].args = {"proxy", "sidecar", "--domain", "x"};
  pod.annotations["sidecar.istio.io/status"] = "{}";
  return pod;
}

/// The reason holds `part`; without one the pod is redirected.
void check(const PodFacts& pod, const char* part) {
  const auto reason = reason_to_pass(pod);
  CAPTURE(reason.value_or("(redirected)"));
  if (part == nullptr) {
    CHECK_FALSE(reason.has_value());
  } else {
    CHECK(reason.value_or("").find(part) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("an injected pod is redirected, with a regular or a native sidecar") {
  PodFacts pod = injected();
  check(pod, nullptr);
  pod.containers[1].kind = ContainerKind::NativeSidecar;
  check(pod, nullptr);
}

TEST_CASE("a pod that redirects itself, or has no proxy, is left alone") {
  PodFacts pod = injected();
  pod.containers.insert(pod.containers.begin(), named("istio-init", ContainerKind::Init));
  check(pod, "istio-init");
  pod.containers[0].name = "wait";
  check(pod, nullptr);

  pod = injected();
  pod.containers.pop_back();
  check(pod, "no container istio-proxy");
  pod = injected();
  pod.host_network = true;
  check(pod, "host's network");
}

TEST_CASE("only a proxy that runs as a sidecar counts") {
  PodFacts pod = injected();
  const std::pair<std::vector<std::string>, const char*> rows[] = {
      {{"proxy", "sidecar"}, nullptr},
      {{"proxy"}, nullptr},
      {{}, nullptr},
      {{"100000"}, nullptr},
      {{"run", "router"}, nullptr},
      {{"proxy", "router"}, "\"router\""},
      {{"proxy", ""}, "sidecar"},
      {{"proxy", "waypoint", "x"}, "\"waypoint\""}};
  for (const auto& [args, reason] : rows) {
    pod.containers[1].args = args;
    check(pod, reason);
  }
}

TEST_CASE("DISABLE_ENVOY counts when it is a true boolean, on the proxy") {
  PodFacts pod = injected();
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    pod.containers[1].env["DISABLE_ENVOY"] = yes;
    check(pod, "DISABLE_ENVOY");
  }
  for (const char* no : {"0", "false", "", "yes", "tRue"}) {
    pod.containers[1].env["DISABLE_ENVOY"] = no;
    check(pod, nullptr);
  }
  pod = injected();
  pod.containers[0].env["DISABLE_ENVOY"] = "true";
  check(pod, nullptr);
}

TEST_CASE("the inject label is heard before the annotation") {
  PodFacts pod = injected();
  pod.annotations["sidecar.istio.io/inject"] = "false";
  check(pod, "sidecar.istio.io/inject is false");
  pod.labels["sidecar.istio.io/inject"] = "true";
  check(pod, nullptr);
  pod.annotations["sidecar.istio.io/inject"] = "true";
  pod.labels["sidecar.istio.io/inject"] = "false";
  check(pod, "sidecar.istio.io/inject is false");
  pod.labels["sidecar.istio.io/inject"] = "no";
  check(pod, nullptr);
}

TEST_CASE("without the injector's mark the sidecar is somebody else's") {
  PodFacts pod = injected();
  pod.annotations.clear();
  check(pod, "sidecar.istio.io/status");
}
