#include "injector/pod/order.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conf/schema/pod.h"
#include "injector/pod/containers.h"
#include "injector/pod/element.h"
#include "injector/pod/list_order.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Moves the container of that name to the front or the end of its list.
void move_to(json* list, std::string_view name, bool front) {
  if (list == nullptr) return;
  auto& containers = list->get_ref<json::array_t&>();
  const auto at = std::find_if(containers.begin(), containers.end(),
                               [&](const json& one) { return name_of(one) == name; });
  if (at == containers.end()) return;
  if (front) {
    std::rotate(containers.begin(), at, at + 1);
  } else {
    std::rotate(at, at + 1, containers.end());
  }
}

void keep_lists(json& now, const json& before, const schema::Type& type) {
  for (const schema::Field& field : type.fields) {
    if (field.merge_key.empty()) continue;
    json* list = member(now, field.json);
    const json* old = member(before, field.json);
    if (list != nullptr && old != nullptr) keep_order(*list, *old, field.merge_key);
  }
}

}  // namespace

void order_containers(json& pod, bool proxy_first) {
  move_to(container_list(pod, kContainers), kProxyContainer, proxy_first);
  move_to(container_list(pod, kInitContainers), kProxyContainer, true);
}

void keep_order(json& now, const json& before, std::string_view merge_key) {
  if (!now.is_array() || !before.is_array()) return;
  const ElementKey key(merge_key);
  const ElementIndex old(key, &before);
  const ElementIndex all(key, &now);
  struct Common {
    std::size_t old;
    std::size_t now;
  };
  std::vector<Common> common;
  auto& list = now.get_ref<json::array_t&>();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (const auto at = old.find(list[i], true, all.nth(i, true))) common.push_back({*at, i});
  }
  std::vector<Common> sorted = common;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Common& a, const Common& b) { return a.old < b.old; });
  json::array_t taken;
  taken.reserve(sorted.size());
  for (const Common& one : sorted) taken.push_back(std::move(list[one.now]));
  for (std::size_t i = 0; i < common.size(); ++i) list[common[i].now] = std::move(taken[i]);
}

void keep_orders(json& now, const json& before) {
  json* spec = member(now, "spec");
  const json* old = member(before, "spec");
  if (spec == nullptr || old == nullptr) return;
  keep_lists(*spec, *old, schema::kPodSpec);
  std::unordered_map<std::string_view, const json*> stood;  // the first of each name
  for (const std::string_view list : kContainerLists) {
    const json* containers = container_list(before, list);
    if (containers == nullptr) continue;
    for (const json& container : *containers) stood.emplace(name_of(container), &container);
  }
  for (const std::string_view list : kContainerLists) {
    json* containers = container_list(now, list);
    if (containers == nullptr) continue;
    for (json& container : *containers) {
      const auto its = stood.find(name_of(container));
      if (its != stood.end()) keep_lists(container, *its->second, schema::kContainer);
    }
  }
}

}  // namespace sluice::injector
