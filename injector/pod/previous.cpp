#include "injector/pod/previous.h"

#include <algorithm>

#include "injector/pod/containers.h"
#include "injector/pod/order.h"
#include "injector/pod/overlay.h"
#include "injector/pod/overrides.h"
#include "injector/pod/prometheus.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

tl::unexpected<Error> wrong(const json& pod, std::string_view name, const std::string& what) {
  return fail(Errc::Malformed, "annotation " + std::string(name) + ": " +
                                   in_quotes(*annotation(pod, name)) + ": " + what);
}

/// An annotation's JSON object; an empty one where there is no annotation.
Result<json> read_object(const json& pod, std::string_view name) {
  const std::string* text = annotation(pod, name);
  if (text == nullptr) return json::object();
  json value = json::parse(*text, nullptr, false);
  if (value.is_discarded()) return wrong(pod, name, "is no JSON");
  if (value.is_null()) return json::object();
  if (!value.is_object()) return wrong(pod, name, "must be an object");
  return value;
}

Result<std::vector<std::string>> read_names(const json& pod, const json& status,
                                            std::string_view list) {
  const json* names = member(status, list);
  std::vector<std::string> out;
  if (names == nullptr || names->is_null()) return out;
  const std::string field(list);
  if (!names->is_array()) return wrong(pod, kStatus, field + " must be a list");
  for (const json& name : *names) {
    if (!name.is_string()) return wrong(pod, kStatus, field + " must be a list of strings");
    out.push_back(name.get<std::string>());
  }
  return out;
}

Result<void> check_overrides(const json& pod, const json& overrides) {
  for (const std::string_view list : kContainerLists) {
    const json* containers = member(overrides, list);
    if (containers == nullptr || containers->is_null()) continue;
    const std::string field(list);
    if (!containers->is_array()) return wrong(pod, kOverrides, field + " must be a list");
    // A container in it has the shape of a pod's.
    json alone;
    alone["spec"][field] = *containers;
    if (auto done = check_shape(alone); !done) return wrong(pod, kOverrides, done.error().message);
  }
  return {};
}

/// Where the user wrote a recorded container. A native sidecar's was a regular container that
/// injection moved, unless the user made it one.
std::string_view home_of(const json& container, std::string_view list) {
  const bool moved = list == kInitContainers && name_of(container) == kProxyContainer &&
                     !container.contains("restartPolicy");
  return moved ? kContainers : list;
}

/// Takes out what an injection put there, but not what stands where the user had one of that name.
void remove_injected(json& pod, const Previous& previous) {
  for (const std::string_view list : kContainerLists) {
    for (const auto& name : list == kContainers ? previous.containers : previous.init_containers) {
      const json* recorded = find_named(member(previous.overrides, list), name);
      if (recorded != nullptr && home_of(*recorded, list) == list) continue;
      remove_named(container_list(pod, list), name);
    }
  }
}

/// Puts a recorded container back, in the place of what an injection made of it.
void reinsert(json& pod, const Previous& previous, std::string_view home, json container) {
  if (!container.contains("image")) container["image"] = "auto";  // which is not recorded
  if (json* there = find_named(container_list(pod, home), name_of(container))) {
    if (previous.put(home, name_of(container))) *there = std::move(container);
    return;
  }
  json& containers = pod["spec"][std::string(home)];
  if (!containers.is_array()) containers = json::array();
  containers.push_back(std::move(container));
}

/// Whether the pod as a user wrote it has a container that templates see elsewhere or not at all.
bool has_known_container(const json& pod) {
  return std::ranges::any_of(kContainerLists, [&](std::string_view list) {
    const json* containers = container_list(pod, list);
    return containers != nullptr && std::ranges::any_of(*containers, [](const json& container) {
             const std::string_view name = name_of(container);
             return name == kProxyContainer || is_redirect_container(name);
           });
  });
}

json strip(const json& pod, const Previous& previous) {
  json out = pod;
  if (previous.injected) {
    remove_injected(out, previous);
    forget_merged_metrics(out);
    metadata_map(out, "annotations").erase(std::string(kStatus));
  }
  for (const std::string_view name : kRedirectContainers) {
    for (const std::string_view list : kContainerLists) {
      remove_named(container_list(out, list), name);
    }
  }
  for (const std::string_view list : kContainerLists) {
    const json* containers = member(previous.overrides, list);
    if (containers == nullptr || !containers->is_array()) continue;
    for (const json& container : *containers) {
      if (is_redirect_container(name_of(container))) continue;
      reinsert(out, previous, home_of(container, list), container);
    }
  }
  order_containers(out, false);
  return out;
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
  if (const auto status = read_object(pod, kStatus)) {
    out.injected = annotation(pod, kStatus) != nullptr;
    ASSIGN_OR_RETURN(out.containers, read_names(pod, *status, kContainers));
    ASSIGN_OR_RETURN(out.init_containers, read_names(pod, *status, kInitContainers));
  } else {
    out.unread = status.error().message;
  }
  ASSIGN_OR_RETURN(out.overrides, read_object(pod, kOverrides));
  RETURN_IF_ERROR(check_overrides(pod, out.overrides));
  return out;
}

std::optional<json> strip_injected(const json& pod) {
  // What is wrong with the pod is told by overlay(), which sees the same one.
  if (!check_shape(pod)) return std::nullopt;
  const auto previous = read_previous(pod);
  if (!previous) return std::nullopt;
  if (!previous->injected && previous->overrides.empty() && !has_known_container(pod)) {
    return std::nullopt;
  }
  return strip(pod, *previous);
}

std::optional<json> strip_injected(const json& pod, const std::vector<json>& rendered) {
  if (annotation(pod, kStatus) == nullptr || !check_shape(pod)) return std::nullopt;
  auto previous = read_previous(pod);
  const auto made = names_of(rendered);
  if (!previous || !made) return std::nullopt;
  bool more = false;
  for (const std::string_view list : kContainerLists) {
    auto& names = list == kContainers ? previous->containers : previous->init_containers;
    more |= std::erase_if(names, [&](const std::string& name) {
              return !made->has(name) && find_named(container_list(pod, list), name) != nullptr;
            }) > 0;
  }
  if (!more) return std::nullopt;
  return strip(pod, *previous);
}

}  // namespace sluice::injector
