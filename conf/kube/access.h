#pragma once

// How to reach one cluster's API server and who to be there: what a kubeconfig or a service
// account's directory says, with certificates and keys read in.

#include <cstdint>
#include <optional>
#include <string>

namespace sluice::kube {

/// A certificate (with any intermediates after it) and its private key, both PEM.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;
  bool operator==(const Identity&) const = default;
};

struct ClusterAccess {
  std::string origin;  ///< where this was read, for messages: "kubeconfig /etc/x, cluster \"y\""
  std::string host;    ///< a literal address without brackets, or a DNS name
  std::uint16_t port = 443;
  std::string path_prefix;      ///< of the server's URL: "", or "/a/b" without a slash at its end
  std::string tls_server_name;  ///< whom the certificate must name; empty: the host
  std::string ca_pem;           ///< the only certificates that are trusted; never empty
  std::optional<Identity> client_certificate;
  std::string token;       ///< a bearer token; empty: none
  std::string token_file;  ///< read at each request, because kubelets rotate it; wins over `token`
  bool operator==(const ClusterAccess&) const = default;
};

}  // namespace sluice::kube
