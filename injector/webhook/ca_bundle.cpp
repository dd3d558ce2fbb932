#include "injector/webhook/ca_bundle.h"

#include "injector/webhook/base64.h"
#include "rules/base/json.h"

namespace sluice::webhook {

using nlohmann::json;

json ca_bundle_patch(const json& configuration, std::string_view ca_pem) {
  std::string bundle;
  append_base64(bundle, ca_pem);
  json operations = json::array();
  const json& webhooks = at_path(configuration, {"webhooks"});
  for (std::size_t i = 0; webhooks.is_array() && i < webhooks.size(); ++i) {
    const json& webhook = webhooks[i];
    const std::string name = text_at(webhook, {"name"});
    if (!name.ends_with(kOwnWebhooks) || member(webhook, "clientConfig") == nullptr) continue;
    if (text_at(webhook, {"clientConfig", "caBundle"}) == bundle) continue;
    const std::string path = "/webhooks/" + std::to_string(i);
    operations.push_back({{"op", "test"}, {"path", path + "/name"}, {"value", name}});
    operations.push_back(
        {{"op", "add"}, {"path", path + "/clientConfig/caBundle"}, {"value", bundle}});
  }
  return operations;
}

}  // namespace sluice::webhook
