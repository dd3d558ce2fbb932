// Pods as API servers send them: ours, and those recorded from clusters where they are at hand.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "injector/pod/containers.h"
#include "injector/pod/overlay_fixture.h"
#include "injector/pod/patch.h"

using namespace sluice::injector;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

std::vector<json> recorded_pods() {
  std::vector<json> out;
  const fs::path root(SLUICE_SOURCE_DIR);
  for (const fs::path& directory :
       {root / "injector/pod/testdata", root / "../shared/data/admission"}) {
    if (!fs::is_directory(directory)) continue;
    for (const auto& entry : fs::directory_iterator(directory)) {
      std::ifstream file(entry.path());
      json review = json::parse(file);
      json& object = review["request"]["object"];
      if (object.value("kind", "") == "Pod") out.push_back(std::move(object));
    }
  }
  return out;
}

json proxy_template() {
  return json::parse(R"({"metadata":{"annotations":{"istio.io/rev":"default"}},"spec":{
      "initContainers":[{"name":"istio-proxy","image":"proxy:1","restartPolicy":"Always",
        "args":["proxy","sidecar"],"env":[{"name":"POD_NAME","valueFrom":{"fieldRef":
        {"fieldPath":"metadata.name"}}}],"securityContext":{"runAsUser":1337,"runAsGroup":1337,
        "capabilities":{"drop":["ALL"]}},"volumeMounts":[{"mountPath":"/etc/istio/proxy",
        "name":"istio-envoy"}]}],
      "volumes":[{"name":"istio-envoy","emptyDir":{"medium":"Memory"}},
        {"name":"istio-token","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}})");
}

/// `patch` changes nothing of a container but where injection has to do with it.
void check_untouched(const json& before, const json& patched) {
  for (const std::string_view list : kContainerLists) {
    const json* containers = container_list(before, list);
    if (containers == nullptr) continue;
    for (const json& container : *containers) {
      if (name_of(container) == "istio-proxy") continue;
      json was = container;
      json now = *find_container(patched, name_of(container));
      for (const char* rewritten :
           {"readinessProbe", "livenessProbe", "startupProbe", "lifecycle"}) {
        was.erase(rewritten);
        now.erase(rewritten);
      }
      CHECK(now == was);
    }
  }
  for (const char* kept : {"tolerations", "topologySpreadConstraints", "securityContext",
                           "hostAliases", "readinessGates", "specOfTomorrow"}) {
    CHECK(patched["spec"].value(kept, json()) == before["spec"].value(kept, json()));
  }
}

}  // namespace

TEST_CASE("pods of real API servers are injected by a patch, and once only") {
  World world = plain_world();
  world.rendered = {proxy_template()};
  world.proxy_env = {{"ISTIO_META_CLUSTER_ID", "Kubernetes"}};
  const std::vector<json> pods = recorded_pods();
  CHECK(pods.size() >= 2);
  for (const json& pod : pods) {
    CAPTURE(pod["metadata"].dump());
    const auto once = world.lay_over(pod);
    REQUIRE(once.has_value());
    const std::string patch = make_patch(pod, once->pod);
    const json patched = pod.patch(json::parse(patch));
    CHECK(patched == once->pod);
    check_untouched(pod, patched);
    CHECK(find_container(patched, "istio-proxy") != nullptr);
    // Nothing that the API server keeps about who wrote what.
    CHECK(patch.find("managedFields") == std::string::npos);
    CHECK(make_patch(patched, world.lay_over(patched)->pod).empty());
  }
}

TEST_CASE("a proxy of the user's own is kept beside a status that does not list it") {
  World world = plain_world();
  world.rendered = {proxy_template()};
  const json pod = json::parse(R"({
    "metadata": {"name": "a", "annotations": {"sidecar.istio.io/status": "{\"revision\":\"x\"}"}},
    "spec": {"containers": [{"name": "app", "image": "app:1"},
                            {"name": "istio-proxy", "image": "own:1", "args": ["own"]}]}})");
  const auto once = world.lay_over(pod);
  REQUIRE(once.has_value());
  CHECK(find_container(once->pod, "istio-proxy")->at("args") == json{"own"});
  const auto twice = world.lay_over(once->pod);
  REQUIRE(twice.has_value());
  CHECK(make_patch(once->pod, twice->pod).empty());
}

TEST_CASE(
    "a proxy that an injector put into the other list is not the user's, and is not recorded") {
  World world = plain_world();
  world.rendered = {proxy_template()};
  const json pod = json::parse(R"({
    "metadata": {"name": "a", "annotations": {
      "sidecar.istio.io/status": "{\"initContainers\":[\"istio-proxy\"],\"containers\":null}"}},
    "spec": {"containers": [{"name": "app", "image": "app:1"}],
             "initContainers": [{"name": "istio-proxy", "image": "i", "restartPolicy": "Always"}]}})");
  const auto once = world.lay_over(pod);
  REQUIRE(once.has_value());
  CHECK(!once->pod["metadata"]["annotations"].contains("proxy.istio.io/overrides"));
}
