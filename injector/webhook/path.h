#pragma once

// The path of a webhook's URL, in which Istio's installations say what the API server cannot.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::webhook {

struct PathParameters {
  std::string cluster;                           ///< "cluster": ISTIO_META_CLUSTER_ID
  std::string network;                           ///< "net": ISTIO_META_NETWORK
  std::map<std::string, std::string> proxy_env;  ///< the others, names in upper case
  bool operator==(const PathParameters&) const = default;
};

/// The path of a request's target, percent-decoded, without query and without slashes at its end.
/// Nothing for a broken escape and for a zero byte.
[[nodiscard]] std::optional<std::string> decoded_path(std::string_view target);

/// Reads "/inject/KEY/VALUE/...", in which "--slash--" in a value means a slash and a last key
/// without a value is dropped, and the older "/inject/:ENV:KEY=VALUE:ENV:...". `path` is decoded.
/// Nothing when it is neither "/inject" nor below it.
[[nodiscard]] std::optional<PathParameters> inject_parameters(std::string_view path);

}  // namespace sluice::webhook
