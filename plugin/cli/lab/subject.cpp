#include "plugin/cli/lab/subject.h"

#include <optional>

#include "conf/kube/pod.h"
#include "conf/kube/yaml.h"
#include "plugin/cli/command.h"
#include "plugin/verbs/select.h"
#include "rules/policy/pod_policy.h"

namespace sluice::lab {
namespace {

using nlohmann::json;

std::vector<Port> app_ports(const json& pod) {
  std::vector<Port> ports;
  for (const json& container : pod["spec"].value("containers", json::array())) {
    if (container.value("name", "") == "istio-proxy") continue;
    for (const json& port : container.value("ports", json::array())) {
      const json number = port.value("containerPort", json());
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
    if (container.kind == ContainerKind::App && container.name != "istio-proxy" && !id) {
      id = container.run_as.*which;
    }
  }
  if (!id) id = pod.run_as.*which;
  return id && *id > 0 ? static_cast<std::uint32_t>(*id) : 1000;
}

}  // namespace

Result<Subject> read_subject(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, cli::read_input(file));
  auto document = kube::json_or_yaml(text);
  if (!document) return fail(std::move(document).error().wrap(file));
  if (document->is_object() && (*document)["metadata"].is_object()) {
    json& metadata = (*document)["metadata"];
    if (!metadata.contains("namespace")) metadata["namespace"] = "default";
    if (!metadata.contains("uid")) metadata["uid"] = "00000000-0000-4000-8000-000000000000";
  }
  auto facts = kube::pod_facts(document->dump());
  if (!facts) return fail(std::move(facts).error().wrap(file));
  if (const auto reason = reason_to_pass(*facts)) {
    return fail(Errc::Invalid, file + ": sluice-cni would leave this pod alone: " + *reason);
  }
  auto wanted = pod_policy(*facts);
  if (!wanted) return fail(std::move(wanted).error().wrap(file));
  Cast cast;
  cast.app_uid = Uid{app_id(*facts, &RunAs::user)};
  cast.app_gid = Gid{app_id(*facts, &RunAs::group)};
  const RunAs proxy = proxy_container(*facts)->run_as;
  cast.proxy_uid = proxy.user ? Uid{static_cast<std::uint32_t>(*proxy.user)}
                              : *wanted->policy.proxy.uids.begin();
  cast.proxy_gid = *wanted->policy.proxy.gids.begin();
  cast.app_ports = app_ports(*document);
  return Subject{std::move(*document), std::move(*facts), std::move(wanted->policy),
                 std::move(cast)};
}

Ids ids_of(const Subject& subject) {
  const Cast& cast = subject.cast;
  Ids ids{{cast.app_uid.number, cast.proxy_uid.number},
          {cast.app_gid.number, cast.proxy_gid.number}};
  for (const Uid uid : subject.policy.outbound.exclude_uids) ids.uids.insert(uid.number);
  return ids;
}

}  // namespace sluice::lab
