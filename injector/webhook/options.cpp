#include "injector/webhook/options.h"

#include <array>
#include <sstream>

#include <CLI/CLI.hpp>

#include "rules/base/address.h"
#include "rules/base/decimal.h"

namespace sluice::webhook {
namespace {

constexpr const char* kAbout =
    "Injects the istio-proxy container, and nothing else, into the pods that a Kubernetes API\n"
    "server asks about. Exit status: 0 stopped by a signal, 1 failed, 2 bad usage.";

tl::unexpected<Error> usage(std::string message) {
  return fail(Errc::Usage, std::move(message));
}

/// What CLI11 fills in as text, to be read afterwards.
struct Texts {
  std::string listen = "[::]:8443";
  std::string metrics_listen = "[::]:8080";
  std::string drain = "15s";
  std::string native_sidecars = "auto";
  std::string log_level = "info";
};

void add_serving(CLI::App& app, Options& options, Texts& texts) {
  app.add_option("--listen", texts.listen, "Where the API server calls, ADDRESS:PORT")
      ->capture_default_str();
  app.add_option("--metrics-listen", texts.metrics_listen,
                 "Where /healthz, /readyz and /metrics are, plain HTTP")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Event loops; 0: one per processor");
  app.add_option("--drain", texts.drain,
                 "How long to go on serving after SIGTERM, until no endpoint leads here")
      ->capture_default_str();
  app.add_option("--log-level", texts.log_level, "debug, info, warn or error")
      ->capture_default_str();
  app.add_option("--tls-cert", options.tls_cert,
                 "Serving certificate with its chain, PEM; watched");
  app.add_option("--tls-key", options.tls_key, "Its key, PEM; watched");
  app.add_option("--client-ca", options.client_ca,
                 "Who must have signed the API server's client certificate, PEM; watched");
  app.add_option("--self-signed", options.self_signed,
                 "Keep an own authority and certificate in this Secret, in place of files");
  app.add_option("--webhook-config", options.webhook_configs,
                 "With --self-signed: webhook configuration whose caBundle to keep; repeatable");
  app.add_option("--service-name", options.service_name, "Whom the self-signed certificate names")
      ->capture_default_str();
  app.add_option("--own-namespace", options.own_namespace,
                 "Where that Service and the Secret are; default: the Pod's own");
}

void add_configuration(CLI::App& app, Options& options, Texts& texts) {
  app.add_option("--inject-config", options.inject_config,
                 "Istio's injection configuration from a file; watched");
  app.add_option("--values", options.values, "The values for its templates; watched");
  app.add_option("--mesh-config", options.mesh_config, "Istio's MeshConfig; watched");
  app.add_flag("--builtin", options.builtin, "Use Sluice's own template and values");
  app.add_option("--kubeconfig", options.kubeconfig, "The cluster; default: the Pod's own");
  app.add_option("--namespace", options.istio_namespace, "Where Istio's ConfigMaps are")
      ->capture_default_str();
  app.add_option("--revision", options.switches.revision, "Which of Istio's revisions this is");
  app.add_option("--native-sidecars", texts.native_sidecars,
                 "auto (if every node is of 1.33 or later), true or false")
      ->capture_default_str();
  app.add_option("--platform", options.switches.platform, "openshift, gcp or nothing");
  app.add_option("--compliance-policy", options.switches.compliance_policy,
                 "For templates, as istiod's COMPLIANCE_POLICY");
  app.add_flag("--seccomp-default", options.switches.seccomp_default,
               "RuntimeDefault where neither pod nor template sets a seccomp profile");
  app.add_flag("--runtime-annotations", options.switches.runtime_annotations,
               "Write each pod's whole policy into redirect.sluice.dev/policy");
}

Result<NativeSidecars> parse_native(const std::string& text) {
  if (text == "auto") return NativeSidecars::Auto;
  if (text == "true") return NativeSidecars::Always;
  if (text == "false") return NativeSidecars::Never;
  return usage("--native-sidecars \"" + text + "\" is not auto, true or false");
}

Result<Level> parse_level(const std::string& text) {
  constexpr std::array<std::string_view, 4> Names{"debug", "info", "warn", "error"};
  for (std::size_t i = 0; i < Names.size(); ++i) {
    if (text == Names[i]) return static_cast<Level>(i);
  }
  return usage("--log-level \"" + text + "\" is not debug, info, warn or error");
}

/// What one flag says about another.
Result<void> check(const Options& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return usage("--tls-cert and --tls-key go together");
  }
  if (options.tls_cert.empty() == options.self_signed.empty()) {
    return usage("a certificate is needed: --tls-cert and --tls-key, or --self-signed");
  }
  if (!options.webhook_configs.empty() && options.self_signed.empty()) {
    return usage("--webhook-config goes with --self-signed");
  }
  if (options.builtin && !options.inject_config.empty()) {
    return usage("--builtin and --inject-config exclude each other");
  }
  if (options.inject_config.empty() && !options.builtin && !options.values.empty()) {
    return usage("--values goes with --inject-config or --builtin");
  }
  return {};
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto wrong = [&] { return usage("\"" + text + "\" is not ADDRESS:PORT"); };
  if (colon == std::string::npos) return wrong();
  std::string address = text.substr(0, colon);
  const auto port = parse_decimal(std::string_view(text).substr(colon + 1), 65535);
  if (!port) return wrong();
  if (address.empty()) address = "[::]";
  const bool bracketed = address.front() == '[' && address.back() == ']' && address.size() > 2;
  if (bracketed) address = address.substr(1, address.size() - 2);
  const bool v6 = address.find(':') != std::string::npos;
  if (v6 != bracketed || !IpAddress::parse(address)) return wrong();
  return Endpoint{address, static_cast<std::uint16_t>(*port)};
}

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  constexpr std::uint64_t Longest = 1'000'000;
  const auto wrong = [&] { return usage("\"" + text + "\" is not a duration like 1m30s"); };
  std::chrono::milliseconds sum{0};
  std::string_view rest = text;
  if (rest.empty()) return wrong();
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_not_of("0123456789");
    const auto number = parse_decimal(rest.substr(0, end), Longest);
    if (!number || end == std::string_view::npos) return wrong();
    rest.remove_prefix(end);
    const std::size_t unit_end = std::min(rest.find_first_of("0123456789"), rest.size());
    const std::string_view unit = rest.substr(0, unit_end);
    rest.remove_prefix(unit_end);
    const auto count = static_cast<std::int64_t>(*number);
    if (unit == "ms") {
      sum += std::chrono::milliseconds(count);
    } else if (unit == "s") {
      sum += std::chrono::seconds(count);
    } else if (unit == "m") {
      sum += std::chrono::minutes(count);
    } else if (unit == "h") {
      sum += std::chrono::hours(count);
    } else {
      return wrong();
    }
  }
  return sum;
}

Result<Options> parse_options(int argc, const char* const* argv) {
  CLI::App app(kAbout, "sluice-injector");
  app.set_version_flag("--version", "sluice-injector " SLUICE_VERSION,
                       "Print the version and exit");
  Options options;
  Texts texts;
  add_serving(app, options, texts);
  add_configuration(app, options, texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream complaint;
    const int status = app.exit(error, out, complaint);
    std::fputs(out.str().c_str(), stdout);
    return usage(status == 0 ? "" : complaint.str());
  }
  ASSIGN_OR_RETURN(options.listen, parse_endpoint(texts.listen));
  ASSIGN_OR_RETURN(options.metrics_listen, parse_endpoint(texts.metrics_listen));
  ASSIGN_OR_RETURN(options.drain, parse_duration(texts.drain));
  ASSIGN_OR_RETURN(options.native_sidecars, parse_native(texts.native_sidecars));
  ASSIGN_OR_RETURN(options.log_level, parse_level(texts.log_level));
  RETURN_IF_ERROR(check(options));
  return options;
}

}  // namespace sluice::webhook
