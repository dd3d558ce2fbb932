#include "conf/schema/check.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "conf/schema/pod.h"

using namespace sluice;
using nlohmann::json;

TEST_CASE("what Go's decoder would not take is named by its path") {
  const struct {
    const char* spec;
    const char* message;  ///< empty: taken
  } rows[] = {
      {"null", ""},
      {"{}", ""},
      {R"({"hostNetwork": true, "containers": null, "unknown": [1]})", ""},
      {R"({"containers": [{"name": "a", "ports": [{"containerPort": 80, "unknown": {}}]}]})", ""},
      {R"({"containers": [{"resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}]})", ""},
      {R"({"containers": [{"livenessProbe": {"httpGet": {"port": "http"}}}, null]})", ""},
      {R"({"nodeSelector": {"a": "b", "c": null}, "terminationGracePeriodSeconds": 30})", ""},
      {R"({"volumes": [{"name": "v", "emptyDir": {"sizeLimit": 5}}]})", ""},
      {"7", "spec is not a map: 7"},
      {R"({"hostNetwork": "true"})", "spec.hostNetwork is not true or false: \"true\""},
      {R"({"containers": {}})", "spec.containers is not a list: object"},
      {R"({"containers": [{"name": "a"}, 1]})", "spec.containers[1] is not a map: 1"},
      {R"({"containers": [{"env": [{"name": "A", "value": 1}]}]})",
       "spec.containers[0].env[0].value is not a string: 1 (quote it)"},
      {R"({"containers": [{"env": [{"name": true}]}]})",
       "spec.containers[0].env[0].name is not a string: true (quote it)"},
      {R"({"containers": [{"args": ["-p", 80]}]})",
       "spec.containers[0].args[1] is not a string: 80 (quote it)"},
      {R"({"containers": [{"args": [[]]}]})", "spec.containers[0].args[0] is not a string: array"},
      {R"({"containers": [{"ports": [{"containerPort": "80"}]}]})",
       "spec.containers[0].ports[0].containerPort is not a whole number: \"80\""},
      {R"({"containers": [{"securityContext": {"runAsUser": 1.5}}]})",
       "spec.containers[0].securityContext.runAsUser is not a whole number: 1.5"},
      {R"({"containers": [{"livenessProbe": {"httpGet": {"port": 1.5}}}]})",
       "spec.containers[0].livenessProbe.httpGet.port is not a whole number or a string: 1.5"},
      {R"({"containers": [{"resources": {"limits": {"cpu": true}}}]})",
       "spec.containers[0].resources.limits[\"cpu\"] is not a quantity: true"},
      {R"({"nodeSelector": {"gpu": true}})",
       "spec.nodeSelector[\"gpu\"] is not a string: true (quote it)"},
      {R"({"volumes": [{"name": "v", "emptyDir": []}]})",
       "spec.volumes[0].emptyDir is not a map: array"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.spec);
    const auto checked = schema::check_types(json::parse(row.spec), schema::kPodSpec, "spec");
    CHECK((checked ? "" : checked.error().message) == row.message);
  }
}
