#include "injector/pod/prometheus.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/schema/go_json.h"
#include "injector/pod/containers.h"
#include "injector/pod/go_text.h"
#include "rules/base/json.h"
#include "rules/base/trimmed.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

constexpr std::string_view kMergedPath = "/stats/prometheus";
constexpr std::string_view kScrape = "prometheus_io_scrape";
constexpr std::string_view kPort = "prometheus_io_port";
constexpr std::string_view kPath = "prometheus_io_path";
constexpr std::string_view kTargets = "prometheus_istio_io_scrape_targets";

/// Whether Prometheus reads an annotation's name as this one: many spellings are one.
bool reads_as(std::string_view name, std::string_view known) {
  return std::equal(name.begin(), name.end(), known.begin(), known.end(), [](char c, char k) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return (plain ? c : '_') == k;
  });
}

/// The pod's annotations whose name is spelled so, somehow.
std::vector<std::string_view> values_of(const json& annotations, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : annotations.items()) {
    if (value.is_string() && reads_as(key, name)) {
      out.push_back(value.get_ref<const std::string&>());
    }
  }
  return out;
}

void erase_all(json& annotations) {
  auto& map = annotations.get_ref<json::object_t&>();
  std::erase_if(map, [](const auto& entry) {
    const auto is = [&](std::string_view known) { return reads_as(entry.first, known); };
    return is(kScrape) || is(kPort) || is(kPath) || is(kTargets);
  });
}

struct Target {
  std::string_view port;
  std::string_view path;
};

/// What is to be scraped, as the pod's annotations have it.
struct Scraping {
  std::string_view scrape;
  std::string_view path;
  std::string_view port;
  std::vector<Target> targets;

  [[nodiscard]] bool nothing() const {
    return scrape.empty() && path.empty() && port.empty() && targets.empty();
  }
};

/// "port:path, ...". Nothing, where an entry has no port: Istio then takes none of them.
std::vector<Target> read_targets(std::string_view text) {
  std::vector<Target> out;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view entry = trimmed(text.substr(0, comma));
    if (!entry.empty()) {
      const auto colon = entry.find(':');
      const std::string_view port = trimmed(entry.substr(0, colon));
      if (port.empty()) return {};
      std::string_view path;
      if (colon != std::string_view::npos) path = trimmed(entry.substr(colon + 1));
      out.push_back({port, path.empty() ? "/metrics" : path});
    }
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

Scraping read_scraping(const json& annotations) {
  Scraping out;
  const auto last = [&](std::string_view name, std::string_view& into) {
    if (const auto values = values_of(annotations, name); !values.empty()) into = values.back();
  };
  last(kScrape, out.scrape);
  last(kPath, out.path);
  last(kPort, out.port);
  std::string_view targets;
  last(kTargets, targets);
  out.targets = read_targets(targets);
  if (!out.targets.empty()) {
    out.port = out.targets.front().port;  // for agents that know of one target only
    out.path = out.targets.front().path;
  }
  return out;
}

struct Reserved {
  long port;
  const char* use;
};

constexpr std::array<Reserved, 9> kReserved{{{15000, "Envoy's admin"},
                                             {15001, "outbound traffic"},
                                             {15004, "the control plane's debug port"},
                                             {15006, "inbound traffic"},
                                             {15008, "the HBONE tunnel"},
                                             {15020, "merged metrics"},
                                             {15021, "Envoy's health"},
                                             {15053, "DNS capture"},
                                             {15090, "Envoy's own metrics"}}};

Result<void> check_port(std::string_view text, int agent_port) {
  const std::string told = "prometheus port " + in_quotes(text);
  const auto port = parse_go_int(text);
  if (!port || *port < 1 || *port > 65535) {
    return fail(Errc::Invalid, told + " is not between 1 and 65535");
  }
  if (*port == agent_port) return fail(Errc::Invalid, told + " is the agent's own");
  const auto reserved = std::find_if(kReserved.begin(), kReserved.end(),
                                     [&](const Reserved& one) { return one.port == *port; });
  if (reserved == kReserved.end()) return {};
  return fail(Errc::Invalid, told + " is reserved for " + reserved->use + " and cannot be scraped");
}

Result<void> check_ports(const Scraping& scraping, int agent_port) {
  std::vector<std::string> faults;
  const auto check = [&](std::string_view port) {
    if (auto done = check_port(port, agent_port); !done) faults.push_back(done.error().message);
  };
  for (const Target& target : scraping.targets) check(target.port);
  if (scraping.targets.empty() && !scraping.port.empty()) check(scraping.port);
  if (faults.empty()) return {};
  return fail(Errc::Invalid, joined(faults));
}

std::string scraping_text(const Scraping& scraping) {
  std::string out;
  const auto text = [&](const char* before, std::string_view value) {
    out += before;
    schema::write_go_string(out, value);
  };
  text("{\"scrape\":", scraping.scrape);
  text(",\"path\":", scraping.path);
  text(",\"port\":", scraping.port);
  for (const Target& target : scraping.targets) {
    text(&target == &scraping.targets.front() ? ",\"targets\":[{\"port\":" : ",{\"port\":",
         target.port);
    text(",\"path\":", target.path);
    out += '}';
  }
  if (!scraping.targets.empty()) out += ']';
  return out + "}";
}

bool wants_merge(const json& pod, const json& annotations, const json& mesh) {
  for (const std::string_view value : values_of(annotations, kScrape)) {
    const auto wish = parse_go_bool(value);
    if (wish) {
      if (!*wish) return false;
      break;
    }
  }
  if (const std::string* text = annotation(pod, kMergeMetrics)) {
    if (const auto wish = parse_go_bool(*text)) return *wish;
  }
  const json* setting = member(mesh, "enablePrometheusMerge");
  return setting == nullptr || !setting->is_boolean() || setting->get<bool>();
}

/// What is to be merged; nothing where somebody said not to, where it was merged before, or where
/// somebody knows better.
Result<std::optional<Scraping>> scraping_of(const json& pod, const json& mesh, int agent_port) {
  const json& annotations = at_path(pod, {"metadata", "annotations"});
  if (!wants_merge(pod, annotations, mesh)) return std::nullopt;
  const auto ports = values_of(annotations, kPort);
  if (!ports.empty() && ports.front() == std::to_string(agent_port)) return std::nullopt;
  const Scraping scraping = read_scraping(annotations);
  RETURN_IF_ERROR(check_ports(scraping, agent_port));
  return scraping;
}

}  // namespace

int agent_port_of(const json& proxy_config, const json& mesh) {
  const json& port = at_path(proxy_config, {"statusPort"});
  if (port.is_number()) return port.get<int>();
  const json& of_mesh = at_path(mesh, {"defaultConfig", "statusPort"});
  return of_mesh.is_number() ? of_mesh.get<int>() : kAgentPort.number();
}

Result<void> check_metrics(const json& pod, const json& mesh, int agent_port) {
  RETURN_IF_ERROR(scraping_of(pod, mesh, agent_port));
  return {};
}

Result<void> merge_metrics(json& pod, const json& mesh, int agent_port) {
  ASSIGN_OR_RETURN(const auto scraping, scraping_of(pod, mesh, agent_port));
  if (!scraping) return {};
  json* proxy = find_container(pod, kProxyContainer);
  if (proxy != nullptr && !scraping->nothing()) {
    append_variable(*proxy, kScraping, scraping_text(*scraping));
  }
  json& annotations = metadata_map(pod, "annotations");
  erase_all(annotations);
  annotations["prometheus.io/port"] = std::to_string(agent_port);
  annotations["prometheus.io/path"] = kMergedPath;
  annotations["prometheus.io/scrape"] = "true";
  return {};
}

void annotate_secure_port(json& pod) {
  json& annotations = metadata_map(pod, "annotations");
  if (!values_of(annotations, "prometheus_istio_io_secure_port").empty()) return;
  const json* proxy = find_container(std::as_const(pod), kProxyContainer);
  if (proxy == nullptr) return;
  const json* variable = find_variable(*proxy, "ENVOY_SECURE_MERGED_METRICS_PORT");
  const json* value = variable == nullptr ? nullptr : member(*variable, "value");
  if (value == nullptr || !value->is_string() || *value == "" || *value == "0") return;
  annotations["prometheus.istio.io/secure-port"] = *value;
}

void forget_merged_metrics(json& pod) {
  json& annotations = metadata_map(pod, "annotations");
  const auto paths = values_of(annotations, kPath);
  if (!paths.empty() && paths.front() == kMergedPath) erase_all(annotations);
}

}  // namespace sluice::injector
