#include "injector/pipeline/facts.h"

#include <nlohmann/json.hpp>

#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

RunAs run_as(const json& owner) {
  const json& context = at_path(owner, {"securityContext"});
  const auto id = [&](const char* name) -> std::optional<std::int64_t> {
    const json& value = at_path(context, {name});
    if (!value.is_number_integer()) return std::nullopt;
    return value.get<std::int64_t>();
  };
  return {id("runAsUser"), id("runAsGroup")};
}

/// What the last entry of a name says; `valueFrom` says nothing that is known here.
std::map<std::string, std::string> environment(const json& container) {
  std::map<std::string, std::string> result;
  for (const json& entry : at_path(container, {"env"})) {
    const std::string name = text_at(entry, {"name"});
    if (at_path(entry, {"valueFrom"}).is_null()) {
      result.insert_or_assign(name, text_at(entry, {"value"}));
    } else {
      result.erase(name);
    }
  }
  return result;
}

void append(std::vector<Container>& containers, const json& list, ContainerKind kind) {
  if (!list.is_array()) return;
  for (const json& item : list) {
    Container container{.name = text_at(item, {"name"}), .kind = kind};
    if (kind == ContainerKind::Init && text_at(item, {"restartPolicy"}) == "Always") {
      container.kind = ContainerKind::NativeSidecar;
    }
    if (container.name == kProxyContainer) {  // of the others nothing else is asked
      container.env = environment(item);
      container.run_as = run_as(item);
    }
    containers.push_back(std::move(container));
  }
}

}  // namespace

std::map<std::string, std::string> strings_of(const json& map) {
  std::map<std::string, std::string> strings;
  if (!map.is_object()) return strings;
  for (const auto& [name, value] : map.items()) {
    if (value.is_string()) strings.emplace_hint(strings.end(), name, value);
  }
  return strings;
}

PodFacts facts_of(const json& pod) {
  PodFacts facts;
  const json& metadata = at_path(pod, {"metadata"});
  const json& spec = at_path(pod, {"spec"});
  facts.annotations = strings_of(at_path(metadata, {"annotations"}));
  append(facts.containers, at_path(spec, {"initContainers"}), ContainerKind::Init);
  append(facts.containers, at_path(spec, {"containers"}), ContainerKind::App);
  facts.run_as = run_as(spec);
  return facts;
}

}  // namespace sluice::injector
