#pragma once

// Metrics: the proxy's and the application's are scraped as one from the proxy's agent, which needs
// to know where the application's are.

#include <string_view>

#include <nlohmann/json.hpp>

#include "rules/base/result.h"

namespace sluice::injector {

/// The proxy's variable that tells the agent what to scrape.
inline constexpr std::string_view kScraping = "ISTIO_PROMETHEUS_ANNOTATIONS";

/// The port of the proxy's agent: the effective ProxyConfig's, the mesh's or Istio's default.
[[nodiscard]] int agent_port_of(const nlohmann::json& proxy_config, const nlohmann::json& mesh);

/// Invalid when merge_metrics() would find a port in these annotations that cannot be scraped.
[[nodiscard]] Result<void> check_metrics(const nlohmann::json& pod, const nlohmann::json& mesh,
                                         int agent_port);

/// Moves the pod's own scrape annotations into istio-proxy's environment and points the annotations
/// to the agent, unless somebody said not to. Invalid when they name a port that cannot be scraped.
[[nodiscard]] Result<void> merge_metrics(nlohmann::json& pod, const nlohmann::json& mesh,
                                         int agent_port);

/// Annotates where metrics can be had over mTLS, if the proxy's environment says that they can.
void annotate_secure_port(nlohmann::json& pod);

/// Takes the scrape annotations that merge_metrics() wrote away.
void forget_merged_metrics(nlohmann::json& pod);

}  // namespace sluice::injector
