#pragma once

// What happens to a pod once its templates are rendered: merge, overrides, probes, metrics, order,
// status, and the rule that makes Sluice what it is: the proxy and nothing else.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/injection.h"

namespace sluice::injector {

/// What the templates see of a pod: without what an earlier injection put there, and with the
/// user's own istio-proxy where it will be, so that they see the same when the pod is injected
/// again. Nothing where the pod is so already, and they see itself.
[[nodiscard]] std::optional<nlohmann::json> strip_injected(const nlohmann::json& pod);
/// The same once it is known what the templates rendered. A status that names containers which they
/// do not make is somebody else's, or an older template's: those are the application's now, and
/// will be at every injection to come. Nothing where no such container is in the pod.
[[nodiscard]] std::optional<nlohmann::json> strip_injected(
    const nlohmann::json& pod, const std::vector<nlohmann::json>& rendered);

/// What the overlay needs to know beside the pod.
struct OverlayInput {
  const nlohmann::json& original;        ///< the pod as it came
  std::vector<nlohmann::json> rendered;  ///< one partial pod a template, in order
  const Configuration& configuration;
  const nlohmann::json& proxy_config;            ///< effective, annotation included
  std::map<std::string, std::string> proxy_env;  ///< forced to the end of istio-proxy's env
  std::string network;                           ///< topology.istio.io/network, or empty
  std::int64_t proxy_uid = 1337;                 ///< as the templates were told
};

struct Overlaid {
  nlohmann::json pod;
  std::vector<std::string> warnings;
};

/// Invalid or Malformed, naming the field, for a pod that is none, an annotation that is not what
/// an injector writes, a port that cannot be scraped, or a template that does not fit.
[[nodiscard]] Result<Overlaid> overlay(OverlayInput input);

}  // namespace sluice::injector
