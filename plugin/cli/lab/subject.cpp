#include "plugin/cli/lab/subject.h"

#include <algorithm>
#include <cstdio>

#include "conf/kube/manifest.h"
#include "conf/kube/pod.h"
#include "injector/pod/containers.h"
#include "plugin/cli/files.h"
#include "plugin/cli/first_pod.h"
#include "plugin/cli/inject/workloads.h"
#include "plugin/verbs/select.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/pod_policy.h"

namespace sluice::lab {
namespace {

using nlohmann::json;

std::vector<Port> app_ports(const json& pod) {
  std::vector<Port> ports;
  for (const json& container : at_path(pod, {"spec", "containers"})) {
    if (text_at(container, {"name"}) == kProxyContainer) continue;
    for (const json& port : at_path(container, {"ports"})) {
      const json& number = at_path(port, {"containerPort"});
      if (!number.is_number_integer()) continue;
      if (auto parsed = Port::from_number(number.get<std::int64_t>())) ports.push_back(*parsed);
    }
  }
  if (ports.empty()) ports.push_back(Port{8080});
  return ports;
}

/// Who the app runs as: its own ids, else the pod's, else 1000.
std::uint32_t app_id(const PodFacts& pod, std::optional<std::int64_t> RunAs::* which) {
  std::optional<std::int64_t> id;
  for (const Container& container : pod.containers) {
    if (container.kind == ContainerKind::App && container.name != kProxyContainer && !id) {
      id = container.run_as.*which;
    }
  }
  if (!id) id = pod.run_as.*which;
  return id && *id > 0 ? static_cast<std::uint32_t>(*id) : 1000;
}

Cast cast_of(const json& document, const PodFacts& facts, const RedirectPolicy& policy) {
  Cast cast;
  cast.app_uid = Uid{app_id(facts, &RunAs::user)};
  cast.app_gid = Gid{app_id(facts, &RunAs::group)};
  const RunAs proxy = proxy_container(facts)->run_as;
  cast.proxy_uid =
      proxy.user ? Uid{static_cast<std::uint32_t>(*proxy.user)} : *policy.proxy.uids.begin();
  cast.proxy_gid = *policy.proxy.gids.begin();
  cast.app_ports = app_ports(document);
  return cast;
}

Result<void> inject(json& workload, const cli::Sources& sources) {
  cli::Cluster cluster({}, {});
  ASSIGN_OR_RETURN(const auto settings, cli::load_settings(sources, cluster));
  cli::InjectionRules rules;
  rules.inject = [&](const injector::PodRequest& request) {
    return injector::inject(request, *settings);
  };
  rules.namespace_object = [](const std::string&) { return json(); };
  const auto reports = cli::inject_document(workload, rules);
  const cli::Report& report = reports.front();
  if (report.outcome == cli::Outcome::Refused) return fail(Errc::Invalid, report.why);
  if (report.outcome != cli::Outcome::Injected) {
    return fail(Errc::Invalid, "not injected: " + report.why);
  }
  std::fprintf(stderr, "sluice: %s injected: %s\n", report.object.c_str(), report.why.c_str());
  return {};
}

Result<json> pod_from(const std::string& file, const cli::Sources& sources) {
  ASSIGN_OR_RETURN(std::string text, cli::read_input(file));
  ASSIGN_OR_RETURN(kube::Manifest manifest, kube::read_manifest(std::move(text)));
  json* workload = cli::first_workload(manifest);
  if (workload == nullptr) {
    return fail(Errc::Invalid, "not a Pod, nor anything that makes pods");
  }
  const json own = cli::pod_in(*workload);
  if (injector::find_container(own, kProxyContainer) == nullptr) {
    RETURN_IF_ERROR(inject(*workload, sources));
  }
  json pod = cli::as_pod(*workload);
  json& metadata = pod["metadata"];
  if (metadata.is_object() && !metadata.contains("uid")) {
    metadata["uid"] = "00000000-0000-4000-8000-000000000000";
  }
  return pod;
}

Result<Subject> subject_of(json document) {
  ASSIGN_OR_RETURN(PodFacts facts, kube::pod_facts(document.dump()));
  if (const auto reason = reason_to_pass(facts)) {
    return fail(Errc::Invalid, "sluice-cni would leave this pod alone: " + *reason);
  }
  ASSIGN_OR_RETURN(auto wanted, pod_policy(facts));
  Cast cast = cast_of(document, facts, wanted.policy);
  return Subject{std::move(document), std::move(facts), std::move(wanted.policy), std::move(cast)};
}

}  // namespace

Result<Subject> read_subject(const std::string& file, const cli::Sources& sources) {
  auto pod = pod_from(file, sources);
  if (!pod) return fail(std::move(pod).error().wrap(file));
  auto subject = subject_of(std::move(*pod));
  if (!subject) return fail(std::move(subject).error().wrap(file));
  return subject;
}

Ids ids_of(const Subject& subject) {
  const Cast& cast = subject.cast;
  Ids ids{{cast.app_uid.number, cast.proxy_uid.number},
          {cast.app_gid.number, cast.proxy_gid.number}};
  for (const Uid uid : subject.policy.outbound.exclude_uids) ids.uids.insert(uid.number);
  return ids;
}

}  // namespace sluice::lab
