#pragma once

// What the command line of sluice-injector says.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "injector/injection.h"
#include "injector/webhook/log.h"
#include "rules/base/result.h"

namespace sluice::webhook {

struct Endpoint {
  std::string address;
  std::uint16_t port;
  bool operator==(const Endpoint&) const = default;
};

/// "0.0.0.0:8443", "[::]:8443", ":8443" (every address, both families). Usage for anything else.
[[nodiscard]] Result<Endpoint> parse_endpoint(const std::string& text);

/// "90s", "2m", "1h30m", "500ms". Usage for anything else.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(const std::string& text);

enum class NativeSidecars { Auto, Always, Never };

struct Options {
  Endpoint listen{"::", 8443};
  Endpoint metrics_listen{"::", 8080};
  unsigned threads = 0;  ///< 0: one per processor
  std::chrono::milliseconds drain{15'000};
  Level log_level = Level::Info;

  std::string tls_cert;
  std::string tls_key;
  std::string client_ca;

  std::string self_signed;                   ///< name of the Secret; empty: certificate from files
  std::vector<std::string> webhook_configs;  ///< whose caBundle is kept
  std::string service_name = "sluice-injector";
  std::string own_namespace;  ///< of Secret and Service; empty: the Pod's own

  std::string inject_config;  ///< files; empty: from the cluster
  std::string values;
  std::string mesh_config;
  bool builtin = false;

  std::string kubeconfig;  ///< empty: the Pod's service account
  std::string istio_namespace = "istio-system";
  NativeSidecars native_sidecars = NativeSidecars::Auto;
  injector::Switches switches;
};

/// Reads the command line. Usage, with the text to print, for what cannot be meant; an empty text
/// when help or version was asked for and printed.
[[nodiscard]] Result<Options> parse_options(int argc, const char* const* argv);

}  // namespace sluice::webhook
