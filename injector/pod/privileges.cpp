#include "injector/pod/privileges.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "injector/pod/containers.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

constexpr std::int64_t kProxyId = kDefaultProxyId;

/// Whether a capability, as a pod may spell it, lets its owner administer the network.
bool is_net_admin(const json& capability) {
  if (!capability.is_string()) return false;
  std::string name = capability.get<std::string>();
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (name.starts_with("CAP_")) name.erase(0, 4);
  return name == "NET_ADMIN" || name == "ALL";
}

/// securityContext.capabilities.LIST of a container, or nullptr.
json* capabilities(json& container, std::string_view list) {
  json* context = member(container, "securityContext");
  json* sets = context == nullptr ? nullptr : member(*context, "capabilities");
  json* at = sets == nullptr ? nullptr : member(*sets, list);
  return at != nullptr && at->is_array() ? at : nullptr;
}

template <class Visit>
void each_proxy(json& pod, Visit visit) {
  for (const std::string_view list : kContainerLists) {
    json* containers = container_list(pod, list);
    if (containers == nullptr) continue;
    for (json& container : *containers) {
      if (name_of(container) == kProxyContainer) visit(container);
    }
  }
}

bool has_net_admin(json& container) {
  const json* add = capabilities(container, "add");
  return add != nullptr && std::any_of(add->begin(), add->end(), is_net_admin);
}

void be_transparent(json& container) {
  json& context = container["securityContext"];
  json& sets = context["capabilities"];
  if (!sets.is_object()) sets = json::object();
  json::array_t add{"NET_RAW"};
  if (const json* there = member(sets, "add"); there != nullptr && there->is_array()) {
    for (const json& one : *there) {
      if (!is_net_admin(one) && one != "NET_RAW") add.push_back(one);
    }
  }
  sets["add"] = std::move(add);
  sets["drop"] = {"ALL"};
  context["runAsUser"] = 0;
  if (const json* never = member(context, "runAsNonRoot"); never != nullptr && *never == true) {
    context["runAsNonRoot"] = false;
  }
  const json* group = member(context, "runAsGroup");
  if (group == nullptr || group->is_null()) context["runAsGroup"] = kProxyId;
}

void warn_of_net_admin(json& container, std::vector<std::string>& warnings) {
  const json* add = capabilities(container, "add");
  if (add == nullptr) return;
  for (const json& one : *add) {
    if (!is_net_admin(one)) continue;
    warnings.push_back("istio-proxy does not get the capability " + one.get<std::string>() +
                       ": the redirect is made outside the pod and needs none");
  }
}

void take_net_admin(json& container, std::vector<std::string>& warnings) {
  json* add = capabilities(container, "add");
  if (add == nullptr) return;
  warn_of_net_admin(container, warnings);
  auto& list = add->get_ref<json::array_t&>();
  if (std::erase_if(list, is_net_admin) == 0 || !list.empty()) return;
  json& context = container["securityContext"];
  context["capabilities"].erase("add");
  if (context["capabilities"].empty()) context.erase("capabilities");
}

void take_privileged(json& container, std::vector<std::string>& warnings) {
  json* context = member(container, "securityContext");
  json* privileged = context == nullptr ? nullptr : member(*context, "privileged");
  if (privileged == nullptr || *privileged != true) return;
  *privileged = false;
  // Kubernetes wants this with privileged, and nothing else here does.
  if (member(*context, "allowPrivilegeEscalation") != nullptr) {
    (*context)["allowPrivilegeEscalation"] = false;
  }
  warnings.emplace_back(
      "istio-proxy does not run privileged: the redirect is made outside the pod");
}

}  // namespace

bool grants_net_admin(const json& rendered) {
  for (const std::string_view list : kContainerLists) {
    const json* proxy = find_named(container_list(rendered, list), kProxyContainer);
    const json* context = proxy == nullptr ? nullptr : member(*proxy, "securityContext");
    const json* sets = context == nullptr ? nullptr : member(*context, "capabilities");
    const json* add = sets == nullptr ? nullptr : member(*sets, "add");
    if (add == nullptr || !add->is_array()) continue;
    if (std::any_of(add->begin(), add->end(), is_net_admin)) return true;
  }
  return false;
}

void ignore_trace_logging(json& rendered, bool tproxy, bool low_ports, std::int64_t proxy_uid) {
  each_proxy(rendered, [&](json& container) {
    json* context = member(container, "securityContext");
    const json* privileged = context == nullptr ? nullptr : member(*context, "privileged");
    // Only what this variable makes of the template looks so.
    if (privileged == nullptr || *privileged != true || !has_net_admin(container)) return;
    json::array_t add;
    if (tproxy) add.emplace_back("NET_ADMIN");
    if (low_ports) add.emplace_back("NET_BIND_SERVICE");
    json& sets = (*context)["capabilities"];
    if (add.empty()) {
      sets.erase("add");
    } else {
      sets["add"] = std::move(add);
    }
    const bool root = tproxy || low_ports;
    (*context)["privileged"] = false;
    (*context)["allowPrivilegeEscalation"] = false;
    (*context)["runAsNonRoot"] = !root;
    (*context)["runAsUser"] = root ? 0 : proxy_uid;
    if (root) (*context)["runAsGroup"] = kProxyId;
  });
}

std::vector<std::string> net_admin_warnings(json& pod) {
  std::vector<std::string> warnings;
  each_proxy(pod, [&](json& container) { warn_of_net_admin(container, warnings); });
  return warnings;
}

void make_transparent(json& pod) {
  each_proxy(pod, be_transparent);
}

void take_privileges(json& pod, std::vector<std::string>& warnings) {
  each_proxy(pod, [&](json& container) {
    take_net_admin(container, warnings);
    take_privileged(container, warnings);
  });
}

}  // namespace sluice::injector
