#include <algorithm>

#include <nlohmann/json.hpp>

#include "plugin/cni/result.h"
#include "plugin/verbs/attachments.h"
#include "plugin/verbs/find_pod.h"
#include "plugin/verbs/select.h"
#include "plugin/verbs/verbs.h"
#include "rules/policy/annotations.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/policy_json.h"

namespace sluice {
namespace {

/// Reasons that the call itself gives, before any credential is touched: the agent must start while
/// nothing of ours works yet, and system namespaces whatever happens.
std::optional<std::string> reason_before_looking(const cni::Call& call, const cni::Config& config) {
  const cni::PodArgs& pod = call.pod;
  if (pod.pod_name.empty() || pod.pod_namespace.empty()) return "not called for a Kubernetes pod";
  const auto& excluded = config.exclude_namespaces;
  if (std::find(excluded.begin(), excluded.end(), pod.pod_namespace) != excluded.end()) {
    return "namespace " + pod.pod_namespace + " is excluded";
  }
  const std::string full_name = pod.pod_namespace + "/" + pod.pod_name;
  if (!config.agent_pod.empty() && full_name.starts_with(config.agent_pod)) {
    return "the pod is the agent's own";
  }
  return std::nullopt;
}

/// What is to be done with a pod: a policy, or a reason to leave it alone.
struct Choice {
  std::optional<RedirectPolicy> policy;
  std::string passed_because;
  std::string pod_uid;
};

Result<Choice> chosen(const PodFacts& pod, const Ports& ports) {
  if (auto reason = reason_to_pass(pod)) return Choice{std::nullopt, std::move(*reason), pod.uid};
  ASSIGN_OR_RETURN(PodPolicy wanted, pod_policy(pod));
  for (const std::string& warning : wanted.warnings) ports.log.write(cni::LogLevel::Warn, warning);
  return Choice{std::move(wanted.policy), {}, pod.uid};
}

/// The policy that the injector wrote and the runtime passed on, which spares the API. Whoever may
/// write a pod's annotations may write this one, as well as those it stands for.
Result<std::optional<Choice>> from_runtime(const cni::Call& call, const cni::Config& config) {
  if (config.pod_source != cni::PodSource::Runtime) return std::nullopt;
  if (!config.runtime_annotations.contains(std::string(kPolicy))) return std::nullopt;
  PodFacts pod;
  pod.annotations = config.runtime_annotations;
  ASSIGN_OR_RETURN(PodPolicy wanted, pod_policy(pod));
  return Choice{std::move(wanted.policy), {}, call.pod.pod_uid};
}

Result<Choice> choose(const cni::Call& call, const cni::Config& config, const Ports& ports) {
  ASSIGN_OR_RETURN(std::optional<Choice> known, from_runtime(call, config));
  if (known) return std::move(*known);
  ASSIGN_OR_RETURN(const PodFacts pod, find_pod(call.pod, config.timeout, ports));
  return chosen(pod, ports);
}

Result<kernel::NetNamespace> open_netns(const std::string& path) {
  auto ns = kernel::NetNamespace::open(path);
  if (ns) return ns;
  Error error = std::move(ns).error().wrap("CNI_NETNS");
  if (error.code == Errc::NotFound || error.code == Errc::Invalid) error.code = Errc::Usage;
  return fail(std::move(error));
}

/// The record is written first: a record without a table is told by CHECK and dropped by DEL, a
/// table without a record would be nobody's.
Result<void> carry_out(const cni::Call& call, const cni::Config& config,
                       const kernel::NetNamespace& ns, Choice choice, const Ports& ports) {
  const AttachmentStore store(config.state_dir);
  AttachmentRecord record{call.attachment,
                          config.network,
                          call.netns,
                          ns.inode(),
                          call.pod.pod_namespace,
                          call.pod.pod_name,
                          std::move(choice.pod_uid),
                          std::move(choice.policy),
                          std::move(choice.passed_because)};
  RETURN_IF_ERROR(store.save(record));
  if (!record.policy) {
    ports.log.write(cni::LogLevel::Info, "not redirected: " + record.passed_because);
    return {};
  }
  auto applied = ports.kernel.apply(ns, *record.policy);
  if (!applied) {
    static_cast<void>(store.remove(call.attachment));
    return applied;
  }
  ports.log.write(cni::LogLevel::Info, "redirected", {{"policy", policy_hash(*record.policy)}});
  return {};
}

}  // namespace

Result<std::string> add(const cni::Call& call, const cni::Config& config, const Ports& ports) {
  ASSIGN_OR_RETURN(std::string result, cni::pass_through(config));
  if (const auto reason = reason_before_looking(call, config)) {
    ports.log.write(cni::LogLevel::Info, "not redirected: " + *reason);
    return result;
  }
  ASSIGN_OR_RETURN(const kernel::NetNamespace ns, open_netns(call.netns));
  ASSIGN_OR_RETURN(Choice choice, choose(call, config, ports));
  RETURN_IF_ERROR(carry_out(call, config, ns, std::move(choice), ports));
  return result;
}

Result<std::string> check(const cni::Call& call, const cni::Config& config, const Ports& ports) {
  if (config.version < cni::SpecVersion::V0_4_0) {
    return fail(Errc::Version, "config version does not allow CHECK");
  }
  ASSIGN_OR_RETURN(const auto record, AttachmentStore(config.state_dir).load(call.attachment));
  // These have no record. A pod that has one was redirected before the configuration let it pass.
  if (!record && reason_before_looking(call, config)) return std::string();
  if (!record) {
    return fail(Errc::Different, "there is no record of attachment " +
                                     call.attachment.container_id + ", interface " +
                                     call.attachment.ifname);
  }
  if (!record->policy) return std::string();
  ASSIGN_OR_RETURN(const kernel::NetNamespace ns, open_netns(call.netns));
  if (ns.inode() != record->netns_inode) {
    return fail(Errc::Different, "CNI_NETNS: " + call.netns + " is not the namespace of the ADD");
  }
  ASSIGN_OR_RETURN(const auto differences, ports.kernel.differences(ns, *record->policy));
  if (differences.empty()) return std::string();
  std::string all;
  for (const std::string& difference : differences) all += (all.empty() ? "" : "; ") + difference;
  return fail(Errc::Different, std::move(all));
}

}  // namespace sluice
