#include "injector/webhook/ca_bundle.h"

#include "injector/webhook/base64.h"

namespace sluice::webhook {

using nlohmann::json;

json ca_bundle_patch(const json& configuration, std::string_view ca_pem) {
  std::string bundle;
  append_base64(bundle, ca_pem);
  json operations = json::array();
  const auto webhooks = configuration.find("webhooks");
  if (webhooks == configuration.end() || !webhooks->is_array()) return operations;
  for (std::size_t i = 0; i < webhooks->size(); ++i) {
    const json& webhook = (*webhooks)[i];
    if (!webhook.is_object()) continue;
    const auto name = webhook.find("name");
    const auto client = webhook.find("clientConfig");
    if (name == webhook.end() || !name->is_string() || client == webhook.end()) continue;
    if (!name->get_ref<const std::string&>().ends_with(kOwnWebhooks)) continue;
    if (client->value("caBundle", std::string()) == bundle) continue;
    const std::string path = "/webhooks/" + std::to_string(i);
    operations.push_back({{"op", "test"}, {"path", path + "/name"}, {"value", *name}});
    operations.push_back(
        {{"op", "add"}, {"path", path + "/clientConfig/caBundle"}, {"value", bundle}});
  }
  return operations;
}

}  // namespace sluice::webhook
