// The injector and its cluster: what is read from it, and what is written to it.

#include "injector/webhook/cluster.h"

#include <mutex>

#include "conf/kube/certificate.h"
#include "conf/kube/eventually.h"
#include "conf/kube/fake_api.h"
#include "injector/webhook/review_fixture.h"
#include "injector/webhook/secret.h"

using namespace sluice;
using namespace sluice::webhook;
using nlohmann::json;

namespace {

const std::string kMaps = "/api/v1/namespaces/istio-system/configmaps";
const std::string kSecrets = "/api/v1/namespaces/sluice-system/secrets";
const std::string kMutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const std::string kValidating =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const std::string kProxyConfigs = "/apis/networking.istio.io/v1beta1/proxyconfigs";

const std::string kConfig =
    "policy: enabled\ndefaultTemplates: [sidecar]\ntemplates:\n  sidecar: |\n"
    "    spec:\n      containers:\n      - name: istio-proxy\n"
    "        image: proxy:1\n";

json config_map(const std::string& name, json entries) {
  return {{"metadata", {{"name", name}, {"namespace", "istio-system"}}},
          {"data", std::move(entries)}};
}

json webhooks(const std::string& configuration, const std::string& webhook) {
  return {{"metadata", {{"name", configuration}, {"labels", {{"an", "admin's"}}}}},
          {"webhooks",
           {{{"name", webhook},
             {"clientConfig", {{"service", {{"name", "s"}, {"path", "/inject"}}}}},
             {"rules", {{{"operations", {"CREATE"}}, {"resources", {"pods"}}}}}}}}};
}

struct Fixture {
  kube::FakeApi api;
  std::mutex mutex;
  std::string lines;
  Log log{Level::Info, [this](const std::string& line) {
            const std::lock_guard lock(mutex);
            lines += line;
          }};
  Options options;
  std::unique_ptr<State> state;
  std::unique_ptr<Cluster> cluster;

  Fixture() {
    options.self_signed = "sluice-injector-tls";
    options.own_namespace = "sluice-system";
    options.webhook_configs = {"sluice-injector"};
    options.native_sidecars = NativeSidecars::Never;
    api.serve(kMaps);
    api.serve(kSecrets);
    api.serve(kMutating);
    api.serve(kValidating);
  }

  void start() {
    state = std::make_unique<State>(options.switches, options.native_sidecars, log);
    cluster = Cluster::start(options, api.access(), *state).value();
  }
  [[nodiscard]] bool becomes_ready() const {
    return eventually([&] { return state->health().ready(); });
  }
  [[nodiscard]] bool shows(const std::string& text) const {
    return eventually([&] { return state->health().text().find(text) != std::string::npos; });
  }
  [[nodiscard]] bool says(const std::string& text) {
    return eventually([&] {
      const std::lock_guard lock(mutex);
      return lines.find(text) != std::string::npos;
    });
  }
  void put_config_maps(const std::string& suffix = {}) {
    api.put(kMaps,
            config_map("istio-sidecar-injector" + suffix, {{"config", kConfig}, {"values", "{}"}}));
    api.put(kMaps, config_map("istio" + suffix, {{"mesh", "rootNamespace: mesh-root"}}));
  }
  [[nodiscard]] std::string bundle(const std::string& collection) const {
    const json object = api.object(collection, "sluice-injector");
    return object["webhooks"][0]["clientConfig"].value("caBundle", "");
  }
  [[nodiscard]] std::string trusted() const {
    const json secret = api.object(kSecrets, "sluice-injector-tls");
    return secret.is_null() ? "" : secret["data"].value("ca.crt", "");
  }
};

}  // namespace

TEST_CASE("with everything there the injector becomes ready, and its webhooks trusted") {
  Fixture fixture;
  fixture.put_config_maps();
  fixture.api.put(kMutating, webhooks("sluice-injector", "namespace.injector.sluice.dev"));
  fixture.api.put(kValidating, webhooks("sluice-injector", "validate.injector.sluice.dev"));
  fixture.start();
  CHECK(fixture.becomes_ready());
  const auto trusted_by_both = [&] {
    return !fixture.trusted().empty() && fixture.bundle(kMutating) == fixture.trusted() &&
           fixture.bundle(kValidating) == fixture.trusted();
  };
  CHECK(eventually(trusted_by_both));
  CHECK(fixture.state->world().get()->root_namespace == "mesh-root");
  const auto held = certificate_in(fixture.api.object(kSecrets, "sluice-injector-tls"));
  CHECK(kube::is_for(held.serving.certificate_pem, "sluice-injector.sluice-system.svc"));
  CHECK(fixture.api.object(kMutating, "sluice-injector")["metadata"]["labels"]["an"] == "admin's");
  CHECK(fixture.state->metrics().authority_expiry > 0);
}

TEST_CASE("without its ConfigMaps the injector waits, and says for what") {
  Fixture fixture;
  fixture.start();
  CHECK(fixture.shows("[-] configuration: ConfigMap istio-system/istio"));
  fixture.put_config_maps();
  CHECK(fixture.becomes_ready());
  fixture.api.put(kMaps, config_map("istio", {{"mesh", "rootNamespace: ["}}));
  CHECK(fixture.shows("[!] configuration-reload: the old one stays"));
  CHECK(fixture.state->world().get()->root_namespace == "mesh-root");
  fixture.api.put(kMaps, config_map("istio", {{"mesh", "rootNamespace: moved"}}));
  CHECK(eventually([&] { return fixture.state->world().get()->root_namespace == "moved"; }));
  CHECK(eventually(
      [&] { return fixture.state->health().text().find("reload") == std::string::npos; }));
  fixture.api.remove(kMaps, "istio");
  CHECK(fixture.shows("ConfigMap istio-system/istio is not there"));
  CHECK(fixture.state->world().get()->native);
}

TEST_CASE("a revision has ConfigMaps of its own") {
  Fixture fixture;
  fixture.options.switches.revision = "canary";
  fixture.put_config_maps("-canary");
  fixture.start();
  CHECK(fixture.becomes_ready());
}

TEST_CASE("a caBundle that is taken away comes back; what an admin adds stays") {
  Fixture fixture;
  fixture.api.put(kMutating, webhooks("sluice-injector", "namespace.injector.sluice.dev"));
  fixture.start();
  CHECK(eventually([&] { return !fixture.bundle(kMutating).empty(); }));
  json edited = fixture.api.object(kMutating, "sluice-injector");
  edited["webhooks"][0]["clientConfig"]["caBundle"] = "eA==";
  edited["webhooks"][0]["failurePolicy"] = "Ignore";
  const json another{{"name", "admin.example.com"}, {"clientConfig", {{"url", "u"}}}};
  edited["webhooks"].insert(edited["webhooks"].begin(), another);
  fixture.api.put(kMutating, edited);
  CHECK(eventually([&] {
    const json now = fixture.api.object(kMutating, "sluice-injector");
    return now["webhooks"][1]["clientConfig"].value("caBundle", "") == fixture.trusted();
  }));
  const json now = fixture.api.object(kMutating, "sluice-injector");
  CHECK(now["webhooks"][0] == edited["webhooks"][0]);
  CHECK(now["webhooks"][1]["failurePolicy"] == "Ignore");
  fixture.api.remove(kMutating, "sluice-injector");
  fixture.api.put(kMutating, webhooks("sluice-injector", "namespace.injector.sluice.dev"));
  CHECK(eventually([&] { return fixture.bundle(kMutating) == fixture.trusted(); }));
}

TEST_CASE("a patch that is refused is counted, said, and tried until it succeeds") {
  Fixture fixture;
  fixture.api.refuse("PATCH", kMutating, 403);
  fixture.api.put(kMutating, webhooks("sluice-injector", "namespace.injector.sluice.dev"));
  fixture.start();
  CHECK(fixture.shows("[!] ca-bundle: webhook configuration sluice-injector: PATCH "));
  CHECK(fixture.state->metrics().text().find(
            "webhook_patch_failures_total{name=\"sluice-injector\",reason=\"denied\"}") !=
        std::string::npos);
  fixture.api.refuse_nothing();
  CHECK(eventually([&] { return !fixture.bundle(kMutating).empty(); }));
  CHECK(eventually(
      [&] { return fixture.state->health().text().find("ca-bundle") == std::string::npos; }));
}

TEST_CASE("several replicas that start at once serve the same certificate") {
  Fixture fixture;
  std::mutex mutex;
  std::map<int, OwnCertificate> held;
  std::vector<std::unique_ptr<SecretKeeper>> replicas;
  for (int i = 0; i < 4; ++i) {
    SecretOptions options;
    options.namespace_name = "sluice-system";
    options.name = "shared";
    options.names = {"sluice-injector.sluice-system.svc"};
    replicas.push_back(SecretKeeper::start(fixture.api.client(), options,
                                           {[&, i](const OwnCertificate& certificate) {
                                              const std::lock_guard lock(mutex);
                                              held[i] = certificate;
                                            },
                                            [](const Error&) {}}));
  }
  CHECK(eventually([&] {
    const OwnCertificate stored = certificate_in(fixture.api.object(kSecrets, "shared"));
    const std::lock_guard lock(mutex);
    return held.size() == 4 && held[0] == stored && held[1] == stored && held[2] == stored &&
           held[3] == stored;
  }));
}

TEST_CASE("a Secret that is emptied is filled again, and its other keys stay") {
  Fixture fixture;
  fixture.start();
  CHECK(eventually([&] { return !fixture.trusted().empty(); }));
  const std::string before = fixture.trusted();
  json emptied = fixture.api.object(kSecrets, "sluice-injector-tls");
  emptied["data"] = {{"other", "eA=="}};
  fixture.api.put(kSecrets, emptied);
  CHECK(eventually([&] { return !fixture.trusted().empty() && fixture.trusted() != before; }));
  CHECK(fixture.api.object(kSecrets, "sluice-injector-tls")["data"]["other"] == "eA==");
}

TEST_CASE("another injector for the same pods is noticed, and so is its end") {
  Fixture fixture;
  fixture.api.put(kMutating, webhooks("sluice-injector", "namespace.injector.sluice.dev"));
  fixture.api.put(kMutating, webhooks("istio-sidecar-injector", "x.sidecar-injector.istio.io"));
  fixture.start();
  CHECK(
      fixture.shows("[!] other-injectors: called for the same pods: "
                    "istio-sidecar-injector/x.sidecar-injector.istio.io"));
  CHECK(fixture.says("another injector is called for the same pods"));
  CHECK(fixture.state->metrics().other_injectors == 1);
  fixture.api.remove(kMutating, "istio-sidecar-injector");
  CHECK(eventually([&] { return fixture.state->metrics().other_injectors == 0; }));
}

TEST_CASE("nodes, namespaces and ProxyConfigs reach the reviews, where they are asked for") {
  Fixture fixture;
  fixture.options.native_sidecars = NativeSidecars::Auto;
  fixture.options.switches.platform = "openshift";
  fixture.put_config_maps();
  fixture.api.put("/api/v1/nodes", {{"metadata", {{"name", "n"}}},
                                    {"status", {{"nodeInfo", {{"kubeletVersion", "v1.33.0"}}}}}});
  fixture.api.put("/api/v1/namespaces",
                  {{"metadata", {{"name", "bookinfo"}, {"annotations", {{"a", "b"}}}}},
                   {"spec", {{"finalizers", {"kubernetes"}}}}});
  fixture.api.put(kProxyConfigs, {{"metadata", {{"name", "p"}, {"namespace", "bookinfo"}}},
                                  {"spec", {{"concurrency", 3}}}});
  fixture.start();
  CHECK(fixture.becomes_ready());
  const auto world = fixture.state->world().get();
  CHECK(world->native_by_node.everywhere);
  CHECK(world->namespaces.at("bookinfo") ==
        json{{"metadata", {{"name", "bookinfo"}, {"annotations", {{"a", "b"}}}}}});
  REQUIRE(world->proxy_configs.size() == 1);
  CHECK(world->proxy_configs[0].spec == json{{"concurrency", 3}});
  fixture.api.put("/api/v1/nodes", {{"metadata", {{"name", "old"}}},
                                    {"status", {{"nodeInfo", {{"kubeletVersion", "v1.30.0"}}}}}});
  CHECK(eventually([&] { return !fixture.state->world().get()->native_by_node.everywhere; }));
}

TEST_CASE("what may not be listed is said, and does not keep the injector from serving") {
  Fixture fixture;
  fixture.options.native_sidecars = NativeSidecars::Auto;
  fixture.put_config_maps();
  fixture.api.refuse("GET", "/api/v1/nodes", 403);
  fixture.start();
  CHECK(fixture.shows("[!] nodes: "));
  CHECK(fixture.shows("[+] proxyconfigs: this cluster has none"));
  CHECK(fixture.becomes_ready());
  CHECK_FALSE(fixture.state->world().get()->native_by_node.everywhere);
}
