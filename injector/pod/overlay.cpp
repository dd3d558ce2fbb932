#include "injector/pod/overlay.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "conf/schema/go_json.h"
#include "conf/schema/pod.h"
#include "injector/pod/containers.h"
#include "injector/pod/openshift.h"
#include "injector/pod/order.h"
#include "injector/pod/overrides.h"
#include "injector/pod/previous.h"
#include "injector/pod/privileges.h"
#include "injector/pod/probes.h"
#include "injector/pod/prometheus.h"
#include "injector/pod/strategic_merge.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// As Istio prints a setting to compare it with "true".
bool says_true(const json& value) {
  return value == true || value == "true";
}

void write_names(std::string& out, const char* list, const std::vector<std::string>& names) {
  out += out.empty() ? "{\"" : ",\"";
  out += list;
  out += "\":";
  bool any = false;
  for (const std::string& name : names) {
    if (is_redirect_container(name)) continue;
    out += any ? ',' : '[';
    any = true;
    schema::write_go_string(out, name);
  }
  out += any ? "]" : "null";
}

void move_proxy(json& pod, std::string_view from, std::string_view to) {
  json* proxy = find_named(container_list(pod, from), kProxyContainer);
  if (proxy == nullptr) return;
  json moved = std::move(*proxy);
  *proxy = {{"name", kProxyContainer}};
  remove_named(container_list(pod, from), kProxyContainer);
  if (to == kContainers) moved.erase("restartPolicy");  // which only init containers have
  if (find_named(container_list(pod, to), kProxyContainer) != nullptr) return;
  json& list = pod["spec"][std::string(to)];
  if (!list.is_array()) list = json::array();
  list.push_back(std::move(moved));
}

class Overlay {
 public:
  explicit Overlay(OverlayInput input)
      : input_(std::move(input)), previous_(read_previous(input_.original)) {}

  Result<Overlaid> run() {
    if (!previous_.unread.empty()) {
      warnings_.push_back(previous_.unread + "; the pod is taken as never injected");
    }
    pod_ = input_.original;
    if (input_.configuration.switches.platform == "openshift") assigned_ = take_assigned_ids(pod_);
    if (auto merged = merge(); !merged) return fail(std::move(merged).error().wrap("template"));
    RETURN_IF_ERROR(finish());
    return Overlaid{std::move(pod_), std::move(warnings_)};
  }

 private:
  /// The templates, and over them what the user wrote.
  Result<void> merge() {
    ASSIGN_OR_RETURN(names_, names_of(input_.rendered));
    gather_proxy();
    const Overrides overrides(pod_, names_, previous_);
    const bool tproxy = is_tproxy();
    place_own_proxy();
    // A template's NET_ADMIN becomes what TPROXY needs instead; what the user wrote is the user's.
    std::vector<std::string> asked = net_admin_warnings(pod_);
    bool redirects = makes_redirect();
    for (json& patch : input_.rendered) {
      if (traces()) ignore_trace_logging(patch, tproxy, wants_low_ports(), input_.proxy_uid);
      redirects = redirects || grants_net_admin(patch);
      RETURN_IF_ERROR(strategic_merge(pod_, std::move(patch), schema::kPod));
    }
    RETURN_IF_ERROR(overrides.apply(pod_));
    RETURN_IF_ERROR(check_shape(pod_));
    if (previous_.injected) keep_told();
    overrides.record(pod_, previous_);
    return_assigned_ids(pod_, assigned_);
    if (redirects && is_tproxy()) {
      make_transparent(pod_);
      std::move(asked.begin(), asked.end(), std::back_inserter(warnings_));
    }
    return {};
  }

  /// What an earlier injection told the agent is nowhere else any more: the annotations and probes
  /// that it was made of point to the agent now. No template and no override may hide it.
  void keep_told() {
    const json* before = find_container(input_.original, kProxyContainer);
    json* proxy = find_container(pod_, kProxyContainer);
    if (before == nullptr || proxy == nullptr) return;
    for (const std::string_view name : {kProbers, kScraping}) {
      const json* told = find_variable(*before, name);
      if (told == nullptr) continue;
      if (json* variable = find_named(member(*proxy, "env"), name)) *variable = *told;
    }
  }

  Result<void> finish() {
    const int agent_port = agent_port_of(input_.proxy_config, input_.configuration.mesh.document);
    remove_redirect_containers();
    force_variables();
    RETURN_IF_ERROR(merge_metrics(pod_, input_.configuration.mesh.document, agent_port));
    annotate_secure_port(pod_);
    const json& values = input_.configuration.values;
    const bool rewrite = at_path(values, {"sidecarInjectorWebhook", "rewriteAppHTTPProbe"}) == true;
    RETURN_IF_ERROR(rewrite_probes(pod_, {agent_port, rewrite, previous_.injected}));
    annotate();
    take_privileges(pod_, warnings_);
    if (previous_.injected) keep_orders(pod_, input_.original);
    order_containers(
        pod_, at_path(input_.proxy_config, {"holdApplicationUntilProxyStarts"}) == true ||
                  at_path(values, {"global", "proxy", "holdApplicationUntilProxyStarts"}) == true);
    return {};
  }

  [[nodiscard]] bool is_tproxy() const {
    if (const std::string* mode = annotation(pod_, kInterceptionMode)) return *mode == "TPROXY";
    return at_path(input_.proxy_config, {"interceptionMode"}) == "TPROXY";
  }

  /// Whether the templates' pod is redirected; a gateway's is not.
  [[nodiscard]] bool makes_redirect() const {
    return std::any_of(
        names_.init_containers.begin(), names_.init_containers.end(),
        [](const std::string& name) { return name == kIstioInit || name == kIstioValidation; });
  }

  [[nodiscard]] bool traces() const {
    return says_true(at_path(input_.proxy_config, {"proxyMetadata", "IPTABLES_TRACE_LOGGING"}));
  }

  [[nodiscard]] bool wants_low_ports() const {
    if (const std::string* text = annotation(pod_, "sidecar.istio.io/capNetBindService")) {
      return *text == "true";
    }
    return says_true(
        at_path(input_.configuration.values, {"global", "proxy", "capNetBindService"}));
  }

  /// Templates that have their istio-proxy in different lists mean the same one. It is a native
  /// sidecar if one of them makes it that.
  void gather_proxy() {
    if (!names_.has(kInitContainers, kProxyContainer) ||
        !names_.has(kContainers, kProxyContainer)) {
      return;
    }
    const bool native =
        std::any_of(input_.rendered.begin(), input_.rendered.end(), [](const json& patch) {
          const json* proxy = find_named(container_list(patch, kInitContainers), kProxyContainer);
          return proxy != nullptr && member(*proxy, "restartPolicy") != nullptr;
        });
    const std::string_view to = native ? kInitContainers : kContainers;
    const std::string_view from = native ? kContainers : kInitContainers;
    for (json& patch : input_.rendered) {
      const json* proxy = find_named(container_list(patch, from), kProxyContainer);
      const json* directive = proxy == nullptr ? nullptr : member(*proxy, "$patch");
      // What is deleted there is not wanted away from here.
      if (directive == nullptr || *directive != "delete") move_proxy(patch, from, to);
    }
    std::erase(native ? names_.containers : names_.init_containers, kProxyContainer);
  }

  /// The user's istio-proxy goes where the templates have theirs, or there would be two.
  void place_own_proxy() {
    if (names_.has(kInitContainers, kProxyContainer)) {
      move_proxy(pod_, kContainers, kInitContainers);
    } else if (names_.has(kContainers, kProxyContainer)) {
      move_proxy(pod_, kInitContainers, kContainers);
    }
  }

  void force_variables() {
    json* proxy = find_container(pod_, kProxyContainer);
    if (proxy == nullptr) return;
    for (const auto& [name, value] : input_.proxy_env) append_variable(*proxy, name, value);
  }

  void annotate() {
    if (!input_.network.empty()) {
      metadata_map(pod_, "labels")[std::string(kNetwork)] = input_.network;
    }
    const std::string& revision = input_.configuration.switches.revision;
    std::string status;
    write_names(status, "initContainers", names_.init_containers);
    write_names(status, "containers", names_.containers);
    write_names(status, "volumes", names_.volumes);
    write_names(status, "imagePullSecrets", names_.image_pull_secrets);
    status += ",\"revision\":";
    schema::write_go_string(status, revision.empty() ? "default" : revision);
    status += '}';
    json& annotations = metadata_map(pod_, "annotations");
    annotations[std::string(kStatus)] = std::move(status);
    for (const auto& [name, value] : input_.configuration.inject.injected_annotations) {
      annotations[name] = value;
    }
  }

  void remove_redirect_containers() {
    for (const std::string_view list : kContainerLists) {
      for (const std::string_view name : kRedirectContainers) {
        remove_named(container_list(pod_, list), name);
        if (find_named(container_list(input_.original, list), name) == nullptr ||
            previous_.put(list, name)) {
          continue;
        }
        warnings_.push_back("container " + std::string(name) +
                            " is taken out: the redirect is made outside the pod");
      }
    }
  }

  OverlayInput input_;
  Previous previous_;
  TemplateNames names_;
  json pod_;
  json assigned_ = json::object();
  std::vector<std::string> warnings_;
};

}  // namespace

Result<Overlaid> overlay(OverlayInput input) {
  return Overlay(std::move(input)).run();
}

}  // namespace sluice::injector
