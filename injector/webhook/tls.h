#pragma once

// The serving side of TLS: 1.2 and 1.3, HTTP/1.1 and nothing else by ALPN, no session tickets.

#include <cstdint>
#include <memory>
#include <string>

#include "conf/kube/access.h"
#include "conf/kube/tls.h"
#include "rules/base/result.h"

namespace sluice::webhook {

/// What new connections are accepted with. Never changes; a new certificate makes another, and old
/// connections go on with theirs.
struct Serving {
  kube::SslContext context;
  std::int64_t expires;  ///< of the certificate, in seconds since 1970
};

/// With `client_ca_pem`, only clients that show a certificate signed by it are let in. Invalid when
/// certificate, key or authority cannot be used, do not belong together, or have expired.
[[nodiscard]] Result<std::shared_ptr<const Serving>> serving(const kube::Identity& identity,
                                                             const std::string& client_ca_pem);

}  // namespace sluice::webhook
