#pragma once

// The two ports' routes: which path is which webhook, who is told what about this process's health.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "injector/webhook/http.h"
#include "injector/webhook/log.h"
#include "injector/webhook/metrics.h"
#include "injector/webhook/world.h"

namespace sluice::webhook {

/// What /readyz is made of: named conditions, each good, worth a warning, or bad.
class Health {
 public:
  enum class State { Good, Warning, Bad };
  void set(const std::string& name, State state, std::string text = {});
  void forget(const std::string& name);

  [[nodiscard]] bool ready() const;
  /// One line each: "[+] config: read at ...", "[!] reload: ...", "[-] certificate: none yet".
  [[nodiscard]] std::string text() const;

 private:
  struct Condition {
    State state;
    std::string text;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Condition> conditions_;
};

/// So that a client that does wrong all the time does not fill the disk.
class LogLimit {
 public:
  explicit LogLimit(int per_second) : per_second_(per_second) {}
  /// Whether a line may be written now; then how many were not since the last one that was.
  [[nodiscard]] std::optional<int> admit(std::chrono::steady_clock::time_point now);

 private:
  int per_second_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point begun_;
  int admitted_ = 0;
  int withheld_ = 0;
};

class Service {
 public:
  Service(const Current<World>& world, Metrics& metrics, const Health& health, const Log& log)
      : world_(world), metrics_(metrics), health_(health), log_(log) {}

  /// The webhook's port: POST /inject..., /validate and /validate/opt-in.
  [[nodiscard]] HttpReply answer_review(const HttpRequest& request) const;
  /// The other port: GET /healthz, /readyz, /metrics.
  [[nodiscard]] HttpReply answer_probe(const HttpRequest& request) const;

 private:
  HttpReply inject(std::string_view body, const PathParameters& parameters) const;
  HttpReply validate(std::string_view body, Scope scope) const;
  void say(const Reviewed& reviewed, std::string_view webhook) const;

  const Current<World>& world_;
  Metrics& metrics_;
  const Health& health_;
  const Log& log_;
  mutable LogLimit limit_{20};
};

}  // namespace sluice::webhook
