#include "injector/webhook/ca_bundle.h"

#include "conf/kube/kubeconfig.h"
#include "injector/webhook/base64.h"
#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

/// cert-manager is asked to keep the caBundle. What it merges with ours is not to be taken away.
bool is_shared(const json& configuration) {
  return !at_path(configuration, {"metadata", "annotations", "cert-manager.io/inject-ca-from"})
              .is_null();
}

/// Whether each certificate of the PEM text is in the bundle, among others.
bool holds(const std::string& bundle, std::string_view ca_pem) {
  const auto held = kube::decode_base64(bundle);
  if (!held) return false;
  for (auto end = ca_pem.find(kEnd); end != std::string_view::npos; end = ca_pem.find(kEnd)) {
    const auto begin = ca_pem.find_first_not_of('\n');
    if (held->find(ca_pem.substr(begin, end - begin)) == std::string::npos) return false;
    ca_pem.remove_prefix(end + kEnd.size());
  }
  return true;
}

}  // namespace

json ca_bundle_patch(const json& configuration, std::string_view ca_pem) {
  std::string bundle;
  append_base64(bundle, ca_pem);
  json operations = json::array();
  const bool shared = is_shared(configuration);
  const json& webhooks = at_path(configuration, {"webhooks"});
  for (std::size_t i = 0; webhooks.is_array() && i < webhooks.size(); ++i) {
    const json& webhook = webhooks[i];
    const std::string name = text_at(webhook, {"name"});
    if (!name.ends_with(kOwnWebhooks) || member(webhook, "clientConfig") == nullptr) continue;
    const std::string now = text_at(webhook, {"clientConfig", "caBundle"});
    if (now == bundle || (shared && !now.empty() && holds(now, ca_pem))) continue;
    const std::string path = "/webhooks/" + std::to_string(i);
    operations.push_back({{"op", "test"}, {"path", path + "/name"}, {"value", name}});
    operations.push_back(
        {{"op", "add"}, {"path", path + "/clientConfig/caBundle"}, {"value", bundle}});
  }
  return operations;
}

}  // namespace sluice::webhook
