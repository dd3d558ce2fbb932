#pragma once

// Reviews, and worlds that answer them, for tests.

#include <string>
#include <utility>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "conf/kube/kubeconfig.h"
#include "injector/webhook/world.h"

namespace sluice::webhook {

inline nlohmann::json pod_object() {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"generateName", "shop-"},
            {"labels", {{"app", "shop"}}},
            {"managedFields", {{{"manager", "kubectl"}}}}}},
          {"spec", {{"containers", {{{"name", "app"}, {"image", "app:1"}}}}}}};
}

inline nlohmann::json review_of(nlohmann::json object, const std::string& operation = "CREATE",
                                const std::string& version = "v1") {
  const std::string kind = object.is_object() ? object.value("kind", "") : "";
  return {{"kind", "AdmissionReview"},
          {"apiVersion", "admission.k8s.io/" + version},
          {"request",
           {{"uid", "11-22"},
            {"kind", {{"group", ""}, {"version", "v1"}, {"kind", kind}}},
            {"namespace", "bookinfo"},
            {"operation", operation},
            {"userInfo", {{"username", "system:serviceaccount:kube-system:x"}}},
            {"object", std::move(object)},
            {"oldObject", nullptr},
            {"dryRun", false},
            {"options", {{"kind", "CreateOptions"}}}}}};
}

/// A world whose injector adds a container, refuses the annotation "bad", and skips the label
/// sidecar.istio.io/inject "false".
inline World small_world() {
  World world;
  world.native = world.ordinary = [](PodRequest request) -> Result<Injection> {
    const auto labels = request.pod["metadata"].value("labels", nlohmann::json::object());
    const auto annotations = request.pod["metadata"].value("annotations", nlohmann::json::object());
    if (annotations.contains("bad")) {
      return fail(Errc::Invalid, "annotation bad: \"1e9\" is no port");
    }
    if (annotations.contains("broken")) return fail(Errc::Unavailable, "out of order");
    Injection injection;
    injection.pod = std::move(request.pod);
    if (labels.value("sidecar.istio.io/inject", "") == "false") {
      injection.verdict = {false, "label", "the label says so"};
      return injection;
    }
    injection.verdict = {true, "policy", "the policy is enabled"};
    injection.pod["spec"]["containers"].push_back({{"name", "istio-proxy"}});
    if (annotations.contains("greedy")) injection.warnings = {"NET_ADMIN taken away"};
    return injection;
  };
  return world;
}

inline nlohmann::json response_in(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  REQUIRE(json.is_object());
  REQUIRE(json.contains("response"));
  return json.at("response");
}

/// The patch that a response carries, applied.
inline nlohmann::json patched(const nlohmann::json& object, const nlohmann::json& response) {
  const auto text = kube::decode_base64(response.at("patch").get<std::string>());
  REQUIRE(text.has_value());
  return object.patch(nlohmann::json::parse(*text));
}

}  // namespace sluice::webhook
