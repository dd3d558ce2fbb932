#include "conf/mesh/validation.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "conf/mesh/duration.h"
#include "rules/base/address.h"
#include "rules/base/decimal.h"
#include "rules/policy/quoted.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;

constexpr std::int64_t Millisecond = 1'000'000;
constexpr std::int64_t Second = 1000 * Millisecond;
constexpr std::int64_t Hour = 3600 * Second;

/// Collects what is wrong with the fields of one message.
class Problems {
 public:
  Problems(const json& message, std::string path) : message_(message), path_(std::move(path)) {}

  void add(std::string_view field, const std::string& problem) {
    found_.push_back(path_ + std::string(field) + ": " + problem);
  }

  /// The string that `field` holds, "" when absent.
  [[nodiscard]] std::string text(const char* field) const {
    return message_.value(field, std::string());
  }

  [[nodiscard]] const json* find(const char* field) const {
    const auto at = message_.find(field);
    return at == message_.end() ? nullptr : &*at;
  }

  /// Nanoseconds of a Duration; absent is 0.
  [[nodiscard]] std::int64_t duration(const char* field) const {
    return parse_duration(message_.value(field, std::string("0"))).value_or(0);
  }

  void require_text(const char* field) {
    if (text(field).empty()) add(field, "must be set");
  }

  void require_port(const char* field) {
    const auto port = message_.value(field, std::int64_t{0});
    if (port < 1 || port > 65535) {
      add(field, std::to_string(port) + " is not a port (1 to 65535)");
    }
  }

  void require_number(const char* field, std::int64_t least) {
    const json* value = find(field);
    if (value != nullptr && value->get<std::int64_t>() < least) {
      add(field, value->dump() + " is less than " + std::to_string(least));
    }
  }

  void take(std::vector<std::string> others) {
    std::ranges::move(others, std::back_inserter(found_));
  }
  std::vector<std::string> found() && { return std::move(found_); }

 private:
  const json& message_;
  std::string path_;
  std::vector<std::string> found_;
};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_dns_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && is_alphanumeric(label.front()) &&
         is_alphanumeric(label.back()) &&
         std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

/// Labels with dots between them; the last may be empty ("istio.io.").
bool is_dotted_labels(std::string_view domain) {
  for (;;) {
    const auto dot = domain.find('.');
    if (!is_dns_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos || dot + 1 == domain.size()) return true;
    domain.remove_prefix(dot + 1);
  }
}

bool is_host_name(std::string_view name) {
  if (name.size() > 255 || !is_dotted_labels(name)) return false;
  std::string_view top = name.substr(name.rfind('.') + 1);
  const bool digits = std::ranges::all_of(top, [](char c) { return c >= '0' && c <= '9'; });
  return top.empty() || !digits;
}

/// Nothing if `address` is HOST:PORT, else what is wrong with it.
std::optional<std::string> address_problem(std::string_view address) {
  const auto colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (colon == std::string_view::npos) return in_quotes(address) + " has no port";
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  if (!brackets && host.find(':') != std::string_view::npos) {
    return in_quotes(address) + " needs brackets around its IPv6 address";
  }
  const auto port = parse_decimal(address.substr(colon + 1), 65535);
  if (!port || *port == 0) return in_quotes(address) + " has no port from 1 to 65535";
  if (!is_host_name(host) && !IpAddress::parse(host)) {
    return in_quotes(address) + " names neither a host nor an IP address";
  }
  return std::nullopt;
}

void check_address(Problems& problems, const std::string& field, const std::string& address) {
  if (auto problem = address_problem(address)) problems.add(field, *problem);
}

/// An address that may stand on the pod's own node.
std::string with_host_ip(std::string address) {
  constexpr std::string_view HostIp = "$(HOST_IP)";
  if (const auto at = address.find(HostIp); at != std::string::npos) {
    address.replace(at, HostIp.size(), "127.0.0.1");
  }
  return address;
}

bool is_true(const json& message, const char* field) {
  return message.value(field, false);
}

void check_tls(Problems& problems, const json& tls) {
  const auto has = [&](const char* field) { return tls.contains(field); };
  const auto add = [&](const char* problem) { problems.add("tracing.tlsSettings", problem); };
  const std::string mode = tls.value("mode", "DISABLE");
  const bool simple = mode == "SIMPLE";
  const bool mutual = mode == "MUTUAL";
  if (tls.value("credentialName", "").starts_with("configmap://")) {
    add("credentialName names a ConfigMap, which only a namespaced resource may");
  }
  if (is_true(tls, "insecureSkipVerify") && (simple || mutual) &&
      (has("caCertificates") || has("subjectAltNames") || (simple && has("credentialName")))) {
    add("insecureSkipVerify excludes what would be verified");
  }
  if ((simple || mutual) && has("credentialName")) {
    if (has("clientCertificate") || has("caCertificates") || has("privateKey") || has("caCrl")) {
      add("credentialName excludes certificates and keys by path");
    }
    return;
  }
  if (mutual && !has("clientCertificate")) add("mode MUTUAL needs a clientCertificate");
  if (mutual && !has("privateKey")) add("mode MUTUAL needs a privateKey");
}

void check_tracing(Problems& problems, const json& tracing) {
  const auto address = [&](const char* tracer) { return tracing.at(tracer).value("address", ""); };
  for (const char* tracer : {"zipkin", "datadog"}) {
    if (!tracing.contains(tracer)) continue;
    check_address(problems, std::string("tracing.") + tracer + ".address",
                  with_host_ip(address(tracer)));
  }
  if (tracing.contains("lightstep")) {
    check_address(problems, "tracing.lightstep.address", address("lightstep"));
    if (!tracing["lightstep"].contains("accessToken")) {
      problems.add("tracing.lightstep.accessToken", "must be set");
    }
  }
  if (tracing.contains("tlsSettings")) check_tls(problems, tracing["tlsSettings"]);
}

void check_key_provider(Problems& problems, const json& provider) {
  for (const char* kind : {"cryptomb", "qat"}) {
    if (!provider.contains(kind)) continue;
    const Problems inner(provider[kind], "");
    if (inner.duration("pollDelay") == 0) {
      problems.add("privateKeyProvider." + std::string(kind) + ".pollDelay", "must not be zero");
    }
    return;
  }
  problems.add("privateKeyProvider", "must name cryptomb or qat");
}

std::vector<std::string> connection_problems(const json& settings) {
  Problems problems(settings, "connectionSettings.");
  for (const char* field :
       {"listenerPerConnectionBufferLimitBytes", "clusterPerConnectionBufferLimitBytes"}) {
    problems.require_number(field, 0);
  }
  for (const char* field :
       {"httpIdleTimeout", "httpMaxConnectionDuration", "httpDrainTimeout", "httpRequestTimeout",
        "httpRequestHeadersTimeout", "httpStreamIdleTimeout", "httpMaxStreamDuration"}) {
    if (problems.duration(field) < 0) problems.add(field, problems.text(field) + " is negative");
  }
  for (const char* field :
       {"httpMaxConcurrentStreams", "listenerConnectionLimit", "globalDownstreamConnectionLimit"}) {
    problems.require_number(field, 1);
  }
  for (const char* field : {"http2InitialStreamWindowSize", "http2InitialConnectionWindowSize"}) {
    problems.require_number(field, 65535);
  }
  return std::move(problems).found();
}

void check_addresses(Problems& problems) {
  problems.require_text("discoveryAddress");
  for (const char* field : {"discoveryAddress", "statsdUdpAddress", "envoyMetricsServiceAddress"}) {
    if (const auto address = problems.text(field); !address.empty()) {
      check_address(problems, field, address);
    }
  }
  for (const char* service : {"envoyMetricsService", "envoyAccessLogService"}) {
    const json* message = problems.find(service);
    if (message == nullptr || !message->contains("address")) continue;
    check_address(problems, std::string(service) + ".address", (*message)["address"]);
  }
}

/// `field` holds a positive duration of whole `unit`s.
void check_duration(Problems& problems, const char* field, std::int64_t unit, const char* units) {
  const auto value = problems.duration(field);
  const auto text = in_quotes(problems.text(field));
  if (value < Millisecond) return problems.add(field, text + " is less than a millisecond");
  if (value % unit != 0) problems.add(field, text + " is not in whole " + std::string(units));
}

/// Labels with dots, as in a DNS name.
void check_trust_domain(Problems& problems, const std::string& field, const std::string& domain) {
  if (!is_dotted_labels(domain)) problems.add(field, in_quotes(domain) + " is no trust domain");
}

}  // namespace

std::vector<std::string> proxy_config_problems(const json& config) {
  Problems problems(config, "");
  problems.require_text("configPath");
  problems.require_text("binaryPath");
  if (!config.contains("tracingServiceName")) problems.require_text("serviceCluster");
  check_duration(problems, "drainDuration", Second, "seconds");
  check_addresses(problems);
  if (const json* tracing = problems.find("tracing")) check_tracing(problems, *tracing);
  problems.require_port("proxyAdminPort");
  problems.require_port("statusPort");
  const json policy = config.value("controlPlaneAuthPolicy", json("NONE"));
  if (policy != "NONE" && policy != "MUTUAL_TLS") {
    problems.add("controlPlaneAuthPolicy", policy.dump() + " is neither NONE nor MUTUAL_TLS");
  }
  if (const json* provider = problems.find("privateKeyProvider")) {
    check_key_provider(problems, *provider);
  }
  if (const json* settings = problems.find("connectionSettings")) {
    problems.take(connection_problems(*settings));
  }
  return std::move(problems).found();
}

std::vector<std::string> mesh_config_problems(const json& config) {
  Problems problems(config, "");
  problems.require_port("proxyListenPort");
  check_duration(problems, "connectTimeout", Millisecond, "milliseconds");
  if (problems.duration("connectTimeout") > Hour) {
    problems.add("connectTimeout", in_quotes(problems.text("connectTimeout")) + " exceeds 1h");
  }
  if (problems.duration("protocolDetectionTimeout") % Millisecond != 0) {
    problems.add("protocolDetectionTimeout", in_quotes(problems.text("protocolDetectionTimeout")) +
                                                 " is not in whole milliseconds");
  }
  check_trust_domain(problems, "trustDomain", problems.text("trustDomain"));
  if (const json* aliases = problems.find("trustDomainAliases")) {
    for (const json& alias : *aliases) check_trust_domain(problems, "trustDomainAliases", alias);
  }
  for (auto& problem : proxy_config_problems(config.at("defaultConfig"))) {
    problems.take({"defaultConfig." + problem});
  }
  return std::move(problems).found();
}

}  // namespace sluice::mesh
