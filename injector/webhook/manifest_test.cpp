// The manifests that install the injector: whom their webhooks select, and what they may not say.

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "conf/kube/yaml.h"
#include "injector/webhook/ca_bundle.h"
#include "injector/webhook/selectors.h"

using namespace sluice;
using namespace sluice::webhook;
using nlohmann::json;

namespace {

using Value = std::optional<std::string>;

constexpr const char* kInjection = "istio-injection";
constexpr const char* kRevision = "istio.io/rev";
constexpr const char* kInject = "sidecar.istio.io/inject";

std::vector<json> documents(const std::string& name) {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/conf/deploy/injector/" + name);
  REQUIRE(file.good());
  std::vector<json> all;
  std::string text;
  const auto finish = [&] {
    all.push_back(kube::yaml_to_json(text).value());
    text.clear();
  };
  for (std::string line; std::getline(file, line);) {
    if (line == "---") {
      finish();
    } else {
      text += line + "\n";
    }
  }
  finish();
  return all;
}

json document(const std::string& name) {
  const auto all = documents(name);
  REQUIRE(all.size() == 1);
  return all.front();
}

struct Who {
  Value injection;  // of the namespace
  Value revision;   // of the namespace
  Value inject;     // of the pod
  Value pod_revision;
  std::string space = "bookinfo";
};

LabelMap labels(std::initializer_list<std::pair<const char*, Value>> given) {
  LabelMap map;
  for (const auto& [key, value] : given) {
    if (value) map[key] = *value;
  }
  return map;
}

/// The webhooks that are called for a new pod.
std::vector<std::string> called(const json& configuration, const Who& who) {
  const LabelMap space = labels({{kInjection, who.injection},
                                 {kRevision, who.revision},
                                 {"kubernetes.io/metadata.name", who.space}});
  const LabelMap pod = labels({{kInject, who.inject}, {kRevision, who.pod_revision}});
  std::vector<std::string> names;
  for (const json& webhook : configuration["webhooks"]) {
    if (matches(webhook["namespaceSelector"], space) && matches(webhook["objectSelector"], pod)) {
      names.push_back(webhook["name"]);
    }
  }
  return names;
}

const std::array<Value, 4> kInjections{std::nullopt, "enabled", "disabled", ""};
const std::array<Value, 4> kRevisions{std::nullopt, "default", "canary", ""};
const std::array<Value, 5> kInjects{std::nullopt, "true", "false", "yes", ""};

template <class Look>
void for_everybody(Look look) {
  for (const Value& injection : kInjections) {
    for (const Value& revision : kRevisions) {
      for (const Value& inject : kInjects) {
        for (const Value& pod_revision : kRevisions)
          look({injection, revision, inject, pod_revision});
      }
    }
  }
}

std::string text(const Who& who) {
  std::string all;
  for (const Value& value : {who.injection, who.revision, who.inject, who.pod_revision}) {
    all += value.value_or("absent") + " ";
  }
  return all;
}

}  // namespace

TEST_CASE("a pod is injected by default, by its namespace's labels and by its own") {
  struct Row {
    Who who;
    const char* webhook;  // nullptr: none
  };
  constexpr Value absent = std::nullopt;
  constexpr const char* Namespace = "namespace.injector.sluice.dev";
  constexpr const char* Object = "object.injector.sluice.dev";
  constexpr const char* RevNamespace = "rev.namespace.injector.sluice.dev";
  constexpr const char* RevObject = "rev.object.injector.sluice.dev";
  const json configuration = document("mutating-webhook.yaml");
  for (const Row& row :
       std::initializer_list<Row>{{{"enabled", absent, absent, absent}, Namespace},
                                  {{"enabled", "canary", absent, absent}, Namespace},
                                  {{"enabled", "default", "true", "canary"}, Namespace},
                                  {{"enabled", absent, "yes", absent}, Namespace},
                                  {{"enabled", absent, "false", absent}, nullptr},
                                  {{"enabled", "default", "false", "default"}, nullptr},
                                  {{"disabled", absent, "true", absent}, nullptr},
                                  {{"disabled", "default", "true", "default"}, nullptr},
                                  {{"", absent, "true", absent}, nullptr},
                                  {{absent, "default", absent, absent}, RevNamespace},
                                  {{absent, "default", "true", "canary"}, RevNamespace},
                                  {{absent, "default", "false", absent}, nullptr},
                                  {{absent, "canary", "true", "default"}, nullptr},
                                  {{absent, absent, "true", absent}, Object},
                                  {{absent, absent, absent, "default"}, RevObject},
                                  {{absent, absent, "true", "default"}, RevObject},
                                  {{absent, absent, "false", "default"}, nullptr},
                                  {{absent, absent, "true", "canary"}, nullptr},
                                  {{absent, absent, absent, absent}, nullptr},
                                  {{absent, absent, "yes", absent}, nullptr},
                                  {{"enabled", absent, "true", absent, "sluice-system"}, nullptr},
                                  {{"enabled", absent, "true", absent, "kube-system"}, nullptr}}) {
    CAPTURE(text(row.who));
    const auto expected =
        row.webhook == nullptr ? std::vector<std::string>() : std::vector<std::string>{row.webhook};
    CHECK(called(configuration, row.who) == expected);
  }
}

TEST_CASE("for every mixture of labels the selectors say what Istio's rules say, once") {
  const json configuration = document("mutating-webhook.yaml");
  for_everybody([&](const Who& who) {
    CAPTURE(text(who));
    const bool opted_out = who.inject == "false";
    bool expected = false;
    if (who.injection) {
      expected = who.injection == "enabled" && !opted_out;
    } else if (who.revision) {
      expected = who.revision == "default" && !opted_out;
    } else if (who.pod_revision) {
      expected = who.pod_revision == "default" && !opted_out;
    } else {
      expected = who.inject == "true";
    }
    CHECK(called(configuration, who).size() == (expected ? 1 : 0));
  });
}

TEST_CASE("with the automatic one, pods that say nothing in namespaces that say nothing as well") {
  const json usual = document("mutating-webhook.yaml");
  const json automatic = document("mutating-webhook-auto.yaml");
  for_everybody([&](const Who& who) {
    CAPTURE(text(who));
    const bool silent = !who.injection && !who.revision && !who.inject && !who.pod_revision;
    CHECK(called(automatic, who).size() == (silent ? 1 : 0));
    CHECK(called(automatic, who).size() + called(usual, who).size() <= 1);
  });
  for (const char* space : {"kube-system", "kube-public", "kube-node-lease", "local-path-storage",
                            "sluice-system", "istio-system"}) {
    CHECK(called(automatic, {{}, {}, {}, {}, space}).empty());
  }
}

TEST_CASE("workloads are validated where their pods could be injected") {
  const json configuration = document("validating-webhook.yaml");
  for_everybody([&](const Who& who) {
    CAPTURE(text(who));
    std::string path;
    for (const json& webhook : configuration["webhooks"]) {
      const LabelMap space = labels({{kInjection, who.injection},
                                     {kRevision, who.revision},
                                     {"kubernetes.io/metadata.name", who.space}});
      if (!matches(webhook["namespaceSelector"], space)) continue;
      CHECK(path.empty());
      path = webhook["clientConfig"]["service"]["path"];
    }
    if (who.injection) {
      CHECK(path == (who.injection == "enabled" ? "/validate" : ""));
    } else if (who.revision) {
      CHECK(path == (who.revision == "default" ? "/validate" : ""));
    } else {
      CHECK(path == "/validate/opt-in");
    }
  });
}

TEST_CASE("nothing in them makes istiod take them for its own, or stops the injector itself") {
  std::set<std::string> names;
  for (const char* file :
       {"mutating-webhook.yaml", "mutating-webhook-auto.yaml", "validating-webhook.yaml"}) {
    CAPTURE(file);
    const json configuration = document(file);
    CHECK_FALSE(configuration["metadata"]["labels"].contains(kRevision));
    for (const json& webhook : configuration["webhooks"]) {
      const std::string name = webhook["name"];
      CAPTURE(name);
      CHECK(names.insert(name).second);
      CHECK(name.ends_with(kOwnWebhooks));
      CHECK_FALSE(name.ends_with("sidecar-injector.istio.io"));
      CHECK_FALSE(webhook["clientConfig"].contains("caBundle"));
      CHECK(webhook["sideEffects"] == "None");
      CHECK(webhook["admissionReviewVersions"][0] == "v1");
      CHECK_FALSE(
          matches(webhook["namespaceSelector"],
                  {{kInjection, "enabled"}, {"kubernetes.io/metadata.name", "sluice-system"}}));
      CHECK(webhook["clientConfig"]["service"]["name"] == "sluice-injector");
      CHECK(webhook["failurePolicy"] ==
            (configuration["kind"] == "MutatingWebhookConfiguration" ? "Fail" : "Ignore"));
    }
  }
  CHECK(names.size() == 8);
}

TEST_CASE("the Deployment passes Pod Security restricted, with a read-only root") {
  const json pod = documents("deployment.yaml").at(0)["spec"]["template"]["spec"];
  CHECK(pod["securityContext"]["runAsNonRoot"] == true);
  CHECK(pod["securityContext"]["runAsUser"] != 0);
  CHECK(pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault");
  CHECK_FALSE(pod.contains("initContainers"));
  CHECK_FALSE(pod.contains("volumes"));
  for (const char* field : {"hostNetwork", "hostPID", "hostIPC"}) CHECK_FALSE(pod.contains(field));
  REQUIRE(pod["containers"].size() == 1);
  CHECK(pod["containers"][0]["securityContext"] == json{{"allowPrivilegeEscalation", false},
                                                        {"readOnlyRootFilesystem", true},
                                                        {"capabilities", {{"drop", {"ALL"}}}}});
  CHECK(document("namespace.yaml")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] ==
        "restricted");
}

TEST_CASE("the account may write its own webhook configurations and Secret, and nothing else") {
  std::set<std::string> written;
  for (const json& object : documents("rbac.yaml")) {
    if (!object.contains("rules")) continue;
    for (const json& rule : object["rules"]) {
      for (const json& verb : rule["verbs"]) {
        if (verb == "get" || verb == "list" || verb == "watch") continue;
        const json names = rule.value("resourceNames", json::array());
        for (const json& resource : rule["resources"]) {
          written.insert(verb.get<std::string>() + " " + resource.get<std::string>() + " " +
                         names.dump());
        }
      }
    }
  }
  CHECK(
      written ==
      std::set<std::string>{
          "create secrets []", "update secrets [\"sluice-injector-tls\"]",
          "patch mutatingwebhookconfigurations [\"sluice-injector\",\"sluice-injector-auto\"]",
          "patch validatingwebhookconfigurations [\"sluice-injector\",\"sluice-injector-auto\"]"});
}
