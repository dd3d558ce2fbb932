#include "plugin/cli/inject/workloads.h"

#include <doctest/doctest.h>

#include "conf/kube/yaml.h"
#include "rules/policy/quoted.h"

using namespace sluice;
using namespace sluice::cli;
using nlohmann::json;

namespace {

json yaml(const char* text) {
  return kube::yaml_to_json(text).value();
}

/// Injects by a mark, unless the pod's labels say `skip`, `refuse` or `same`; keeps what it got.
struct Injector {
  std::vector<injector::PodRequest> requests;
  InjectionRules rules{
      [this](injector::PodRequest request) -> Result<injector::Injection> {
        requests.push_back(request);
        if (!request.faults.empty()) return fail(Errc::Invalid, joined(request.faults));
        const json labels = request.pod["metadata"].value("labels", json::object());
        if (labels.contains("refuse")) return fail(Errc::Invalid, "a bad port");
        if (labels.contains("skip"))
          return injector::Injection{{false, "no", "not asked for"}, {}, {}};
        if (!labels.contains("same")) request.pod["spec"]["injected"] = request.owner.has_value();
        return injector::Injection{{true, "yes", "asked for"}, request.pod, {"a warning"}};
      },
      [](const std::string& name) -> Result<json> {
        if (name == "forbidden") return fail(Errc::TryAgain, "no such namespace");
        return name.empty() ? json() : json{{"metadata", {{"name", name}}}};
      },
      "given"};
};

std::string told(const std::vector<Report>& reports) {
  std::string out;
  for (const Report& report : reports) {
    out += report.object + ": " + std::string(to_string(report.outcome)) + ": " + report.why + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("the pod of every kind is injected where it stands") {
  const struct {
    const char* kind;
    const char* before;
    const char* after;
  } rows[] = {
      {"Pod", "spec: {containers: []}", "metadata: {}\nspec: {containers: [], injected: false}"},
      {"Deployment", "spec: {template: {spec: {}}, x: 1}",
       "spec: {template: {metadata: {}, spec: {injected: true}}, x: 1}"},
      {"StatefulSet", "spec: {template: {metadata: null, spec: {}, y: 2}}",
       "spec: {template: {metadata: {}, spec: {injected: true}, y: 2}}"},
      {"CronJob",
       "spec: {jobTemplate: {metadata: {labels: {skip: x}}, spec: {template: {metadata: {labels: "
       "{a: }}, spec: {}}}}}",
       "spec: {jobTemplate: {metadata: {labels: {skip: x}}, spec: {template: {metadata: {labels: "
       "{a: ''}}, spec: {injected: true}}}}}"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.kind);
    Injector injector;
    json object = yaml(row.before);
    object["kind"] = row.kind;
    json wanted = yaml(row.after);
    wanted["kind"] = row.kind;
    const auto reports = inject_document(object, injector.rules);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].outcome == Outcome::Injected);
    CHECK(reports[0].warnings == std::vector<std::string>{"a warning"});
    CHECK(object == wanted);
  }
}

TEST_CASE("the injector is told whose pod it is and where it will live") {
  const struct {
    const char* object;
    const char* owner;
    const char* namespace_name;
  } rows[] = {
      {"{kind: Pod, metadata: {name: p, namespace: ns}, spec: {}}", nullptr, "ns"},
      {"{kind: Job, apiVersion: batch/v1, metadata: {name: j, namespace: ns}, spec: {template: "
       "{spec: {}}}}",
       "batch/v1 Job j ns", "ns"},
      {"{kind: Job, apiVersion: batch/v1, metadata: {generateName: j-}, spec: {template: {spec: "
       "{}}}}",
       "batch/v1 Job  given", "given"},
      {"{kind: DeploymentList, apiVersion: apps/v1, items: [{metadata: {name: d}, spec: {template: "
       "{spec: {}}}}]}",
       "apps/v1 Deployment d given", "given"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.object);
    Injector injector;
    json object = yaml(row.object);
    CHECK(inject_document(object, injector.rules)[0].outcome == Outcome::Injected);
    REQUIRE(injector.requests.size() == 1);
    const injector::PodRequest& request = injector.requests[0];
    CHECK(request.namespace_name == row.namespace_name);
    CHECK(request.namespace_object["metadata"]["name"] == row.namespace_name);
    REQUIRE(request.owner.has_value() == (row.owner != nullptr));
    if (!request.owner) continue;
    const injector::Owner& owner = *request.owner;
    CHECK(owner.api_version + " " + owner.kind + " " + owner.name + " " + owner.namespace_name ==
          row.owner);
  }
}

TEST_CASE("every object is accounted for, those in lists too") {
  const struct {
    const char* document;
    const char* reports;
  } rows[] = {
      {"{kind: Service, metadata: {name: s}}",
       "Service s: left as it is: no kind that makes pods\n"},
      {"a scalar", "object: left as it is: no kind that makes pods\n"},
      {"{kind: Job, metadata: {name: j}}",
       "Job j: not injected: there is no spec.template.spec in it\n"},
      {"{kind: Pod, metadata: {name: p}}", "Pod p: not injected: there is no spec in it\n"},
      {"{kind: Pod, metadata: {name: p, labels: {skip: x}}, spec: {}}",
       "Pod p: not injected: not asked for\n"},
      {"{kind: Pod, metadata: {name: p, labels: {same: x}}, spec: {}}",
       "Pod p: already injected: asked for\n"},
      {"{kind: Pod, metadata: {name: p, labels: {refuse: x}}, spec: {}}",
       "Pod p: error: a bad port\n"},
      {"{kind: Pod, metadata: {name: p, namespace: forbidden}, spec: {}}",
       "Pod forbidden/p: error: no such namespace\n"},
      {"{kind: Pod, metadata: {name: p, labels: {v: 1.0}}, spec: {}}",
       "Pod p: error: metadata.labels[\"v\"] is not a string: 1 (quote it)\n"},
      {"{kind: Job, metadata: {name: j}, spec: {template: {spec: {containers: [{name: a, env: "
       "[{name: A, value: 1}]}]}}}}",
       "Job j: error: spec.template.spec.containers[0].env[0].value is not a string: 1 (quote "
       "it)\n"},
      {"{kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {metadata: {labels: {a: 1}}}}}",
       "CronJob c: error: spec.jobTemplate.metadata.labels[\"a\"] is not a string: 1 (quote it)\n"},
      {"{kind: Job, metadata: {name: j, labels: {a: 1}}, spec: {template: {metadata: {labels: {b: "
       "2}, annotations: {c: 3}}, spec: {hostNetwork: 4}}}}",
       "Job j: error: metadata.labels[\"a\"] is not a string: 1 (quote it); "
       "spec.template.metadata.labels[\"b\"] is not a string: 2 (quote it); "
       "spec.template.metadata.annotations[\"c\"] is not a string: 3 (quote it); "
       "spec.template.spec.hostNetwork is not true or false: 4\n"},
      {"{kind: Pod, metadata: {name: p}, spec: 7}", "Pod p: error: spec is not a map: 7\n"},
      {"{kind: Job, spec: {template: {metadata: {annotations: {a: on}}, spec: {}}}}",
       "Job: error: spec.template.metadata.annotations[\"a\"] is not a string: true (quote it)\n"},
      {"{kind: List, items: [{kind: Service, metadata: {name: s}}, {kind: List, items: [{kind: "
       "Pod, "
       "metadata: {name: p}, spec: {}}]}, {kind: PodList, items: [{metadata: {name: q}, spec: "
       "{}}]}, 7]}",
       "items[0], Service s: left as it is: no kind that makes pods\n"
       "items[1], items[0], Pod p: injected: asked for\n"
       "items[2], items[0], Pod q: injected: asked for\n"
       "items[3], object: left as it is: no kind that makes pods\n"},
  };
  for (const auto& row : rows) {
    Injector injector;
    json document = yaml(row.document);
    const json before = document;
    const auto reports = inject_document(document, injector.rules);
    CHECK(told(reports) == row.reports);
    const bool injected = told(reports).find(": injected:") != std::string::npos;
    CHECK((document != before) == injected);
  }
}
