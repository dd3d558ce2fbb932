#include "plugin/verbs/select.h"

#include <algorithm>

#include "rules/policy/annotations.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/quoted.h"

namespace sluice {
namespace {

/// strconv.ParseBool's words for true.
bool is_true(const std::string& text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  return false;
}

bool has_container(const PodFacts& pod, std::string_view name) {
  return std::any_of(pod.containers.begin(), pod.containers.end(),
                     [&](const Container& c) { return c.name == name; });
}

/// `proxy sidecar ...` on the proxy's command line: gateways and the like run without redirect.
bool is_sidecar(const Container& proxy) {
  return proxy.args.size() < 2 || proxy.args[0] != "proxy" || proxy.args[1] == "sidecar";
}

}  // namespace

std::optional<std::string> reason_to_pass(const PodFacts& pod) {
  if (pod.host_network) return "the pod uses the host's network";
  if (has_container(pod, kIstioInit)) {
    return "container " + std::string(kIstioInit) + " makes the redirect itself";
  }
  const Container* proxy = proxy_container(pod);
  if (proxy == nullptr) return "there is no container istio-proxy";
  if (const auto at = proxy->env.find("DISABLE_ENVOY");
      at != proxy->env.end() && is_true(at->second)) {
    return "istio-proxy has DISABLE_ENVOY set";
  }
  if (!is_sidecar(*proxy))
    return "istio-proxy runs as " + in_quotes(proxy->args[1]) + ", not as a sidecar";
  if (inject_wish(pod) == false) return std::string(kInject) + " is false";
  if (!pod.annotations.contains(std::string(kStatus))) {
    return "annotation " + std::string(kStatus) + " is absent: nothing was injected";
  }
  return std::nullopt;
}

}  // namespace sluice
