#include "conf/mesh/proxy_config.h"

#include <algorithm>

#include "conf/kube/yaml.h"
#include "conf/mesh/message.h"
#include "conf/mesh/messages.h"
#include "conf/mesh/validation.h"
#include "rules/policy/quoted.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;

/// proxyHeaders replaces what was there, but for the parts that it leaves out of these.
void keep_headers(const json& before, json& after) {
  const auto was = before.find("proxyHeaders");
  const auto is = after.find("proxyHeaders");
  if (was == before.end() || is == after.end()) return;
  for (const char* part :
       {"forwardedClientCert", "requestId", "attemptCount", "server", "envoyDebugHeaders"}) {
    if (was->contains(part) && !is->contains(part)) (*is)[part] = (*was)[part];
  }
}

Result<void> merge_document(json& config, const json& document, std::string_view path) {
  const json before = config;
  RETURN_IF_ERROR(read_message(document, kProxyConfig, path, config));
  if (const auto was = before.find("proxyMetadata"); was != before.end()) {
    json& metadata = config["proxyMetadata"];
    if (!metadata.is_object()) metadata = json::object();
    metadata.insert(was->begin(), was->end());  // what is already there stays
  }
  keep_headers(before, config);
  return {};
}

bool has_selector(const json& spec) {
  const auto selector = spec.find("selector");
  return selector != spec.end() && !selector->is_null();
}

bool selects_pod(const json& spec, const std::map<std::string, std::string>& labels) {
  const auto selector = spec.find("selector");
  if (selector == spec.end() || !selector->is_object()) return false;
  const auto wanted = selector->find("matchLabels");
  if (wanted == selector->end() || !wanted->is_object() || wanted->empty()) return false;
  return std::ranges::all_of(wanted->items(), [&](const auto& label) {
    const auto at = labels.find(label.key());
    return at != labels.end() && label.value() == at->second;
  });
}

/// The oldest resource in `namespace_name` that fits, or nullptr.
template <class Fits>
const ProxyConfigResource* oldest(const std::vector<ProxyConfigResource>& resources,
                                  std::string_view namespace_name, Fits fits) {
  const ProxyConfigResource* found = nullptr;
  for (const auto& resource : resources) {
    if (resource.namespace_name != namespace_name || !fits(resource.spec)) continue;
    if (found == nullptr ||
        std::tie(resource.created, resource.name) < std::tie(found->created, found->name)) {
      found = &resource;
    }
  }
  return found;
}

/// What a resource may set, under the names that it has in a ProxyConfig message.
Result<void> apply(const ProxyConfigResource* resource, json& config) {
  if (resource == nullptr) return {};
  json document = json::object();
  constexpr const char* Names[][2] = {{"concurrency", "concurrency"},
                                      {"environmentVariables", "proxyMetadata"},
                                      {"image", "image"}};
  for (const auto& [theirs, ours] : Names) {
    if (resource->spec.contains(theirs)) document[ours] = resource->spec[theirs];
  }
  return merge_document(config, document,
                        "ProxyConfig " + resource->namespace_name + "/" + resource->name);
}

Result<void> check(const json& config, std::string_view path) {
  auto problems = proxy_config_problems(config);
  if (problems.empty()) return {};
  for (auto& problem : problems) problem.insert(0, std::string(path) + ".");
  return fail(Errc::Invalid, joined(problems));
}

}  // namespace

const json& default_proxy_config() {
  static const json config = {
      {"configPath", "./etc/istio/proxy"},
      {"binaryPath", "/usr/local/bin/envoy"},
      {"serviceCluster", "istio-proxy"},
      {"drainDuration", "45s"},
      {"discoveryAddress", "istiod.istio-system.svc:15012"},
      {"proxyAdminPort", 15000},
      {"controlPlaneAuthPolicy", "MUTUAL_TLS"},
      {"statNameLength", 189},
      {"statusPort", kAgentPort.number()},
      {"terminationDrainDuration", "5s"},
  };
  return config;
}

Result<json> merge_proxy_config_document(const json& base, const json& document,
                                         std::string_view path) {
  json config = base;
  if (document.is_null()) return config;
  RETURN_IF_ERROR(merge_document(config, document, path));
  return config;
}

Result<json> merge_proxy_config(const json& base, std::string_view yaml) {
  constexpr std::string_view Path = "ProxyConfig";
  ASSIGN_OR_RETURN(const json document, yaml_or_nothing(yaml));
  ASSIGN_OR_RETURN(json config, merge_proxy_config_document(base, document, Path));
  RETURN_IF_ERROR(check(config, Path));
  return config;
}

Result<json> effective_proxy_config(const MeshConfig& mesh,
                                    const std::vector<ProxyConfigResource>& resources,
                                    std::string_view namespace_name,
                                    const std::map<std::string, std::string>& labels,
                                    std::string_view annotation) {
  const std::string root = mesh.document.value("rootNamespace", "");
  const auto for_all = [](const json& spec) { return !has_selector(spec); };
  json config = mesh.document.at("defaultConfig");
  RETURN_IF_ERROR(apply(oldest(resources, root, for_all), config));
  if (namespace_name != root) {
    RETURN_IF_ERROR(apply(oldest(resources, namespace_name, for_all), config));
  }
  if (!annotation.empty()) {
    ASSIGN_OR_RETURN(config, merge_proxy_config(config, annotation));
  }
  const auto for_pod = [&](const json& spec) { return selects_pod(spec, labels); };
  RETURN_IF_ERROR(apply(oldest(resources, namespace_name, for_pod), config));
  return config;
}

std::string proxy_config_text(const json& proxy_config) {
  json shown = proxy_config.is_object() ? proxy_config : json::object();
  for (const auto& [name, value] : default_proxy_config().items()) {
    if (const auto at = shown.find(name); at != shown.end() && *at == value) shown.erase(at);
  }
  return message_text(shown, kProxyConfig);
}

Result<json> yaml_or_nothing(std::string_view text) {
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    const auto first = line.find_first_not_of(" \t\r");
    const bool said =
        first != std::string_view::npos && line[first] != '#' && line.substr(first, 3) != "---";
    if (said) return kube::yaml_to_json(text);
    if (line.starts_with("--- ")) return kube::yaml_to_json(text);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return json(nullptr);
}

}  // namespace sluice::mesh
