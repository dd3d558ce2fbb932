#include "injector/pipeline/owner.h"

#include <algorithm>
#include <string>

#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

const json* controller(const json& metadata) {
  const json& references = at_path(metadata, {"ownerReferences"});
  if (!references.is_array()) return nullptr;
  for (const json& reference : references) {
    if (at_path(reference, {"controller"}) == true) return &reference;
  }
  return nullptr;
}

/// `name` without the hash that made it, or empty if it does not end in one.
std::string without_hash(const std::string& name, const std::string& hash) {
  if (hash.empty() || !name.ends_with(hash)) return {};
  const std::string suffix = "-" + hash;
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

/// The CronJob that a Job's name tells of: it ends in the time it was made for.
std::string cron_job(const std::string& job) {
  const auto dash = job.rfind('-');
  if (dash == std::string::npos || dash == 0) return {};
  const std::string_view time = std::string_view(job).substr(dash + 1);
  const bool digits = std::ranges::all_of(time, [](char c) { return c >= '0' && c <= '9'; });
  return digits && time.size() >= 8 && time.size() <= 10 ? job.substr(0, dash) : std::string();
}

/// What stands behind the controller that the pod names.
void look_behind(Owner& owner, const json& labels) {
  if (owner.kind == "ReplicaSet") {
    if (auto name = without_hash(owner.name, text_at(labels, {"pod-template-hash"}));
        !name.empty()) {
      owner.name = std::move(name);
      owner.kind = "Deployment";
      return;
    }
    auto name = without_hash(owner.name, text_at(labels, {"rollouts-pod-template-hash"}));
    if (name.empty()) return;
    owner.name = std::move(name);
    owner.kind = "Rollout";
    owner.api_version = "v1alpha1";
  } else if (owner.kind == "ReplicationController") {
    if (auto name = text_at(labels, {"deploymentconfig"}); !name.empty()) {
      owner.name = std::move(name);
      owner.kind = "DeploymentConfig";
    }
  } else if (owner.kind == "Job") {
    if (auto name = cron_job(owner.name); !name.empty()) {
      owner = {"batch/v1", "CronJob", std::move(name), owner.namespace_name};
    }
  }
}

}  // namespace

Owner owner_of(const json& pod, std::string_view namespace_name) {
  const json& metadata = at_path(pod, {"metadata"});
  Owner owner{"v1", "Pod", text_at(metadata, {"name"}), text_at(metadata, {"namespace"})};
  if (owner.namespace_name.empty()) owner.namespace_name = namespace_name;
  if (text_at(metadata, {"generateName"}).empty()) return owner;
  const std::string pod_name = owner.name;
  if (const json* reference = controller(metadata)) {
    owner.api_version = text_at(*reference, {"apiVersion"});
    owner.kind = text_at(*reference, {"kind"});
    owner.name = text_at(*reference, {"name"});
    look_behind(owner, at_path(metadata, {"labels"}));
  }
  if (owner.name.empty()) owner.name = pod_name;
  return owner;
}

}  // namespace sluice::injector
