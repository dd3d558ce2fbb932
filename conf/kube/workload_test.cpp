#include "conf/kube/workload.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "rules/policy/quoted.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

TEST_CASE("every kind that makes pods says where they are") {
  const struct {
    const char* kind;
    const char* path;
  } rows[] = {
      {"Pod", ""},
      {"Deployment", "/spec/template"},
      {"DaemonSet", "/spec/template"},
      {"ReplicaSet", "/spec/template"},
      {"ReplicationController", "/spec/template"},
      {"StatefulSet", "/spec/template"},
      {"Job", "/spec/template"},
      {"CronJob", "/spec/jobTemplate/spec/template"},
      {"DeploymentConfig", "/spec/template"},
      {"Service", nullptr},
      {"PodTemplate", nullptr},
      {"pod", nullptr},
      {"", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.kind);
    const auto path = pod_path_in(row.kind);
    REQUIRE(path.has_value() == (row.path != nullptr));
    if (path) CHECK(*path == row.path);
  }
}

TEST_CASE("a list is any kind that ends in List and has items") {
  const struct {
    const char* object;
    const char* kind;
  } rows[] = {
      {R"({"kind":"List","items":[]})", ""},
      {R"({"kind":"PodList","items":[{}]})", "Pod"},
      {R"({"kind":"DeploymentList","items":[{}]})", "Deployment"},
      {R"({"kind":"List"})", nullptr},
      {R"({"kind":"List","items":{}})", nullptr},
      {R"({"kind":"Allow","items":[]})", nullptr},
      {R"({"items":[]})", nullptr},
      {R"([])", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.object);
    json object = json::parse(row.object);
    const auto elements = elements_of(object);
    REQUIRE(elements.has_value() == (row.kind != nullptr));
    if (elements) CHECK(elements->kind == row.kind);
  }
}

TEST_CASE("objects are called by kind, namespace and name") {
  const struct {
    const char* object;
    const char* name;
  } rows[] = {
      {R"({"kind":"Job","metadata":{"name":"a","namespace":"n"}})", "Job n/a"},
      {R"({"kind":"Job","metadata":{"generateName":"a-"}})", "Job a-"},
      {R"({"kind":"Job","metadata":{"name":7}})", "Job"},
      {R"({"metadata":[]})", "object"},
      {R"("text")", "object"},
  };
  for (const auto& row : rows) CHECK(to_string(name_of(json::parse(row.object))) == row.name);
}

TEST_CASE("labels and annotations are strings, and null is the empty one") {
  const struct {
    const char* object;
    const char* settled;  ///< or, after '!', the message
  } rows[] = {
      {R"({})", R"({})"},
      {R"({"metadata":null})", R"({"metadata":null})"},
      {R"({"metadata":{"labels":{"a":"1","b":null}}})",
       R"({"metadata":{"labels":{"a":"1","b":""}}})"},
      {R"({"metadata":{"labels":null}})", R"({"metadata":{"labels":null}})"},
      {R"({"metadata":{"labels":{"version":1.5}}})",
       "!p.metadata.labels[\"version\"] is not a string: 1.5 (quote it)"},
      {R"({"metadata":{"annotations":{"a/b":true}}})",
       "!p.metadata.annotations[\"a/b\"] is not a string: true (quote it)"},
      {R"({"metadata":{"labels":["a"]}})", "!p.metadata.labels is not a map"},
      {R"({"metadata":{"name":7}})", "!p.metadata.name is not a string: 7 (quote it)"},
      {R"({"metadata":"x"})", "!p.metadata is not a map"},
      {R"({"metadata":{"name":7,"labels":{"a":1,"b":"","c":2},"annotations":7}})",
       "!p.metadata.name is not a string: 7 (quote it); p.metadata.labels[\"a\"] is not a string: "
       "1 "
       "(quote it); p.metadata.labels[\"c\"] is not a string: 2 (quote it); p.metadata.annotations "
       "is not a map"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.object);
    json object = json::parse(row.object);
    const auto faults = settle_metadata(object, "p.");
    const std::string wanted = row.settled;
    if (wanted.starts_with('!')) {
      CHECK(joined(faults) == wanted.substr(1));
    } else {
      CHECK(faults.empty());
      CHECK(object == json::parse(wanted));
    }
  }
}
