#pragma once

// The Secret of the self-signed mode: made if it is not there, adopted if it is, renewed in time.
// However many replicas keep it, all serve what is in it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"
#include "injector/webhook/own_certificate.h"

namespace sluice::webhook {

/// What a Secret holds; empty where it holds nothing, or what is no base64.
[[nodiscard]] OwnCertificate certificate_in(const nlohmann::json& secret);
/// `secret` with that in its data; everything else stays.
[[nodiscard]] nlohmann::json with_certificate(nlohmann::json secret,
                                              const OwnCertificate& certificate);

struct SecretOptions {
  std::string namespace_name;
  std::string name;
  std::vector<std::string> names;  ///< of the certificate
  Lifetimes lifetimes = {};
  /// How often to look whether it is time.
  std::chrono::milliseconds interval = std::chrono::minutes(1);
};

class SecretKeeper {
 public:
  struct Listener {
    std::function<void(const OwnCertificate&)> held;  ///< after each look
    std::function<void(const Error&)> trouble;
  };
  [[nodiscard]] static std::unique_ptr<SecretKeeper> start(
      std::shared_ptr<const kube::Client> client, SecretOptions options, Listener listener);

  SecretKeeper(const SecretKeeper&) = delete;
  SecretKeeper& operator=(const SecretKeeper&) = delete;
  ~SecretKeeper();

 private:
  class Loop;
  explicit SecretKeeper(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sluice::webhook
