#include "injector/pod/strip.h"

#include <algorithm>

#include "injector/pod/containers.h"
#include "injector/pod/list_order.h"
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
  const ElementKey by_name("name");
  for (const std::string_view list : kContainerLists) {
    json* containers = container_list(pod, list);
    if (containers == nullptr) continue;
    const json* recorded = member(previous.overrides, list);
    const ElementIndex index(by_name, recorded);
    std::erase_if(containers->get_ref<json::array_t&>(), [&](const json& container) {
      if (!previous.put(list, name_of(container))) return false;
      const auto at = index.find(container, false);
      return !at || home_of((*recorded)[*at], list) != list;
    });
  }
}

/// Puts recorded containers back, each in the place of what an injection made of it.
class Reinsertion {
 public:
  Reinsertion(json& pod, const Previous& previous) : pod_(pod), previous_(previous) {}

  void put(std::string_view home, json container) {
    if (!container.contains("image")) container["image"] = "auto";  // which is not recorded
    ElementIndex& index = home == kContainers ? containers_ : init_containers_;
    if (const auto at = index.find(container, false)) {
      if (!previous_.put(home, name_of(container))) return;
      (*container_list(pod_, home))[*at] = std::move(container);
      return;
    }
    json& containers = pod_["spec"][std::string(home)];
    if (!containers.is_array()) containers = json::array();
    index.add(container);
    containers.push_back(std::move(container));
  }

 private:
  json& pod_;
  const Previous& previous_;
  ElementKey by_name_{"name"};
  ElementIndex containers_{by_name_, container_list(pod_, kContainers)};
  ElementIndex init_containers_{by_name_, container_list(pod_, kInitContainers)};
};

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

/// Whether the user has the proxy among the init containers, and the templates have theirs among
/// the containers alone.
bool has_stray_proxy(const json& pod, const Previous& previous, const TemplateNames& made) {
  return find_named(container_list(pod, kInitContainers), kProxyContainer) != nullptr &&
         !previous.put(kInitContainers, kProxyContainer) &&
         made.has(kContainers, kProxyContainer) && !made.has(kInitContainers, kProxyContainer);
}

enum class Stray { Stays, Moves };

json strip(const json& pod, const Previous& previous, Stray stray = Stray::Stays) {
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
  json proxy;
  if (stray == Stray::Moves) {
    json* init_containers = container_list(out, kInitContainers);
    proxy = *find_named(init_containers, kProxyContainer);
    proxy.erase("restartPolicy");
    remove_named(init_containers, kProxyContainer);
  }
  Reinsertion reinsertion(out, previous);
  if (stray == Stray::Moves) reinsertion.put(kContainers, std::move(proxy));
  for (const std::string_view list : kContainerLists) {
    const json* containers = member(previous.overrides, list);
    if (containers == nullptr || !containers->is_array()) continue;
    for (const json& container : *containers) {
      if (is_redirect_container(name_of(container))) continue;
      reinsertion.put(home_of(container, list), container);
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
  const json* own = find_named(container_list(pod, kInitContainers), kProxyContainer);
  if (own == nullptr && annotation(pod, kStatus) == nullptr) return std::nullopt;
  Previous previous = read_previous(pod);
  const auto made = names_of(rendered);
  if (!made) return std::nullopt;
  bool more = false;
  for (const std::string_view list : kContainerLists) {
    const json* containers = container_list(pod, list);
    if (containers == nullptr) continue;
    Previous::Names& names = previous.names(list);
    for (const json& container : *containers) {
      const auto at = names.find(name_of(container));
      if (at == names.end() || made->has(kContainers, *at) || made->has(kInitContainers, *at)) {
        continue;
      }
      names.erase(at);
      more = true;
    }
  }
  const bool stray = has_stray_proxy(pod, previous, *made);
  if (!more && !stray) return std::nullopt;
  return strip(pod, previous, stray ? Stray::Moves : Stray::Stays);
}

}  // namespace sluice::injector
