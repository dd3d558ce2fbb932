#pragma once

// What an overlay needs, as tests set it up.

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "injector/pod/containers.h"
#include "injector/pod/overlay.h"
#include "injector/pod/previous.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {

struct World {
  std::vector<nlohmann::json> rendered;
  Configuration configuration;
  nlohmann::json proxy_config = {{"statusPort", 15020}};
  std::map<std::string, std::string> proxy_env{};
  std::string network{};

  [[nodiscard]] Result<Overlaid> lay_over(const nlohmann::json& pod) const {
    if (auto shape = check_shape(pod); !shape) return fail(std::move(shape).error());
    if (const auto faults = previous_faults(pod); !faults.empty()) {
      return fail(Errc::Invalid, joined(faults));
    }
    return overlay({pod, rendered, configuration, proxy_config, proxy_env, network});
  }
};

/// A mesh with Istio's defaults, as far as the overlay looks at it.
[[nodiscard]] inline World plain_world() {
  World world;
  world.configuration.values = {{"sidecarInjectorWebhook", {{"rewriteAppHTTPProbe", true}}}};
  world.configuration.mesh.document = {{"enablePrometheusMerge", true},
                                       {"defaultConfig", {{"statusPort", 15020}}}};
  return world;
}

inline constexpr const char* kProxy = R"({"name":"istio-proxy","image":"proxy:1",
    "args":["proxy","sidecar"],"env":[{"name":"POD_NAME","value":"p"},
    {"name":"ISTIO_META_CLUSTER_ID","value":"of-the-template"},{"name":"LAST","value":"l"}],
    "ports":[{"containerPort":15090,"name":"http-envoy-prom","protocol":"TCP"}],
    "resources":{"limits":{"cpu":"2","memory":"1Gi"}},
    "securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},
    "privileged":false,"readOnlyRootFilesystem":true,"runAsGroup":1337,"runAsNonRoot":true,
    "runAsUser":1337},"volumeMounts":[{"mountPath":"/etc/istio/proxy","name":"istio-envoy"}]})";

inline nlohmann::json ordinary_template() {
  nlohmann::json pod = {{"metadata",
                         {{"labels", {{"security.istio.io/tlsMode", "istio"}}},
                          {"annotations", {{"istio.io/rev", "default"}}}}}};
  pod["spec"]["containers"] = nlohmann::json::array({nlohmann::json::parse(kProxy)});
  pod["spec"]["volumes"] = nlohmann::json::parse(R"([{"name":"workload-socket","emptyDir":null},
      {"name":"istio-envoy","emptyDir":{"medium":"Memory"}}])");
  return pod;
}

inline nlohmann::json native_template() {
  nlohmann::json pod = ordinary_template();
  nlohmann::json proxy = pod["spec"]["containers"][0];
  proxy["restartPolicy"] = "Always";
  pod["spec"]["initContainers"] = nlohmann::json::array({std::move(proxy)});
  pod["spec"].erase("containers");
  return pod;
}

inline World world_with(nlohmann::json rendered) {
  World world = plain_world();
  world.rendered = {std::move(rendered)};
  return world;
}

inline nlohmann::json app_pod() {
  return nlohmann::json::parse(R"({"metadata":{"name":"shop"},"spec":{"containers":[
      {"name":"app","image":"a:1","ports":[{"containerPort":80,"name":"http"}]}]}})");
}

/// The app's pod with an istio-proxy of the user's own in `list`.
inline nlohmann::json pod_with_proxy(const char* proxy, const char* list = "containers") {
  nlohmann::json pod = app_pod();
  nlohmann::json own = nlohmann::json::parse(proxy);
  own["name"] = "istio-proxy";
  if (!own.contains("image")) own["image"] = "auto";
  pod["spec"][list].push_back(std::move(own));
  return pod;
}

inline Overlaid laid_over(const World& world, const nlohmann::json& pod) {
  auto done = world.lay_over(pod);
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  return *std::move(done);
}

inline std::vector<std::string> names(const nlohmann::json& pod, const char* list) {
  std::vector<std::string> out;
  for (const nlohmann::json& one : pod["spec"].value(list, nlohmann::json::array()))
    out.emplace_back(name_of(one));
  return out;
}

using Names = std::vector<std::string>;

}  // namespace sluice::injector
