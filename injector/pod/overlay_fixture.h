#pragma once

// What an overlay needs beside a pod, as tests set it up.

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/pod/overlay.h"

namespace sluice::injector {

struct World {
  std::vector<nlohmann::json> rendered;
  Configuration configuration;
  nlohmann::json proxy_config = {{"statusPort", 15020}};
  std::map<std::string, std::string> proxy_env{};
  std::string network{};

  [[nodiscard]] Result<Overlaid> lay_over(const nlohmann::json& pod) const {
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

}  // namespace sluice::injector
