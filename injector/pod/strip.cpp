#include "injector/pod/strip.h"

#include <algorithm>

#include "injector/pod/containers.h"
#include "injector/pod/order.h"
#include "injector/pod/overrides.h"
#include "injector/pod/previous.h"
#include "injector/pod/prometheus.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

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

std::optional<json> strip_injected(const json& pod) {
  const Previous previous = read_previous(pod);
  if (!previous.injected && previous.overrides.empty() && !has_known_container(pod)) {
    return std::nullopt;
  }
  return strip(pod, previous);
}

std::optional<json> strip_injected(const json& pod, const std::vector<json>& rendered) {
  if (annotation(pod, kStatus) == nullptr) return std::nullopt;
  Previous previous = read_previous(pod);
  const auto made = names_of(rendered);
  if (!made) return std::nullopt;
  bool more = false;
  for (const std::string_view list : kContainerLists) {
    auto& names = list == kContainers ? previous.containers : previous.init_containers;
    more |= std::erase_if(names, [&](const std::string& name) {
              return !made->has(name) && find_named(container_list(pod, list), name) != nullptr;
            }) > 0;
  }
  if (!more) return std::nullopt;
  return strip(pod, previous);
}

}  // namespace sluice::injector
