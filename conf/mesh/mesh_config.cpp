#include "conf/mesh/mesh_config.h"

#include <set>

#include "conf/mesh/message.h"
#include "conf/mesh/messages.h"
#include "conf/mesh/proxy_config.h"
#include "conf/mesh/validation.h"
#include "rules/policy/quoted.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;

const json& default_mesh_config() {
  static const json config = {
      {"enableTracing", true},
      {"protocolDetectionTimeout", "0s"},
      {"ingressService", "istio-ingressgateway"},
      {"ingressControllerMode", "STRICT"},
      {"ingressClass", "istio"},
      {"trustDomain", "cluster.local"},
      {"enableAutoMtls", true},
      {"outboundTrafficPolicy", {{"mode", "ALLOW_ANY"}}},
      {"inboundTrafficPolicy", json::object()},
      {"localityLbSetting", {{"enabled", true}}},
      {"rootNamespace", "istio-system"},
      {"proxyListenPort", 15001},
      {"proxyInboundListenPort", 15006},
      {"connectTimeout", "10s"},
      {"defaultServiceExportTo", {"*"}},
      {"defaultVirtualServiceExportTo", {"*"}},
      {"defaultDestinationRuleExportTo", {"*"}},
      {"dnsRefreshRate", "60s"},
      {"enablePrometheusMerge", true},
      {"defaultProviders", json::object()},
      {"extensionProviders",
       {{{"name", "prometheus"}, {"prometheus", json::object()}},
        {{"name", "stackdriver"}, {"stackdriver", json::object()}},
        {{"name", "envoy"}, {"envoyFileAccessLog", {{"path", "/dev/stdout"}}}}}},
  };
  return config;
}

/// `field` of what a user wrote, by either of its names; null when it is not there.
json take(json& document, const char* camel, const char* snake) {
  json value = document.value(camel, document.value(snake, json(nullptr)));
  document.erase(camel);
  document.erase(snake);
  return value;
}

/// The providers of `added` over those of `known` with the same names.
json merge_providers(const json& known, const json& added) {
  json providers = known;
  for (const json& provider : added) {
    const auto same = [&](const json& other) {
      return other.value("name", "") == provider.value("name", "");
    };
    const auto at = std::find_if(providers.begin(), providers.end(), same);
    if (at == providers.end()) {
      providers.push_back(provider);
    } else {
      *at = provider;
    }
  }
  return providers;
}

/// Sorted, each once.
void tidy_aliases(json& config) {
  const auto aliases = config.find("trustDomainAliases");
  if (aliases == config.end()) return;
  *aliases = json(aliases->get<std::set<std::string>>());
}

Result<void> apply(json document, json& config) {
  constexpr std::string_view Path = "MeshConfig";
  if (document.is_null()) return {};
  if (!document.is_object()) return read_message(document, kMeshConfig, Path, config);
  const json proxy = take(document, "defaultConfig", "default_config");
  const json providers = take(document, "defaultProviders", "default_providers");
  const json known = config["extensionProviders"];
  RETURN_IF_ERROR(read_message(document, kMeshConfig, Path, config));
  ASSIGN_OR_RETURN(
      config["defaultConfig"],
      merge_proxy_config_document(config["defaultConfig"], proxy, "MeshConfig.defaultConfig"));
  if (!providers.is_null()) {
    json wrapped = {{"defaultProviders", providers}};
    RETURN_IF_ERROR(read_message(wrapped, kMeshConfig, Path, config));
  }
  config["extensionProviders"] =
      merge_providers(known, config.value("extensionProviders", json::array()));
  tidy_aliases(config);
  return {};
}

}  // namespace

Result<MeshConfig> parse_mesh_config(std::string_view yaml) {
  MeshConfig mesh{default_mesh_config()};
  mesh.document["defaultConfig"] = default_proxy_config();
  ASSIGN_OR_RETURN(json document, yaml_or_nothing(yaml));
  RETURN_IF_ERROR(apply(std::move(document), mesh.document));
  auto problems = mesh_config_problems(mesh.document);
  if (problems.empty()) return mesh;
  for (auto& problem : problems) problem.insert(0, "MeshConfig.");
  return fail(Errc::Invalid, joined(problems));
}

}  // namespace sluice::mesh
