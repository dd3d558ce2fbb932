#pragma once

// Where a cluster's API server is and who we are to it, as kubeconfig files and service accounts'
// directories say.

#include <optional>
#include <string>

#include "conf/kube/access.h"
#include "rules/base/result.h"

namespace sluice::kube {

/// Reads a kubeconfig, YAML or JSON, and follows `context`, or its current-context. Relative paths
/// in it are relative to it. Errors name the file and the field: Io when a file cannot be read,
/// Malformed when it is no YAML, Invalid for what it says: no TLS or no verification (never done
/// here), exec and auth-provider plugins (no program is started here), missing fields.
[[nodiscard]] Result<ClusterAccess> load_kubeconfig(const std::string& path,
                                                    const std::optional<std::string>& context = {});

/// The access of a pod: KUBERNETES_SERVICE_HOST and _PORT, token and ca.crt in `directory`.
[[nodiscard]] Result<ClusterAccess> in_cluster(
    const std::string& directory = "/var/run/secrets/kubernetes.io/serviceaccount");

}  // namespace sluice::kube
