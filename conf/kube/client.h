#pragma once

// The client of the Kubernetes API: HTTPS/1.1 to one cluster, trusting that cluster's authority
// alone. It reads no proxy variables, no system certificates, no openssl.cnf and no nsswitch.conf,
// starts no threads, and never tries twice: what is worth another attempt is for its caller to say.

#include <chrono>
#include <string>
#include <string_view>

#include "conf/kube/access.h"
#include "conf/kube/deadline.h"
#include "conf/kube/http.h"
#include "conf/kube/tls.h"
#include "rules/base/result.h"

namespace sluice::kube {

struct ClientLimits {
  /// For a connection to one address, inside the deadline of the whole request.
  std::chrono::milliseconds connect{5000};
  HttpLimits http;
};

/// What is asked of the API.
struct Request {
  std::string_view method;
  std::string_view path;  ///< absolute and percent-encoded, with its query
  std::string_view content_type = {};
  std::string_view body = {};
};

class Client {
 public:
  /// Reads the certificates; connects to nothing yet. Invalid when one of them cannot be used.
  [[nodiscard]] static Result<Client> create(ClusterAccess access, ClientLimits limits = {});

  /// GETs `path`, absolute and percent-encoded ("/api/v1/nodes?limit=5"), on a connection of its
  /// own, and gives the whole answer whatever its status: see body_of(). Name lookup, connection,
  /// handshake, request and answer all end by `deadline`.
  ///
  /// Errors begin with the method and the URL. TryAgain: see network_failed(); Io or Invalid: the
  /// token's file; Invalid: the path.
  [[nodiscard]] Result<Response> get(std::string_view path, Deadline deadline) const;

  /// The same for any request.
  [[nodiscard]] Result<Response> send(const Request& request, Deadline deadline) const;

  /// Sends a request and leaves its answer, which may go on for long, to be read.
  [[nodiscard]] Result<TlsStream> begin(const Request& request, Deadline deadline) const;

  /// "GET https://10.0.0.1:443/api/v1/...", for messages.
  [[nodiscard]] std::string named(const Request& request) const;

  /// "https://10.0.0.1:6443", with the path prefix.
  [[nodiscard]] const std::string& server() const { return server_; }

 private:
  Client(ClusterAccess access, ClientLimits limits, SslContext context);
  [[nodiscard]] Result<TlsStream> open(Deadline deadline) const;
  [[nodiscard]] Result<std::string> authorization() const;
  [[nodiscard]] Result<std::string> head(const Request& request) const;
  [[nodiscard]] Result<TlsStream> started(const Request& request, Deadline deadline) const;
  [[nodiscard]] Result<Response> exchange(const Request& request, Deadline deadline) const;

  ClusterAccess access_;
  ClientLimits limits_;
  SslContext context_;
  std::string authority_;  // host and port as in a URL
  std::string server_;
};

/// Whether a request failed below TLS: refused, unreachable, not found by name, reset, cut short,
/// or past its deadline (ETIMEDOUT). Such a failure may pass; a wrong certificate, a TLS alert, an
/// answer that is no HTTP or too large will be the same the next time.
[[nodiscard]] inline bool network_failed(const Error& error) {
  return error.code == Errc::TryAgain && error.sys_errno != 0;
}

/// A port as URLs and Host headers write it after a host: brackets around IPv6, none around names.
[[nodiscard]] std::string host_and_port(const std::string& host, std::uint16_t port);

}  // namespace sluice::kube
