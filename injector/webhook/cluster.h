#pragma once

// What comes from the cluster that the injector runs in: Istio's ConfigMaps, the own certificate's
// Secret, webhook configurations, and, where reviews ask for them, nodes, namespaces and
// ProxyConfigs.

#include <memory>

#include "conf/kube/access.h"
#include "injector/webhook/options.h"
#include "injector/webhook/state.h"

namespace sluice::webhook {

/// Whether the options can be followed without a cluster.
[[nodiscard]] bool needs_cluster(const Options& options);

/// By the kubeconfig that was named, else as the Pod that this runs in.
[[nodiscard]] Result<kube::ClusterAccess> cluster_access(const Options& options);

class Cluster {
 public:
  /// Watches from now on; what comes goes into `state`. Invalid for a certificate of the access.
  [[nodiscard]] static Result<std::unique_ptr<Cluster>> start(const Options& options,
                                                              kube::ClusterAccess access,
                                                              State& state);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

 private:
  class Watches;
  explicit Cluster(std::unique_ptr<Watches> watches);
  std::unique_ptr<Watches> watches_;
};

}  // namespace sluice::webhook
