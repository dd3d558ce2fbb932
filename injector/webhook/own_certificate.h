#pragma once

// The certificate that the injector makes for itself: what must be in its Secret, as a function of
// what is in it and of the time. Replicas that look at the same Secret come to the same.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conf/kube/access.h"
#include "rules/base/result.h"

namespace sluice::webhook {

/// A Secret's data, decoded.
struct OwnCertificate {
  std::string trusted;       ///< ca.crt: whom API servers must trust; first whoever signs now
  std::string signing_key;   ///< ca.key
  kube::Identity successor;  ///< next-ca.crt, next-ca.key: who will sign, once trusted everywhere
  kube::Identity serving;    ///< tls.crt, tls.key
  bool operator==(const OwnCertificate&) const = default;
};

struct Lifetimes {
  std::chrono::seconds authority = std::chrono::hours(24 * 365 * 5);
  std::chrono::seconds serving = std::chrono::hours(24 * 90);
  /// How long a new authority is trusted before it signs: the time that a caBundle needs to be
  /// patched and to reach every API server.
  std::chrono::seconds spreading = std::chrono::hours(1);
};

/// What must take the place of `held`; nothing when it is well. A serving certificate is renewed in
/// the last third of its life, an authority while it still outlives what it signs, and in two
/// steps, so that at no moment an API server meets one that it does not trust.
[[nodiscard]] Result<std::optional<OwnCertificate>> renewed(const OwnCertificate& held,
                                                            const std::vector<std::string>& names,
                                                            std::int64_t now,
                                                            const Lifetimes& lifetimes);

}  // namespace sluice::webhook
