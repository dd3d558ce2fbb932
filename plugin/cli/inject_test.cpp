// The command line of `sluice inject`: that every option reaches what its name says.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>
#include <stdlib.h>

#include "conf/kube/fake_api.h"
#include "conf/kube/yaml.h"
#include "plugin/cli/command.h"

using namespace sluice;
using namespace sluice::cli;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Arguments = std::vector<std::string>;

/// Its proxy says where everything came from.
constexpr const char* kConfig = R"(policy: enabled
templates:
  sidecar: |
    spec:
      containers:
      - name: istio-proxy
        args:
        - "template of PLACE"
        - "values of {{ .Values.place }}"
        - "mesh of {{ .MeshConfig.TrustDomain }}"
        - "{{ .CompliancePolicy }}"
        - "{{ .Revision }}"
        - "{{ .ObjectMeta.Namespace }}"
)";

/// A directory, and an API server with ConfigMaps that differ.
class World {
 public:
  World() {
    std::string name = fs::temp_directory_path() / "sluice-inject-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    const kube::ClusterAccess access = api_.access();
    (void)file("ca.pem", access.ca_pem);
    kubeconfig_ = file("kubeconfig",
                       "current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\n"
                       "clusters: [{name: c, cluster: {certificate-authority: ca.pem, "
                       "server: 'https://127.0.0.1:" +
                           std::to_string(access.port) + "'}}]\n");
    app_ = file("app.yaml",
                "kind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: app, image: a}]}\n");
    for (const char* map : {"istio-sidecar-injector", "istio", "istio-sidecar-injector-canary",
                            "istio-canary", "other"}) {
      for (const char* space : {"istio-system", "elsewhere"}) put(space, map);
    }
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { fs::remove_all(path_); }

  /// What the proxy in the output says; or the error.
  json injected(const Arguments& more) {
    const std::string out = path_ / "out.yaml";
    Arguments all{"inject", "-f", app_, "-o", out, "-c", kubeconfig_, "--nativeSidecars", "false"};
    all.insert(all.end(), more.begin(), more.end());
    const Ended ended = run(all);
    if (!ended) return ended.error().message;
    CHECK(*ended == Exit::Done);
    std::ifstream stream(out);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const json pod = kube::yaml_to_json(text).value();
    for (const json& container : pod["spec"]["containers"]) {
      if (container["name"] == "istio-proxy") return container["args"];
    }
    return nullptr;
  }

  /// As main() does.
  static Ended run(Arguments arguments) {
    CLI::App app("", "sluice");
    Ended ended = Exit::Done;
    add_inject(app, ended);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
    return ended;
  }

  [[nodiscard]] const std::string& app() const { return app_; }

 private:
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

  void put(const std::string& space, const std::string& map) {
    const std::string place = space + "." + map;  // a trust domain, too
    std::string config = kConfig;
    config.replace(config.find("PLACE"), 5, place);
    json object = {{"kind", "ConfigMap"}, {"metadata", {{"name", map}, {"namespace", space}}}};
    object["data"] = {{"config", config},
                      {"values", json{{"place", place}}.dump()},
                      {"mesh", "trustDomain: " + place}};
    api_.put("/api/v1/namespaces/" + space + "/configmaps", object);
  }

  kube::FakeApi api_;
  fs::path path_;
  std::string kubeconfig_;
  std::string app_;
};

}  // namespace

TEST_CASE("options say where the configuration is, and what templates see") {
  World world;
  const struct {
    Arguments arguments;
    const char* injector;
    const char* mesh;
    json rest;
  } rows[] = {
      {{}, "istio-system.istio-sidecar-injector", "istio-system.istio", {"", "", ""}},
      {{"-i", "elsewhere"}, "elsewhere.istio-sidecar-injector", "elsewhere.istio", {"", "", ""}},
      {{"--istioNamespace=elsewhere", "-r", "canary"},
       "elsewhere.istio-sidecar-injector-canary",
       "elsewhere.istio-canary",
       {"", "canary", ""}},
      {{"--revision", "canary", "--injectConfigMapName", "other"},
       "istio-system.other",
       "istio-system.istio-canary",
       {"", "canary", ""}},
      {{"--meshConfigMapName", "other"},
       "istio-system.istio-sidecar-injector",
       "istio-system.other",
       {"", "", ""}},
      {{"--compliancePolicy", "fips-140-2", "-n", "shop"},
       "istio-system.istio-sidecar-injector",
       "istio-system.istio",
       {"fips-140-2", "", "shop"}},
  };
  for (const auto& row : rows) {
    CAPTURE(json(row.arguments).dump());
    json wanted = {std::string("template of ") + row.injector,
                   std::string("values of ") + row.injector, std::string("mesh of ") + row.mesh};
    for (const json& text : row.rest) wanted.push_back(text);
    CHECK(world.injected(row.arguments) == wanted);
  }
  const std::string gone = world.injected({"--injectConfigMapName", "gone"});
  CHECK(gone.find("configmaps/gone: 404") != std::string::npos);
}

TEST_CASE("options that contradict each other are refused, both by name") {
  const World world;
  const struct {
    const char* one;
    Arguments other;
  } rows[] = {
      {"--builtin", {"--injectConfigFile", "x"}},
      {"--builtin", {"--injectConfigMapName", "x"}},
      {"--builtin", {"--meshConfigMapName", "x"}},
      {"--injectConfigFile=x", {"--injectConfigMapName", "x"}},
  };
  for (const auto& row : rows) {
    Arguments arguments{"inject", "-f", world.app(), row.one};
    arguments.insert(arguments.end(), row.other.begin(), row.other.end());
    CAPTURE(json(arguments).dump());
    std::string told;
    try {
      static_cast<void>(World::run(arguments));
    } catch (const CLI::ExcludesError& error) {
      told = error.what();
    }
    const std::string one = std::string(row.one).substr(0, std::string(row.one).find('='));
    CHECK(told.find(one) != std::string::npos);
    CHECK(told.find(row.other.front()) != std::string::npos);
  }
}
