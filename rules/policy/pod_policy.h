#pragma once

// RedirectPolicy from a Pod: Istio's annotations and environment, and Sluice's own extensions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/policy/pod.h"
#include "rules/policy/redirect_policy.h"

namespace sluice {

struct PodPolicy {
  RedirectPolicy policy;
  std::vector<std::string> warnings;  ///< what was ignored, as Istio ignores it, or will not work
};

/// The policy `pod` asks for. Needs no istio-proxy container: without one the proxy's ids are the
/// defaults. Invalid when annotations are bad; the message names each one, its value and what is
/// wrong with it, joined by "; ".
[[nodiscard]] Result<PodPolicy> pod_policy(const PodFacts& pod);

/// The container that is the proxy: named istio-proxy, regular or native sidecar.
[[nodiscard]] const Container* proxy_container(const PodFacts& pod);

/// What sidecar.istio.io/inject says: exactly "true" or "false"; anything else is no wish. Where
/// the label is there, even empty, the annotation of that name is not read. The plugin and the
/// injector share this, so that they cannot disagree about a pod.
[[nodiscard]] std::optional<bool> inject_wish(std::optional<std::string_view> label,
                                              std::optional<std::string_view> annotation);
[[nodiscard]] std::optional<bool> inject_wish(const PodFacts& pod);

}  // namespace sluice
