#pragma once

// What this process knows, put together from many threads' news into the snapshots that requests
// see. A configuration or certificate that does not hold is said, counted, and changes nothing.

#include <mutex>
#include <string>
#include <vector>

#include "injector/webhook/compile.h"
#include "injector/webhook/log.h"
#include "injector/webhook/metrics.h"
#include "injector/webhook/service.h"
#include "injector/webhook/tls.h"

namespace sluice::webhook {

/// A serving certificate and whom clients must have theirs from (empty: anybody).
struct Certificate {
  kube::Identity identity;
  std::string client_ca_pem;
  bool operator==(const Certificate&) const = default;
};

class State {
 public:
  State(injector::Switches switches, NativeSidecars native, const Log& log);

  /// Compiles and publishes, unless these texts were the last that were tried.
  void configure(const Texts& texts, const std::string& origin);
  /// The texts could not even be read: as for ones that do not compile.
  void cannot_configure(const Error& error);

  void certify(const Certificate& certificate, const std::string& origin);
  void cannot_certify(const Error& error);

  void set_nodes(injector::NativeByNode nodes);
  void set_namespaces(std::map<std::string, nlohmann::json> namespaces);
  void set_proxy_configs(std::vector<mesh::ProxyConfigResource> resources);

  [[nodiscard]] const Current<World>& world() const { return world_; }
  [[nodiscard]] const Current<Serving>& serving() const { return serving_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  [[nodiscard]] Health& health() { return health_; }
  [[nodiscard]] const Log& log() const { return log_; }

 private:
  template <class Change>
  void change(Change change_world);
  void not_taken(const std::string& what, const Error& error, bool had_one);

  injector::Switches switches_;
  NativeSidecars native_;
  const Log& log_;
  Metrics metrics_;
  Health health_;
  std::mutex mutex_;  // of everything below, but not of reading the two snapshots
  std::optional<Texts> tried_texts_;
  std::optional<Certificate> tried_certificate_;
  std::string last_read_error_;
  Current<World> world_;
  Current<Serving> serving_;
};

}  // namespace sluice::webhook
