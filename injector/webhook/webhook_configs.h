#pragma once

// The webhook configurations of the cluster: ours get their caBundle, and get it again when it is
// taken away; other injectors for the same pods are noticed and said.

#include <memory>
#include <string>
#include <vector>

#include "conf/kube/client.h"
#include "injector/webhook/state.h"

namespace sluice::webhook {

class WebhookConfigs {
 public:
  /// `names` are of configurations whose caBundle to keep, mutating or validating; without names,
  /// those with webhooks of ours count as ours, and nothing is patched.
  [[nodiscard]] static std::unique_ptr<WebhookConfigs> start(
      std::shared_ptr<const kube::Client> client, std::vector<std::string> names, State& state);

  /// Whom API servers must trust from now on.
  void trust(const std::string& ca_pem);

  WebhookConfigs(const WebhookConfigs&) = delete;
  WebhookConfigs& operator=(const WebhookConfigs&) = delete;
  ~WebhookConfigs();

 private:
  class Loop;
  explicit WebhookConfigs(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sluice::webhook
