#include "plugin/cli/first_pod.h"

#include <doctest/doctest.h>

using namespace sluice;
using nlohmann::json;

namespace {

/// The Pod of a text's first workload, or nothing.
std::string pod_of(const char* text) {
  kube::Manifest manifest = kube::read_manifest(text).value();
  const json* workload = cli::first_workload(manifest);
  return workload == nullptr ? "" : cli::as_pod(*workload).dump();
}

}  // namespace

TEST_CASE("the first workload of a file becomes the Pod that it makes") {
  const struct {
    const char* text;
    const char* pod;
  } rows[] = {
      {"kind: Service\n---\nkind: Pod\nmetadata: {name: p, namespace: ns}\nspec: {a: 1}\n",
       R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"ns"},"spec":{"a":1}})"},
      {"kind: Job\nmetadata: {generateName: j-}\nspec: {template: {spec: {a: 1}}}\n",
       R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"j-pod","namespace":"default"},"spec":{"a":1}})"},
      {"kind: List\nitems: [{kind: Service}, {kind: PodList, items: [{metadata: {name: q}}]}]\n",
       R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"q","namespace":"default"}})"},
      {"kind: Deployment\nmetadata: {name: d}\n",
       R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"d","namespace":"default"}})"},
      {"kind: Service\n", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(pod_of(row.text) == row.pod);
  }
}
