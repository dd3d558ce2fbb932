#include "injector/webhook/selectors.h"

#include <doctest/doctest.h>

using namespace sluice::webhook;
using nlohmann::json;

namespace {

json demand(const char* key, const char* what, json values = json::array()) {
  return {
      {"matchExpressions", {{{"key", key}, {"operator", what}, {"values", std::move(values)}}}}};
}

json injector(const char* configuration, const char* webhook, json spaces, json pods = nullptr) {
  return {{"metadata", {{"name", configuration}}},
          {"webhooks",
           {{{"name", webhook},
             {"clientConfig", {{"service", {{"path", "/inject"}}}}},
             {"rules", {{{"operations", {"CREATE"}}, {"resources", {"pods"}}}}},
             {"namespaceSelector", std::move(spaces)},
             {"objectSelector", std::move(pods)}}}}};
}

}  // namespace

TEST_CASE("a selector matches as Kubernetes matches") {
  struct Row {
    json selector;
    LabelMap labels;
    bool expected;
  };
  for (const Row& row :
       std::initializer_list<Row>{{nullptr, {}, true},
                                  {json::object(), {{"a", "b"}}, true},
                                  {{{"matchLabels", {{"a", "b"}}}}, {{"a", "b"}}, true},
                                  {{{"matchLabels", {{"a", "b"}}}}, {{"a", "c"}}, false},
                                  {{{"matchLabels", {{"a", "b"}}}}, {}, false},
                                  {demand("a", "In", {"b", "c"}), {{"a", "c"}}, true},
                                  {demand("a", "In", {"b", "c"}), {}, false},
                                  {demand("a", "NotIn", {"b"}), {{"a", "c"}}, true},
                                  {demand("a", "NotIn", {"b"}), {{"a", "b"}}, false},
                                  {demand("a", "NotIn", {"b"}), {}, true},
                                  {demand("a", "Exists"), {{"a", ""}}, true},
                                  {demand("a", "Exists"), {}, false},
                                  {demand("a", "DoesNotExist"), {}, true},
                                  {demand("a", "DoesNotExist"), {{"a", ""}}, false},
                                  {demand("a", "Almost"), {{"a", ""}}, false},
                                  {demand("a", "Almost"), {}, false}}) {
    CAPTURE(row.selector.dump());
    CHECK(matches(row.selector, row.labels) == row.expected);
  }
}

TEST_CASE("two selectors overlap when some labels satisfy both") {
  struct Row {
    json one;
    json other;
    bool expected;
  };
  for (const Row& row : std::initializer_list<Row>{
           {nullptr, nullptr, true},
           {demand("a", "In", {"x"}), nullptr, true},
           {demand("a", "In", {"x"}), demand("a", "In", {"x", "y"}), true},
           {demand("a", "In", {"x"}), demand("a", "In", {"y"}), false},
           {demand("a", "In", {"x"}), demand("b", "In", {"y"}), true},
           {demand("a", "In", {"x"}), demand("a", "NotIn", {"x"}), false},
           {demand("a", "In", {"x", "y"}), demand("a", "NotIn", {"x"}), true},
           {demand("a", "In", {"x"}), demand("a", "DoesNotExist"), false},
           {demand("a", "Exists"), demand("a", "DoesNotExist"), false},
           {demand("a", "NotIn", {"x"}), demand("a", "DoesNotExist"), true},
           {demand("a", "NotIn", {"x"}), demand("a", "NotIn", {"y"}), true},
           {demand("a", "In", json::array()), nullptr, false}}) {
    CAPTURE(row.one.dump());
    CAPTURE(row.other.dump());
    CHECK(overlap(row.one, row.other) == row.expected);
    CHECK(overlap(row.other, row.one) == row.expected);
  }
}

TEST_CASE("another injector is one that is called for the same pods") {
  const json enabled = demand("istio-injection", "In", {"enabled"});
  const json ours = injector("sluice-injector", "namespace.injector.sluice.dev", enabled);
  const json istio = injector("istio-sidecar-injector", "namespace.sidecar-injector.istio.io",
                              enabled, demand("sidecar.istio.io/inject", "NotIn", {"false"}));
  CHECK(other_injectors({ours}, {istio}) ==
        std::vector<std::string>{"istio-sidecar-injector/namespace.sidecar-injector.istio.io"});
  CHECK(other_injectors({ours}, {}).empty());
  CHECK(other_injectors({}, {istio}).empty());
  const json canary = injector("istio-sidecar-injector-canary", "x.sidecar-injector.istio.io",
                               demand("istio-injection", "DoesNotExist"));
  CHECK(other_injectors({ours}, {canary}).empty());

  json deactivated = istio;
  deactivated["webhooks"][0]["namespaceSelector"] = {
      {"matchLabels", {{"istio.io/deactivated", "never-match"}}}};
  CHECK(other_injectors({ours}, {deactivated}).empty());
  json something_else = istio;
  something_else["webhooks"][0]["name"] = "vault.hashicorp.com";
  something_else["webhooks"][0]["clientConfig"]["service"]["path"] = "/mutate";
  CHECK(other_injectors({ours}, {something_else}).empty());
  json services = istio;
  services["webhooks"][0]["rules"][0]["resources"] = {"services"};
  CHECK(other_injectors({ours}, {services}).empty());
  CHECK(other_injectors({ours}, {json::object()}).empty());
}
