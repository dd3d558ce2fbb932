#include "injector/pipeline/finish.h"

#include "injector/pipeline/annotations.h"
#include "injector/pipeline/facts.h"
#include "injector/pod/containers.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/policy_json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Beside kPolicy where this wrote it: policy_hash() of what it says. A policy that a person wrote
/// has none, and stays.
constexpr std::string_view kPolicyHash = "redirect.sluice.dev/policy-hash";

void default_seccomp(json& pod) {
  json* proxy = find_container(pod, kProxyContainer);
  if (proxy == nullptr) return;
  if (!at_path(pod, {"spec", "securityContext", "seccompProfile"}).is_null()) return;
  if (!at_path(*proxy, {"securityContext", "seccompProfile"}).is_null()) return;
  json& context = (*proxy)["securityContext"];
  if (!context.is_object()) context = json::object();
  context["seccompProfile"] = {{"type", "RuntimeDefault"}};
}

/// Takes away what this wrote into the pod at an earlier injection.
void forget_policy(json& annotations, PodFacts& facts) {
  const auto hash = facts.annotations.find(std::string(kPolicyHash));
  const auto text = facts.annotations.find(std::string(kPolicy));
  if (hash == facts.annotations.end() || text == facts.annotations.end()) return;
  const auto policy = parse_policy(text->second);
  if (!policy || policy_hash(*policy) != hash->second) return;
  annotations.erase(std::string(kPolicyHash));
  annotations.erase(std::string(kPolicy));
  facts.annotations.erase(hash);
  facts.annotations.erase(std::string(kPolicy));
}

}  // namespace

Result<void> finish(Overlaid& overlaid, const std::map<std::string, std::string>& own,
                    const Switches& switches) {
  json& pod = overlaid.pod;
  if (switches.seccomp_default) default_seccomp(pod);
  PodFacts facts = facts_of(pod);
  json& annotations = pod["metadata"]["annotations"];
  if (!annotations.is_object()) annotations = json::object();
  if (switches.runtime_annotations) forget_policy(annotations, facts);
  auto policy = pod_policy(facts);
  if (!policy) {
    Error error = std::move(policy).error();
    error.message += where_else(error.message, own);
    return fail(std::move(error).wrap("after injection"));
  }
  for (std::string& warning : policy->warnings) overlaid.warnings.push_back(std::move(warning));
  if (switches.runtime_annotations && !facts.annotations.contains(std::string(kPolicy))) {
    annotations[std::string(kPolicy)] = canonical_json(policy->policy);
    annotations[std::string(kPolicyHash)] = policy_hash(policy->policy);
  }
  if (annotations.empty()) pod["metadata"].erase("annotations");
  return {};
}

}  // namespace sluice::injector
