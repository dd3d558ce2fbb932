#include "injector/pod/openshift.h"

#include <utility>

#include "injector/pod/containers.h"
#include "injector/pod/previous.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

const json* user_of(const json& container) {
  const json* context = member(container, "securityContext");
  const json* user = context == nullptr ? nullptr : member(*context, "runAsUser");
  return user == nullptr || user->is_null() ? nullptr : user;
}

}  // namespace

json take_assigned_ids(json& pod) {
  json ids = json::object();
  json* proxy = find_container(pod, kProxyContainer);
  json* context = proxy == nullptr ? nullptr : member(*proxy, "securityContext");
  if (context == nullptr || !context->is_object()) return ids;
  // As Istio compares: of several the last one counts, and none is 0.
  json of_proxy = 0;
  json of_app = 0;
  for (const std::string_view list : kContainerLists) {
    const json* containers = container_list(std::as_const(pod), list);
    if (containers == nullptr) continue;
    for (const json& container : *containers) {
      const std::string_view name = name_of(container);
      const json* user = user_of(container);
      if (user == nullptr || name == kIstioInit || name == kIstioValidation) continue;
      (name == kProxyContainer ? of_proxy : of_app) = *user;
    }
  }
  if (of_proxy != of_app) return ids;
  for (const char* id : {"runAsUser", "runAsGroup"}) {
    const auto found = context->find(id);
    if (found == context->end()) continue;
    ids[id] = std::move(*found);
    context->erase(found);
  }
  return ids;
}

void return_assigned_ids(json& pod, const json& ids) {
  json* proxy = ids.empty() ? nullptr : find_container(pod, kProxyContainer);
  if (proxy == nullptr) return;
  json& context = (*proxy)["securityContext"];
  for (const auto& [name, id] : ids.items()) context.emplace(name, id);
}

}  // namespace sluice::injector
