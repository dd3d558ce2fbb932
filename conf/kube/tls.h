#pragma once

// TLS over a connected socket, for either end. Every call ends by its deadline; none raises
// SIGPIPE; no OpenSSL configuration file is read and no error is left in OpenSSL's queue.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "conf/kube/access.h"
#include "conf/kube/deadline.h"
#include "rules/base/result.h"
#include "rules/base/unique_fd.h"

struct ssl_st;
struct ssl_ctx_st;

namespace sluice::kube {

struct SslFree {
  void operator()(ssl_st* ssl) const noexcept;
  void operator()(ssl_ctx_st* context) const noexcept;
};
using SslContext = std::unique_ptr<ssl_ctx_st, SslFree>;

/// For clients: TLS 1.2 or later, `ca_pem` as the only trust (an intermediate will do, as in Go).
/// Invalid when a certificate or key cannot be used.
[[nodiscard]] Result<SslContext> client_context(const std::string& ca_pem,
                                                const std::optional<Identity>& identity);

/// For servers. With `client_ca_pem`, a client must show a certificate that it signed.
[[nodiscard]] Result<SslContext> server_context(const Identity& identity,
                                                const std::string& client_ca_pem);

/// One TLS connection. Errors are TryAgain; sys_errno is set when the network failed (ETIMEDOUT at
/// the deadline, ECONNRESET when the peer went away), zero when TLS did: a certificate, an alert.
class TlsStream {
 public:
  /// Handshakes as a client on a connected, non-blocking socket. The certificate must name `peer`,
  /// a literal address or a DNS name, in its subjectAltName.
  [[nodiscard]] static Result<TlsStream> connect(ssl_ctx_st& context, UniqueFd socket,
                                                 const std::string& peer, Deadline deadline);
  [[nodiscard]] static Result<TlsStream> accept(ssl_ctx_st& context, UniqueFd socket,
                                                Deadline deadline);

  /// At least one byte, or none when the peer has closed the session with a close_notify. A
  /// connection that merely ends is an error, since anyone on the path can end it.
  [[nodiscard]] Result<std::size_t> read_some(std::span<char> into, Deadline deadline);
  [[nodiscard]] Result<void> write_all(std::string_view bytes, Deadline deadline);
  /// For another thread to end it with shutdown(2); owned by the stream.
  [[nodiscard]] int descriptor() const;
  /// Sends a close_notify, without waiting for the peer's.
  void close_notify();

  struct Socket;  ///< what OpenSSL reads from and writes to

 private:
  struct SocketFree {
    void operator()(Socket* socket) const noexcept;
  };
  TlsStream(std::unique_ptr<Socket, SocketFree> socket, std::unique_ptr<ssl_st, SslFree> ssl);
  static Result<TlsStream> over(ssl_ctx_st& context, UniqueFd socket);
  template <class Step>
  Result<std::size_t> repeat(Step step, Deadline deadline);
  template <class Step>
  Result<void> whole(Step step, Deadline deadline);
  Error failure(int ssl_error) const;

  std::unique_ptr<Socket, SocketFree> socket_;  // outlives ssl_, which points to it
  std::unique_ptr<ssl_st, SslFree> ssl_;
};

}  // namespace sluice::kube
