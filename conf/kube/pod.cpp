#include "conf/kube/pod.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "conf/kube/http.h"
#include "conf/kube/object_path.h"
#include "conf/kube/place.h"
#include "conf/kube/yaml.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

enum class Origin { Api, File };

constexpr auto MirrorAnnotation = "kubernetes.io/config.mirror";

/// Drops while parsing what is never read and is most of a Pod: who managed which field, and
/// status.
bool is_wanted(int depth, std::string_view key) {
  return !(depth == 1 && key == "status") && !(depth == 2 && key == "managedFields");
}

Result<RunAs> run_as(const Place& owner) {
  RunAs result;
  ASSIGN_OR_RETURN(const Place context, owner.at("securityContext"));
  ASSIGN_OR_RETURN(const Place user, context.at("runAsUser"));
  ASSIGN_OR_RETURN(result.user, user.integer());
  ASSIGN_OR_RETURN(const Place group, context.at("runAsGroup"));
  ASSIGN_OR_RETURN(result.group, group.integer());
  return result;
}

Result<std::map<std::string, std::string>> environment(const Place& container) {
  std::map<std::string, std::string> result;
  ASSIGN_OR_RETURN(const Place env, container.at("env"));
  ASSIGN_OR_RETURN(const auto entries, env.elements());
  for (const Place& entry : entries) {
    ASSIGN_OR_RETURN(std::string name, entry.required_string_at("name"));
    ASSIGN_OR_RETURN(std::string value, entry.string_at("value"));
    ASSIGN_OR_RETURN(const Place from, entry.at("valueFrom"));
    if (from.present()) {
      result.erase(name);
    } else {
      result.insert_or_assign(std::move(name), std::move(value));
    }
  }
  return result;
}

Result<std::vector<std::string>> arguments(const Place& container) {
  std::vector<std::string> result;
  ASSIGN_OR_RETURN(const Place args, container.at("args"));
  ASSIGN_OR_RETURN(const auto elements, args.elements());
  for (const Place& element : elements) {
    ASSIGN_OR_RETURN(auto text, element.string());
    result.push_back(std::move(text).value_or(std::string()));
  }
  return result;
}

Result<Container> container_at(const Place& place, ContainerKind kind) {
  Container container;
  container.kind = kind;
  ASSIGN_OR_RETURN(container.name, place.required_string_at("name"));
  ASSIGN_OR_RETURN(container.args, arguments(place));
  ASSIGN_OR_RETURN(container.env, environment(place));
  ASSIGN_OR_RETURN(container.run_as, run_as(place));
  ASSIGN_OR_RETURN(const std::string restart, place.string_at("restartPolicy"));
  if (kind == ContainerKind::Init && restart == "Always") {
    container.kind = ContainerKind::NativeSidecar;
  }
  return container;
}

/// Appends the containers of one list of the spec.
Result<void> append_containers(std::vector<Container>& containers, const Place& spec,
                               std::string_view key, ContainerKind kind) {
  ASSIGN_OR_RETURN(const Place list, spec.at(key));
  ASSIGN_OR_RETURN(const auto elements, list.elements());
  // The API has no Pod without containers; taking one for a pod without sidecar would let it pass.
  if (kind == ContainerKind::App && elements.empty()) return list.is_not("a list of containers");
  for (const Place& element : elements) {
    ASSIGN_OR_RETURN(Container container, container_at(element, kind));
    containers.push_back(std::move(container));
  }
  return {};
}

Result<void> read_metadata(PodFacts& facts, const Place& metadata, Origin origin) {
  if (origin == Origin::Api) {
    ASSIGN_OR_RETURN(facts.name, metadata.required_string_at("name"));
    ASSIGN_OR_RETURN(facts.namespace_name, metadata.required_string_at("namespace"));
    ASSIGN_OR_RETURN(facts.uid, metadata.required_string_at("uid"));
  } else {
    ASSIGN_OR_RETURN(const std::string generated, metadata.string_at("generateName"));
    ASSIGN_OR_RETURN(facts.name, generated.empty() ? metadata.required_string_at("name")
                                                   : metadata.string_at("name"));
    ASSIGN_OR_RETURN(facts.namespace_name, metadata.string_at("namespace"));
    if (facts.namespace_name.empty()) facts.namespace_name = "default";
    ASSIGN_OR_RETURN(facts.uid, metadata.string_at("uid"));
  }
  ASSIGN_OR_RETURN(const Place annotations, metadata.at("annotations"));
  ASSIGN_OR_RETURN(facts.annotations, annotations.strings());
  ASSIGN_OR_RETURN(const Place labels, metadata.at("labels"));
  ASSIGN_OR_RETURN(facts.labels, labels.strings());
  const auto mirror = facts.annotations.find(MirrorAnnotation);
  if (mirror != facts.annotations.end()) facts.mirror_uid = mirror->second;
  return {};
}

Result<PodFacts> facts_of(const json& document, Origin origin) {
  PodFacts facts;
  const Place pod(document);
  ASSIGN_OR_RETURN(const std::string kind, pod.string_at("kind"));
  if (kind != "Pod") {
    return fail(Errc::Malformed, kind.empty() ? "kind is not there"
                                              : "kind is " + printable(kind, 64) + ", not Pod");
  }
  ASSIGN_OR_RETURN(const Place metadata, pod.at("metadata"));
  RETURN_IF_ERROR(read_metadata(facts, metadata, origin));
  ASSIGN_OR_RETURN(const Place spec, pod.at("spec"));
  RETURN_IF_ERROR(append_containers(facts.containers, spec, "initContainers", ContainerKind::Init));
  RETURN_IF_ERROR(append_containers(facts.containers, spec, "containers", ContainerKind::App));
  ASSIGN_OR_RETURN(facts.run_as, run_as(spec));
  ASSIGN_OR_RETURN(const Place host_network, spec.at("hostNetwork"));
  ASSIGN_OR_RETURN(const auto on_host, host_network.boolean());
  facts.host_network = on_host.value_or(false);
  return facts;
}

}  // namespace

Result<PodFacts> pod_facts(std::string_view text) {
  const auto not_a_pod = [](Error error) { return fail(std::move(error).wrap("not a Pod")); };
  const auto document = parse_json(text, is_wanted);
  if (!document) return not_a_pod(document.error());
  auto facts = facts_of(*document, Origin::Api);
  if (!facts) return not_a_pod(std::move(facts).error());
  return facts;
}

Result<PodFacts> pod_facts_from_file_text(std::string_view yaml_or_json) {
  ASSIGN_OR_RETURN(const json document, json_or_yaml(yaml_or_json));
  auto facts = facts_of(document, Origin::File);
  if (!facts) return fail(std::move(facts).error().wrap("not a Pod"));
  return facts;
}

Result<std::string> pod_path(std::string_view namespace_name, std::string_view name) {
  return object_path(namespace_name, "pods", name);
}

}  // namespace sluice::kube
