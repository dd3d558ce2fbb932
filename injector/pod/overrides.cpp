#include "injector/pod/overrides.h"

#include <algorithm>
#include <utility>

#include "conf/schema/go_json.h"
#include "conf/schema/pod.h"
#include "injector/pod/containers.h"
#include "injector/pod/strategic_merge.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// A list with nothing of its elements but names, and what tells a merge how to take them.
json skeleton(const json& list) {
  if (!list.is_array()) return list;
  json out = json::array();
  for (const json& element : list) {
    if (!element.is_object()) {
      out.push_back(element);
      continue;
    }
    json& bare = out.emplace_back(json::object());
    for (const char* key : {"name", "$patch"}) {
      if (const json* value = member(element, key)) bare[key] = *value;
    }
  }
  return out;
}

std::vector<std::string> names_in(const json& spec, const char* list) {
  std::vector<std::string> out;
  const json* elements = member(spec, list);
  if (elements == nullptr || !elements->is_array()) return out;
  for (const json& element : *elements) out.emplace_back(name_of(element));
  return out;
}

/// What an earlier injection recorded under the name, in this list or, because a proxy may have
/// become a native sidecar or none since, in the other one.
const json* recorded(const Previous& previous, std::string_view list, std::string_view name) {
  for (const std::string_view one : {list, list == kContainers ? kInitContainers : kContainers}) {
    if (const json* found = find_named(member(previous.overrides, one), name)) return found;
  }
  return nullptr;
}

/// Whether what is in the pod under the name need not be recorded: it is already, or the status
/// says that it is not the user's, be it of the other list because the proxy changed lists since.
bool is_known(const Previous& previous, std::string_view list, std::string_view name) {
  return recorded(previous, list, name) != nullptr || previous.put(kContainers, name) ||
         previous.put(kInitContainers, name);
}

/// What the user wrote under the name, or nullptr. What an earlier injection put into the pod is
/// not the user's, but for a proxy that changes lists: as in Istio, it stays what it was.
const json* written(const json& pod, const Previous& previous, std::string_view list,
                    std::string_view name) {
  if (const json* found = recorded(previous, list, name)) return found;
  if (previous.put(list, name)) return nullptr;
  if (list == kContainers && name != kProxyContainer) {
    return find_named(container_list(pod, list), name);
  }
  return find_container(pod, name);
}

}  // namespace

bool TemplateNames::has(std::string_view list, std::string_view name) const {
  const auto& names = list == kContainers ? containers : init_containers;
  return std::ranges::find(names, name) != names.end();
}

Result<TemplateNames> names_of(const std::vector<json>& rendered) {
  constexpr std::array kLists{"containers", "initContainers", "volumes", "imagePullSecrets"};
  json merged = json::object();
  for (const json& pod : rendered) {
    const json* spec = member(pod, "spec");
    if (spec == nullptr) continue;
    json bare;
    for (const char* list : kLists) {
      if (const json* elements = member(*spec, list)) bare["spec"][list] = skeleton(*elements);
    }
    RETURN_IF_ERROR(strategic_merge(merged, std::move(bare), schema::kPod));
  }
  const json& spec = merged["spec"];
  return TemplateNames{names_in(spec, "containers"), names_in(spec, "initContainers"),
                       names_in(spec, "volumes"), names_in(spec, "imagePullSecrets")};
}

Overrides::Overrides(const json& pod, const TemplateNames& names, const Previous& previous) {
  for (const std::string_view list : kContainerLists) {
    for (const auto& name : list == kContainers ? names.containers : names.init_containers) {
      if (is_redirect_container(name)) continue;
      const json* const user = written(pod, previous, list, name);
      if (user == nullptr) continue;
      json container = *user;
      drop_directives(container);
      schema::drop_zero_values(container, schema::kContainer);
      if (const json* image = member(container, "image"); image != nullptr && *image == "auto") {
        container.erase("image");
      }
      // A proxy that was the user's native sidecar, and is none in this mesh.
      if (list == kContainers && name == kProxyContainer) container.erase("restartPolicy");
      overrides_.push_back({list, std::move(container), is_known(previous, list, name)});
    }
  }
}

Result<void> Overrides::apply(json& pod) const {
  for (const Override& one : overrides_) {
    json patch;
    patch["spec"][std::string(one.list)].push_back(one.container);
    RETURN_IF_ERROR(strategic_merge(pod, std::move(patch), schema::kPod));
  }
  return {};
}

void Overrides::record(json& pod, const Previous& previous) const {
  json record = previous.overrides;
  bool changed = false;
  for (const std::string_view list : kContainerLists) {
    for (const std::string_view name : kRedirectContainers) {
      changed |= remove_named(member(record, list), name);
    }
    const json* left = member(record, list);
    if (changed && left != nullptr && left->empty()) record.erase(std::string(list));
  }
  for (const Override& one : overrides_) {
    if (one.recorded) continue;
    record[std::string(one.list)].push_back(one.container);
    changed = true;
  }
  if (!changed) return;
  json& annotations = metadata_map(pod, "annotations");
  if (record.empty()) {
    annotations.erase(std::string(kOverrides));
  } else {
    annotations[std::string(kOverrides)] = dump_compact(record);
  }
}

}  // namespace sluice::injector
