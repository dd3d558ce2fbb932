#include "plugin/cli/inject/sources.h"

#include <filesystem>
#include <fstream>
#include <map>

#include <stdlib.h>

#include "conf/kube/client_fixture.h"

using namespace sluice;
using namespace sluice::cli;
using namespace sluice::kube;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* Config = "policy: disabled\ntemplates:\n  sidecar: 'spec: {}'\n";
constexpr const char* Brackets =
    "policy: enabled\ntemplate: |\n  containers:\n  - name: [[ .Spec ]]\n";

/// A directory with a kubeconfig of an API server that knows these paths.
class World {
 public:
  explicit World(std::map<std::string, json> objects)
      : objects_(std::move(objects)),
        server_(serve([this](const HttpRequest& request, Reply& reply) {
          const auto found = objects_.find(request.target);
          if (found != objects_.end()) return reply_json(reply, 200, found->second.dump());
          reply_json(reply, 404, status_json(404, "NotFound", "nothing here"));
        })) {
    std::string name = fs::temp_directory_path() / "sluice-sources-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    file("ca.pem", authority().certificate_pem());
    kubeconfig = file(
        "kubeconfig",
        "current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, "
        "cluster: {certificate-authority: ca.pem, server: 'https://127.0.0.1:" +
            std::to_string(server_.port()) + "'}}]\n");
  }
  ~World() { fs::remove_all(path_); }

  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

  std::string kubeconfig;

 private:
  std::map<std::string, json> objects_;
  fs::path path_;
  Server server_;
};

json config_map_of(const std::map<std::string, std::string>& data) {
  return json{{"kind", "ConfigMap"}, {"data", data}};
}

std::string map_path(const std::string& name, const std::string& namespace_name = "istio-system") {
  return "/api/v1/namespaces/" + namespace_name + "/configmaps/" + name;
}

}  // namespace

TEST_CASE("what no file gives comes from the ConfigMaps of the revision") {
  const World world({
      {map_path("istio-sidecar-injector"),
       config_map_of({{"config", Config}, {"values", R"({"global":{"a":1}})"}})},
      {map_path("istio"), config_map_of({{"mesh", "trustDomain: one"}})},
      {map_path("istio-sidecar-injector-canary"),
       config_map_of({{"config", Config}, {"values", R"({"global":{"a":2}})"}})},
      {map_path("istio-canary"), config_map_of({{"mesh", "trustDomain: two"}})},
      {map_path("mine", "elsewhere"),
       config_map_of({{"config", Config}, {"values", R"({"global":{"a":3}})"}})},
      {map_path("my-mesh", "elsewhere"), config_map_of({{"mesh", "trustDomain: three"}})},
  });
  const struct {
    const char* revision;
    const char* istio_namespace;
    const char* inject_map;
    const char* mesh_map;
    double a;
    const char* trust_domain;
  } rows[] = {
      {"", "istio-system", "", "", 1, "one"},
      {"canary", "istio-system", "", "", 2, "two"},
      {"canary", "elsewhere", "mine", "my-mesh", 3, "three"},
  };
  for (const auto& row : rows) {
    Sources sources;
    sources.switches.revision = row.revision;
    sources.istio_namespace = row.istio_namespace;
    sources.inject_config_map = row.inject_map;
    sources.mesh_config_map = row.mesh_map;
    sources.native_sidecars = "true";
    Cluster cluster(world.kubeconfig, {});
    const auto read = read_configuration(sources, cluster);
    REQUIRE(read.has_value());
    CHECK(read->inject.policy == "disabled");
    CHECK(read->values["global"]["a"] == row.a);
    CHECK(read->mesh.document["trustDomain"] == row.trust_domain);
    CHECK(read->switches.native_sidecars);
    CHECK(read->switches.revision == row.revision);
  }
}

TEST_CASE("what is in neither place is named with the option that would give it") {
  const World world({{map_path("istio-sidecar-injector"), config_map_of({{"config", Config}})}});
  Sources sources;
  Cluster cluster(world.kubeconfig, {});
  const Error no_values = error_of(read_configuration(sources, cluster));
  CHECK(contains(no_values.message,
                 "ConfigMap istio-system/istio-sidecar-injector has no key values"));
  CHECK(contains(no_values.message, "give --valuesFile or --builtin"));

  sources.values_file = world.file("values", "{}");
  const Error no_mesh = error_of(read_configuration(sources, cluster));
  CHECK(contains(no_mesh.message, "configmaps/istio: 404 Not Found: nothing here"));
  CHECK(contains(no_mesh.message, "give --meshConfigFile or --builtin"));
  CHECK(contains(no_mesh.message, "-i and -r say where to look"));
}

TEST_CASE("files need no cluster, and templates of old no values") {
  const World world({});
  Sources sources;
  sources.inject_config_file = world.file("config", Brackets);
  sources.mesh_config_file = world.file("mesh", "trustDomain: mine");
  Cluster nowhere("", {});
  const auto read = read_configuration(sources, nowhere);
  REQUIRE(read.has_value());
  CHECK(read->inject.dialect == mesh::Dialect::BracketLists);
  CHECK(read->values == json::object());
  CHECK(read->mesh.document["trustDomain"] == "mine");
  CHECK_FALSE(read->switches.native_sidecars);  // auto, and no cluster to ask
  CHECK_FALSE(nowhere.is_meant());
}

TEST_CASE("a file that does not read is named with its option") {
  const World world({});
  const std::string good = world.file("good", Brackets);
  const std::string bad = world.file("bad", "a: [");
  const struct {
    std::string config;
    std::string mesh;
    std::string values;
    std::string message;
  } rows[] = {
      {world.file("x", "") + ".none", good, bad, "--injectConfigFile: "},
      {good, bad, "", "--meshConfigFile " + bad + ": "},
      {good, "", bad, "--valuesFile " + bad + ": "},
  };
  for (const auto& row : rows) {
    Sources sources;
    sources.inject_config_file = row.config;
    sources.mesh_config_file = row.mesh;
    sources.values_file = row.values;
    Cluster nowhere("", {});
    CHECK(error_of(read_configuration(sources, nowhere)).message.find(row.message) == 0);
  }
}

TEST_CASE("with auto, sidecars are native where every node of the cluster knows them") {
  const auto node = [](const char* version) {
    return json{{"status", {{"nodeInfo", {{"kubeletVersion", version}}}}}};
  };
  const struct {
    json nodes;  ///< null: not to be listed
    bool native;
  } rows[] = {
      {json::array({node("v1.33.0"), node("v1.36.1")}), true},
      {json::array({node("v1.33.0"), node("v1.32.9")}), false},
      {nullptr, false},
  };
  for (const auto& row : rows) {
    std::map<std::string, json> objects;
    if (!row.nodes.is_null())
      objects["/api/v1/nodes?limit=100"] = {{"metadata", {{"resourceVersion", "1"}}},
                                            {"items", row.nodes}};
    const World world(objects);
    Sources sources;
    sources.inject_config_file = world.file("config", Brackets);
    sources.mesh_config_file = world.file("mesh", "");
    Cluster cluster(world.kubeconfig, {});
    const auto read = read_configuration(sources, cluster);
    REQUIRE(read.has_value() == !row.nodes.is_null());
    if (read) {
      CHECK(read->switches.native_sidecars == row.native);
    } else {
      CHECK(contains(error_of(read).message, "; --nativeSidecars true or false does without"));
    }
  }
}

TEST_CASE("Namespaces are fetched once") {
  const World world({{"/api/v1/namespaces/ns", {{"kind", "Namespace"}}}});
  Cluster cluster(world.kubeconfig, {});
  CHECK(cluster.is_meant());
  CHECK(cluster.namespace_object("ns").value()["kind"] == "Namespace");
  CHECK(error_of(cluster.namespace_object("other")).code == Errc::NotFound);
}
