#include "injector/pod/probes.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "conf/schema/go_json.h"
#include "conf/schema/pod_parts.h"
#include "injector/pod/containers.h"
#include "injector/pod/go_text.h"
#include "rules/base/json.h"
#include "rules/base/trimmed.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// The agent's own type: what it asks of the application.
constexpr schema::Field kProberFields[] = {
    {"HTTPGet", "httpGet", &schema::kPointerTo<schema::kHTTPGetAction>},
    {"TCPSocket", "tcpSocket", &schema::kPointerTo<schema::kTCPSocketAction>},
    {"GRPC", "grpc", &schema::kPointerTo<schema::kGRPCAction>},
    {"TimeoutSeconds", "timeoutSeconds", &schema::kInt32},
};
constexpr schema::Type kProber{
    .kind = schema::Kind::Struct, .name = "inject.Prober", .fields = kProberFields};

/// A port by number, as the container's own list has it. Nothing for a name that it does not have.
std::optional<json> resolved(const json& port, const json& container) {
  if (port.is_number_integer()) return port;
  if (!port.is_string()) return std::nullopt;
  const json* ports = member(container, "ports");
  const json* found = find_named(ports, port.get_ref<const std::string&>());
  const json* number = found == nullptr ? nullptr : member(*found, "containerPort");
  if (number == nullptr || !number->is_number_integer()) return std::nullopt;
  return *number;
}

/// What a probe or hook does over the network; the first of these counts.
struct Action {
  const char* kind = nullptr;  ///< "httpGet", "tcpSocket" or "grpc"
  const json* value = nullptr;
};

Action action_of(const json& probe, bool hook) {
  for (const char* kind : {"httpGet", "tcpSocket", "grpc"}) {
    if (hook && std::string_view(kind) == "grpc") break;
    const json* value = member(probe, kind);
    if (value != nullptr && value->is_object()) return {kind, value};
  }
  return {};
}

class ProbeRewriter {
 public:
  ProbeRewriter(json& pod, const ProbeSettings& settings) : pod_(pod), settings_(settings) {}

  Result<void> run() {
    json* proxy = find_container(pod_, kProxyContainer);
    if (proxy == nullptr || !wanted()) return {};
    ASSIGN_OR_RETURN(port_, status_port());
    if (port_ == 0) return {};  // the agent does not listen
    if (settings_.reinjection) read_earlier(*proxy);
    for (const std::string_view list : {kInitContainers, kContainers}) {
      json* containers = container_list(pod_, list);
      if (containers == nullptr) continue;
      for (json& container : *containers) {
        if (name_of(container) != kProxyContainer) rewrite_container(container);
      }
    }
    if (found_) tell(*proxy);
    return {};
  }

 private:
  [[nodiscard]] bool wanted() const {
    const std::string* text = annotation(pod_, "sidecar.istio.io/rewriteAppHTTPProbers");
    return text == nullptr ? settings_.rewrite : parse_go_bool(*text).value_or(settings_.rewrite);
  }

  Result<int> status_port() const {
    const std::string* text = annotation(pod_, kStatusPort);
    if (text == nullptr) return settings_.agent_port;
    const auto port = parse_go_int(trimmed(*text));
    if (!port || *port < 0 || *port > 65535) {
      return fail(Errc::Invalid, "annotation " + std::string(kStatusPort) + ": " +
                                     in_quotes(*text) + " is no port");
    }
    return static_cast<int>(*port);
  }

  /// What an earlier injection told the agent. What nobody can read is as good as nothing.
  void read_earlier(const json& proxy) {
    const json* variable = find_variable(proxy, kProbers);
    const json* value = variable == nullptr ? nullptr : member(*variable, "value");
    if (value == nullptr || !value->is_string()) return;
    earlier_ = json::parse(value->get_ref<const std::string&>(), nullptr, false);
  }

  void rewrite_container(json& container) {
    const std::string name(name_of(container));
    const std::string health = "/app-health/" + name + "/";
    rewrite(container, "readinessProbe", health + "readyz", false);
    rewrite(container, "livenessProbe", health + "livez", false);
    rewrite(container, "startupProbe", health + "startupz", false);
    json* lifecycle = member(container, "lifecycle");
    if (lifecycle == nullptr) return;
    const std::string hooks = "/app-lifecycle/" + name + "/";
    rewrite(*lifecycle, "preStop", hooks + "prestopz", true, &container);
    rewrite(*lifecycle, "postStart", hooks + "poststartz", true, &container);
  }

  void rewrite(json& parent, const char* which, const std::string& url, bool hook,
               const json* container = nullptr) {
    json* probe = member(parent, which);
    if (probe == nullptr) return;
    const Action action = action_of(*probe, hook);
    if (action.kind == nullptr) return;
    const json* path = member(*action.value, "path");
    if (path == nullptr || *path != url) {
      if (!remember(*probe, action, url, container == nullptr ? parent : *container)) return;
    }
    point_to_agent(*probe, action, url);
  }

  /// Notes what the agent is to ask. False if it could not.
  bool remember(const json& probe, const Action& action, const std::string& url,
                const json& container) {
    const json* written = member(*action.value, "port");
    const auto port = written == nullptr ? std::nullopt : resolved(*written, container);
    if (!port) return false;
    const bool grpc = std::string_view(action.kind) == "grpc";
    if (!grpc && written->is_number() && *written == settings_.agent_port) return false;
    json prober;
    prober[action.kind] = *action.value;
    prober[action.kind]["port"] = *port;
    if (const json* timeout = member(probe, "timeoutSeconds")) prober["timeoutSeconds"] = *timeout;
    probers_.emplace(url, std::move(prober));
    found_ = true;
    return true;
  }

  void point_to_agent(json& probe, const Action& action, const std::string& url) const {
    json get = std::string_view(action.kind) == "httpGet" ? *action.value : json::object();
    get["path"] = url;
    get["port"] = port_;
    if (const json* scheme = member(get, "scheme"); scheme != nullptr && *scheme == "HTTPS") {
      get["scheme"] = "HTTP";  // the agent asks with TLS, and is asked without
    }
    if (std::string_view(action.kind) != "httpGet") probe.erase(action.kind);
    probe["httpGet"] = std::move(get);
  }

  void tell(json& proxy) {
    if (earlier_.is_object()) {
      for (const auto& [url, prober] : earlier_.items()) probers_[url] = prober;
    }
    std::string text = "{";
    for (const auto& [url, prober] : probers_) {
      if (text.size() > 1) text += ',';
      schema::write_go_string(text, url);
      text += ':';
      schema::write_go_json(text, &prober, kProber);
    }
    text += '}';
    if (json* variable = find_named(member(proxy, "env"), kProbers);
        variable != nullptr && settings_.reinjection) {
      (*variable)["value"] = std::move(text);
    } else {
      append_variable(proxy, kProbers, std::move(text));
    }
  }

  json& pod_;
  const ProbeSettings& settings_;
  int port_ = 0;
  bool found_ = false;
  json earlier_;
  std::map<std::string, json> probers_;
};

}  // namespace

Result<void> rewrite_probes(json& pod, const ProbeSettings& settings) {
  return ProbeRewriter(pod, settings).run();
}

}  // namespace sluice::injector
