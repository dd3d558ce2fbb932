#pragma once

// What happens to a pod once its templates are rendered: merge, overrides, probes, metrics, order,
// status, and the rule that makes Sluice what it is: the proxy and nothing else.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/injection.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::injector {

/// What the overlay needs to know beside the pod.
struct OverlayInput {
  const nlohmann::json& original;        ///< the pod as it came, without faults
  std::vector<nlohmann::json> rendered;  ///< one partial pod a template, in order
  const Configuration& configuration;
  const nlohmann::json& proxy_config;            ///< effective, annotation included
  std::map<std::string, std::string> proxy_env;  ///< forced to the end of istio-proxy's env
  std::string network;                           ///< topology.istio.io/network, or empty
  std::int64_t proxy_uid = kDefaultProxyId;      ///< as the templates were told
};

struct Overlaid {
  nlohmann::json pod;
  std::vector<std::string> warnings;
};

/// Invalid, naming the field, for a port that cannot be scraped or a template that does not fit.
/// Other faults of the pod were looked for before: check_shape() and previous_faults().
[[nodiscard]] Result<Overlaid> overlay(OverlayInput input);

}  // namespace sluice::injector
