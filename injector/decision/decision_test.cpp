#include "injector/decision/decision.h"

#include <string>

#include <doctest/doctest.h>

using namespace sluice::injector;
using nlohmann::json;

namespace {

struct Row {
  const char* pod;
  const char* policy;
  const char* never;  ///< selectors, as a JSON list
  const char* always;
  bool inject;
  const char* why;
  const char* text;
};

sluice::mesh::InjectConfig config(const Row& row) {
  sluice::mesh::InjectConfig out;
  out.policy = row.policy;
  for (const json& selector : json::parse(row.never)) out.never_inject.push_back({selector});
  for (const json& selector : json::parse(row.always)) out.always_inject.push_back({selector});
  return out;
}

Verdict decide(const char* pod, const char* namespace_name, const char* policy = "enabled") {
  return decide_injection(json::parse(pod), namespace_name,
                          config({"", policy, "[]", "[]", 0, "", ""}));
}

constexpr const char* kPlain = R"({"metadata":{"labels":{"app":"a"}},"spec":{}})";
constexpr const char* kLabelTrue =
    R"({"metadata":{"labels":{"sidecar.istio.io/inject":"true","app":"a"}}})";
constexpr const char* kLabelFalse =
    R"({"metadata":{"labels":{"sidecar.istio.io/inject":"false","app":"a"}}})";
constexpr const char* kLabelOdd =
    R"({"metadata":{"labels":{"sidecar.istio.io/inject":"yes","app":"a"}}})";
constexpr const char* kLabelEmpty = R"({"metadata":{"labels":{"sidecar.istio.io/inject":""},
    "annotations":{"sidecar.istio.io/inject":"false"}}})";
constexpr const char* kAnnotationTrue =
    R"({"metadata":{"annotations":{"sidecar.istio.io/inject":"true"}}})";
constexpr const char* kAnnotationFalse =
    R"({"metadata":{"annotations":{"sidecar.istio.io/inject":"false"},"labels":{"app":"a"}}})";
constexpr const char* kAnnotationOdd =
    R"({"metadata":{"annotations":{"sidecar.istio.io/inject":"True"}}})";
constexpr const char* kLabelTrueAnnotationFalse =
    R"({"metadata":{"labels":{"sidecar.istio.io/inject":"true"},
    "annotations":{"sidecar.istio.io/inject":"false"}}})";
constexpr const char* kLabelFalseAnnotationTrue =
    R"({"metadata":{"labels":{"sidecar.istio.io/inject":"false"},
    "annotations":{"sidecar.istio.io/inject":"true"}}})";
constexpr const char* kHostNetwork = R"({"metadata":{"labels":{"sidecar.istio.io/inject":"true"}},
    "spec":{"hostNetwork":true}})";

constexpr const char* kNone = "[]";
constexpr const char* kEmpty = R"([{},{"matchLabels":{}}])";
constexpr const char* kApp = R"([{"matchLabels":{"other":"x"}},{"matchLabels":{"app":"a"}}])";
constexpr const char* kBroken =
    R"([{"matchExpressions":[{"key":"app","operator":"Like","values":["a"]}]}])";
constexpr const char* kExists = R"([{"matchExpressions":[{"key":"app","operator":"Exists"}]}])";

}  // namespace

TEST_CASE("inject or not, and why") {
  const Row rows[] = {
      {kHostNetwork, "enabled", kNone, kNone, false, "host-network",
       "the pod uses the host's network"},
      {kPlain, "enabled", kNone, kNone, true, "policy", "policy is enabled"},
      {kPlain, "disabled", kNone, kNone, false, "policy", "policy is disabled"},
      {kLabelTrue, "enabled", kNone, kNone, true, "label",
       R"(label sidecar.istio.io/inject is "true")"},
      {kLabelTrue, "disabled", kNone, kNone, true, "label",
       R"(label sidecar.istio.io/inject is "true")"},
      {kLabelFalse, "enabled", kNone, kNone, false, "label",
       R"(label sidecar.istio.io/inject is "false")"},
      {kLabelFalse, "disabled", kNone, kNone, false, "label",
       R"(label sidecar.istio.io/inject is "false")"},
      {kAnnotationTrue, "disabled", kNone, kNone, true, "annotation",
       R"(annotation sidecar.istio.io/inject is "true")"},
      {kAnnotationFalse, "enabled", kNone, kNone, false, "annotation",
       R"(annotation sidecar.istio.io/inject is "false")"},
      {kLabelTrueAnnotationFalse, "disabled", kNone, kNone, true, "label",
       R"(label sidecar.istio.io/inject is "true")"},
      {kLabelFalseAnnotationTrue, "enabled", kNone, kNone, false, "label",
       R"(label sidecar.istio.io/inject is "false")"},
      {kLabelOdd, "enabled", kNone, kNone, true, "policy",
       R"(label sidecar.istio.io/inject is "yes", which is neither true nor false and so says nothing; )"
       "policy is enabled"},
      {kLabelOdd, "disabled", kNone, kNone, false, "policy",
       R"(label sidecar.istio.io/inject is "yes", which is neither true nor false and so says nothing; )"
       "policy is disabled"},
      {kLabelEmpty, "enabled", kNone, kNone, true, "policy",
       R"(label sidecar.istio.io/inject is "", which is neither true nor false and so says nothing; )"
       "policy is enabled"},
      {kAnnotationOdd, "enabled", kNone, kNone, true, "policy",
       R"(annotation sidecar.istio.io/inject is "True", which is neither true nor false and so says nothing; )"
       "policy is enabled"},
      {kPlain, "enabled", kApp, kNone, false, "never-selector",
       R"(neverInjectSelector[1] {"matchLabels":{"app":"a"}} selects the pod's labels)"},
      {kPlain, "disabled", kNone, kApp, true, "always-selector",
       R"(alwaysInjectSelector[1] {"matchLabels":{"app":"a"}} selects the pod's labels)"},
      {kPlain, "disabled", kApp, kApp, false, "never-selector",
       R"(neverInjectSelector[1] {"matchLabels":{"app":"a"}} selects the pod's labels)"},
      {kLabelOdd, "enabled", kApp, kNone, false, "never-selector",
       R"(label sidecar.istio.io/inject is "yes", which is neither true nor false and so says nothing; )"
       R"(neverInjectSelector[1] {"matchLabels":{"app":"a"}} selects the pod's labels)"},
      {kPlain, "disabled", kNone, kExists, true, "always-selector",
       R"(alwaysInjectSelector[0] {"matchExpressions":[{"key":"app","operator":"Exists"}]} selects the pod's labels)"},
      {kLabelTrue, "enabled", kApp, kNone, true, "label",
       R"(label sidecar.istio.io/inject is "true")"},
      {kLabelFalse, "enabled", kNone, kApp, false, "label",
       R"(label sidecar.istio.io/inject is "false")"},
      {kAnnotationFalse, "enabled", kNone, kApp, false, "annotation",
       R"(annotation sidecar.istio.io/inject is "false")"},
      {kPlain, "enabled", kEmpty, kNone, true, "policy", "policy is enabled"},
      {kPlain, "disabled", kNone, kEmpty, false, "policy", "policy is disabled"},
      {kPlain, "enabled", kBroken, kNone, true, "policy", "policy is enabled"},
      {kLabelTrue, "", kNone, kApp, false, "policy",
       R"(policy "" is neither enabled nor disabled: nothing is injected)"},
      {kLabelTrue, "on", kNone, kNone, false, "policy",
       R"(policy "on" is neither enabled nor disabled: nothing is injected)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pod);
    CAPTURE(row.policy);
    const Verdict verdict = decide_injection(json::parse(row.pod), "shop", config(row));
    CHECK(verdict.inject == row.inject);
    CHECK(verdict.why == row.why);
    CHECK(verdict.text == row.text);
  }
}

TEST_CASE("Kubernetes' own namespaces are left alone, whatever a pod wishes") {
  for (const char* name : {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"}) {
    const Verdict verdict = decide(kLabelTrue, name);
    CHECK_FALSE(verdict.inject);
    CHECK(verdict.why == "ignored-namespace");
    CHECK(verdict.text == "namespace " + std::string(name) + " is never injected");
  }
  CHECK(decide(kPlain, "istio-system").inject);
  CHECK(decide(kPlain, "").inject);
  // The pod's own namespace counts before the request's.
  CHECK(decide(R"({"metadata":{"namespace":"shop"}})", "kube-system").inject);
  CHECK_FALSE(decide(R"({"metadata":{"namespace":"kube-system"}})", "shop").inject);
  CHECK_FALSE(decide(R"({"metadata":{"namespace":""}})", "kube-system").inject);
}

TEST_CASE("what has another shape is as if absent") {
  for (const char* pod : {"7", "null", "[]", R"({"metadata":7,"spec":[]})",
                          R"({"metadata":{"labels":[],"annotations":"x","namespace":{}}})",
                          R"({"metadata":{"labels":{"sidecar.istio.io/inject":false,"app":1}}})",
                          R"({"spec":{"hostNetwork":"true"}})"}) {
    CAPTURE(pod);
    CHECK(decide(pod, "shop").inject);
    CHECK_FALSE(decide(pod, "shop", "disabled").inject);
  }
}
