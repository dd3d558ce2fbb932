#pragma once

// Where access to a cluster is written down: a kubeconfig file, or what a Pod finds in its own file
// system. Errors name the file and the field: Io when a file cannot be read, else Invalid.

#include <optional>
#include <string>
#include <string_view>

#include "conf/kube/access.h"
#include "rules/base/result.h"

namespace sluice::kube {

/// Reads a kubeconfig, YAML or JSON, for `context` or else its current-context. As in client-go,
/// "-data" fields win over files, tokenFile wins over token, and relative paths start at the
/// kubeconfig's own directory.
///
/// Refused, where client-go has something else in mind: no certificate-authority (the system's
/// certificates are never used), insecure-skip-tls-verify, plain http, exec, auth-provider,
/// username, impersonation and proxy-url.
[[nodiscard]] Result<ClusterAccess> load_kubeconfig(
    const std::string& path, const std::optional<std::string>& context = std::nullopt);

/// The same for text that is at hand; `name` is what messages call it, `directory` where relative
/// paths start.
[[nodiscard]] Result<ClusterAccess> parse_kubeconfig(std::string_view text, const std::string& name,
                                                     const std::string& directory,
                                                     const std::optional<std::string>& context);

/// The access of a Pod's service account: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT from
/// the environment, `ca.crt` and `token` from `directory`. Usage when a variable is missing.
[[nodiscard]] Result<ClusterAccess> in_cluster(
    const std::string& directory = "/var/run/secrets/kubernetes.io/serviceaccount");

/// Sets host, port and path prefix from "https://10.0.0.1:6443/prefix", "https://[::1]" and the
/// like. Invalid for another scheme, and for user information, a query or a fragment.
[[nodiscard]] Result<void> set_server(ClusterAccess& access, std::string_view url);

/// Standard base64 with padding, line breaks ignored, as Go decodes it. Invalid otherwise.
[[nodiscard]] Result<std::string> decode_base64(std::string_view text);

}  // namespace sluice::kube
