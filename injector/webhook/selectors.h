#pragma once

// Label selectors of webhook configurations: whom they select, and whether two select the same.

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sluice::webhook {

using LabelMap = std::map<std::string, std::string>;

/// As Kubernetes matches: an absent or empty selector takes everything, NotIn also what lacks the
/// label. An operator that does not exist takes nothing.
[[nodiscard]] bool matches(const nlohmann::json& selector, const LabelMap& labels);

/// Whether there can be labels that both select.
[[nodiscard]] bool overlap(const nlohmann::json& one, const nlohmann::json& other);

/// Whether a webhook of an admission configuration is called for new pods in general.
[[nodiscard]] bool is_for_new_pods(const nlohmann::json& webhook);

/// Webhooks in `others` that inject a proxy into pods that a webhook of `ours` is called for as
/// well: "CONFIGURATION/WEBHOOK". All are MutatingWebhookConfigurations.
[[nodiscard]] std::vector<std::string> other_injectors(const std::vector<nlohmann::json>& ours,
                                                       const std::vector<nlohmann::json>& others);

}  // namespace sluice::webhook
