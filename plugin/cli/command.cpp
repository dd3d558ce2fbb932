#include "plugin/cli/command.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "conf/kube/manifest.h"
#include "conf/kube/pod.h"
#include "plugin/cli/first_pod.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/policy_json.h"

namespace sluice::cli {

Exit exit_of(const Error& error) {
  switch (error.code) {
    case Errc::Different:
      return Exit::Different;
    case Errc::Usage:
    case Errc::Version:
    case Errc::UnknownField:
    case Errc::Malformed:
    case Errc::Invalid:
      return Exit::Input;
    default:
      return Exit::System;
  }
}

Result<PodFacts> read_pod(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, read_input(path));
  auto manifest = kube::read_manifest(std::move(text));
  if (!manifest) return fail(std::move(manifest).error().wrap(path));
  const nlohmann::json* workload = first_workload(*manifest);
  if (workload == nullptr) {
    return fail(Errc::Malformed, path + ": not a Pod, nor anything that makes pods");
  }
  auto pod = kube::pod_facts_from_file_text(as_pod(*workload).dump());
  if (!pod) return fail(std::move(pod).error().wrap(path));
  return pod;
}

void PolicyInput::add_options(CLI::App& command) {
  auto* policy = command.add_option("--policy", policy_file, "policy as JSON, - for stdin");
  auto* pod = command.add_option(
      "--pod", pod_file,
      "an injected Pod, or a workload that makes one, as YAML or JSON; - for stdin");
  policy->excludes(pod);
}

Result<RedirectPolicy> PolicyInput::read() const {
  if (!given()) return fail(Errc::Usage, "one of --policy and --pod is needed");
  if (!policy_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, read_input(policy_file));
    auto policy = parse_policy(text);
    if (!policy) return fail(std::move(policy).error().wrap(policy_file));
    return policy;
  }
  ASSIGN_OR_RETURN(const PodFacts pod, read_pod(pod_file));
  auto wanted = pod_policy(pod);
  if (!wanted) return fail(std::move(wanted).error().wrap(pod_file));
  for (const std::string& warning : wanted->warnings) {
    std::fprintf(stderr, "sluice: %s: warning: %s\n", pod_file.c_str(), warning.c_str());
  }
  return std::move(wanted->policy);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace sluice::cli
