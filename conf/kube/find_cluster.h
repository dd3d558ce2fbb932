#pragma once

// Which cluster a person means, by kubectl's rules.

#include <optional>
#include <string>

#include "conf/kube/access.h"
#include "rules/base/result.h"

namespace sluice::kube {

/// Access by the kubeconfig `path`; if that is empty by those that $KUBECONFIG lists, else by
/// ~/.kube/config, else, in a Pod, by its service account. In a list of files the first that has
/// the context counts, and the first current-context. Usage when nothing of this exists.
[[nodiscard]] Result<ClusterAccess> find_cluster(const std::string& path,
                                                 const std::optional<std::string>& context);

}  // namespace sluice::kube
