#include "injector/builtin.h"

#include <nlohmann/json.hpp>

#include "injector/builtin/template.h"

namespace sluice::injector {

const mesh::InjectConfig& builtin_config() {
  static const mesh::InjectConfig config = [] {
    mesh::InjectConfig made;
    made.templates.emplace("sidecar", kBuiltinTemplate);
    made.default_templates = {"sidecar"};
    return made;
  }();
  return config;
}

const nlohmann::json& builtin_values() {
  static const nlohmann::json values = {
      {"global", {{"hub", "istio"}, {"tag", "1.30.0"}, {"proxy", {{"image", "proxyv2"}}}}},
      {"sidecarInjectorWebhook", {{"rewriteAppHTTPProbe", true}}},
  };
  return values;
}

nlohmann::json builtin_values_with(const nlohmann::json& own) {
  nlohmann::json values = builtin_values();
  if (own.is_object()) values.merge_patch(own);
  return values;
}

}  // namespace sluice::injector
