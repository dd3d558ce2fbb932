#include "injector/pod/previous.h"

#include <algorithm>

#include "injector/pod/containers.h"
#include "injector/pod/element.h"
#include "injector/pod/overlay.h"
#include "injector/pod/prometheus.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

tl::unexpected<Error> wrong(std::string_view name, const std::string& what) {
  return fail(Errc::Malformed, "annotation " + std::string(name) + ": " + what);
}

/// An annotation's JSON object; an empty one where there is no annotation.
Result<json> read_object(const json& pod, std::string_view name) {
  const std::string* text = annotation(pod, name);
  if (text == nullptr) return json::object();
  json value = json::parse(*text, nullptr, false);
  if (value.is_discarded()) return wrong(name, "is no JSON");
  if (value.is_null()) return json::object();
  if (!value.is_object()) return wrong(name, "must be an object");
  return value;
}

Result<std::vector<std::string>> read_names(const json& status, std::string_view list) {
  const json* names = member(status, list);
  std::vector<std::string> out;
  if (names == nullptr || names->is_null()) return out;
  const std::string field(list);
  if (!names->is_array()) return wrong(kStatus, field + " must be a list");
  for (const json& name : *names) {
    if (!name.is_string()) return wrong(kStatus, field + " must be a list of strings");
    out.push_back(name.get<std::string>());
  }
  return out;
}

Result<void> check_overrides(const json& overrides) {
  for (const std::string_view list : kContainerLists) {
    const json* containers = member(overrides, list);
    if (containers == nullptr || containers->is_null()) continue;
    const std::string field(list);
    if (!containers->is_array()) return wrong(kOverrides, field + " must be a list");
    // A container in it has the shape of a pod's.
    json pod;
    pod["spec"][field] = *containers;
    if (auto done = check_shape(pod); !done) return wrong(kOverrides, done.error().message);
  }
  return {};
}

/// Puts a recorded container back where the user wrote it. A native sidecar's was a regular
/// container that injection moved, unless the user made it one.
void reinsert(json& pod, std::string_view list, const json& container) {
  const bool moved = list == kInitContainers && name_of(container) == "istio-proxy" &&
                     !container.contains("restartPolicy");
  const std::string home(moved ? kContainers : list);
  if (find_named(container_list(pod, home), name_of(container)) != nullptr) return;
  json& containers = pod["spec"][home];
  if (!containers.is_array()) containers = json::array();
  containers.push_back(container);
}

bool has_redirect_container(const json& pod) {
  return std::ranges::any_of(kContainerLists, [&](std::string_view list) {
    const json* containers = container_list(pod, list);
    return containers != nullptr && std::ranges::any_of(*containers, [](const json& container) {
             return is_redirect_container(name_of(container));
           });
  });
}

}  // namespace

bool is_redirect_container(std::string_view name) {
  return std::find(kRedirectContainers.begin(), kRedirectContainers.end(), name) !=
         kRedirectContainers.end();
}

bool Previous::put(std::string_view list, std::string_view name) const {
  const auto& names = list == kContainers ? containers : init_containers;
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<Previous> read_previous(const json& pod) {
  Previous out;
  out.injected = annotation(pod, kStatus) != nullptr;
  ASSIGN_OR_RETURN(const json status, read_object(pod, kStatus));
  ASSIGN_OR_RETURN(out.containers, read_names(status, kContainers));
  ASSIGN_OR_RETURN(out.init_containers, read_names(status, kInitContainers));
  ASSIGN_OR_RETURN(out.overrides, read_object(pod, kOverrides));
  RETURN_IF_ERROR(check_overrides(out.overrides));
  return out;
}

std::optional<json> strip_injected(const json& pod) {
  // What is wrong with the pod is told by overlay(), which sees the same one.
  if (!check_shape(pod)) return std::nullopt;
  const auto previous = read_previous(pod);
  if (!previous) return std::nullopt;
  if (!previous->injected && previous->overrides.empty() && !has_redirect_container(pod)) {
    return std::nullopt;
  }
  json out = pod;
  if (previous->injected) {
    for (const auto& name : previous->containers) {
      remove_named(container_list(out, kContainers), name);
    }
    for (const auto& name : previous->init_containers) {
      remove_named(container_list(out, kInitContainers), name);
    }
    forget_merged_metrics(out);
    metadata_map(out, "annotations").erase(std::string(kStatus));
  }
  for (const std::string_view name : kRedirectContainers) {
    for (const std::string_view list : kContainerLists) {
      remove_named(container_list(out, list), name);
    }
  }
  for (const std::string_view list : kContainerLists) {
    const json* containers = member(previous->overrides, list);
    if (containers == nullptr || !containers->is_array()) continue;
    for (const json& container : *containers) {
      if (!is_redirect_container(name_of(container))) reinsert(out, list, container);
    }
  }
  return out;
}

}  // namespace sluice::injector
