#include "conf/kube/tls.h"

#include <cerrno>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include "rules/base/address.h"

namespace sluice::kube {

/// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE in a process that has not
/// asked to ignore it; and it does not remember how the connection ended.
struct TlsStream::Socket {
  UniqueFd fd;
  int error = 0;       // errno of the last failed recv or send
  bool ended = false;  // the peer has closed the connection
  std::string peer;    // whom the certificate must name; empty in a server
};

void TlsStream::SocketFree::operator()(Socket* socket) const noexcept {
  delete socket;
}

void SslFree::operator()(ssl_st* ssl) const noexcept {
  SSL_free(ssl);
}

void SslFree::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

namespace {

TlsStream::Socket& socket_of(BIO* bio) {
  return *static_cast<TlsStream::Socket*>(BIO_get_data(bio));
}

/// What a BIO answers after a recv or send that returned `size`.
int transferred(BIO* bio, ssize_t size) {
  BIO_clear_retry_flags(bio);
  if (size >= 0) return static_cast<int>(size);
  if (errno == EAGAIN || errno == EINTR) return -1;
  socket_of(bio).error = errno;
  return -1;
}

int bio_read(BIO* bio, char* into, int size) {
  TlsStream::Socket& socket = socket_of(bio);
  const ssize_t n = ::recv(socket.fd.get(), into, static_cast<std::size_t>(size), 0);
  const int result = transferred(bio, n);
  socket.ended = n == 0;
  if (n < 0 && socket.error == 0) BIO_set_retry_read(bio);
  return result;
}

int bio_write(BIO* bio, const char* from, int size) {
  TlsStream::Socket& socket = socket_of(bio);
  const ssize_t n = ::send(socket.fd.get(), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  const int result = transferred(bio, n);
  if (n < 0 && socket.error == 0) BIO_set_retry_write(bio);
  return result;
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return socket_of(bio).ended ? 1 : 0;
  return 0;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* created = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sluice socket");
    BIO_meth_set_read(created, bio_read);
    BIO_meth_set_write(created, bio_write);
    BIO_meth_set_ctrl(created, bio_control);
    return created;
  }();
  return method;
}

/// The certificate's names must hold `peer`; a DNS name is also what the server is told (SNI).
/// As Go does and RFC 6125 asks for, the subject's common name never counts.
bool expect(SSL* ssl, const std::string& peer) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  if (const auto address = IpAddress::parse(peer)) {
    return X509_VERIFY_PARAM_set1_ip(param, address->bytes().data(), address->bytes().size()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  std::string name = peer;  // SSL_set_tlsext_host_name is a macro that casts the const away
  return X509_VERIFY_PARAM_set1_host(param, peer.data(), peer.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

/// Why TLS itself failed, from OpenSSL's error queue.
std::string tls_reason() {
  const unsigned long code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    return "TLS: the other end does not speak TLS";
  }
  const char* known = ERR_reason_error_string(code);
  const std::string text = known != nullptr ? known : "failed";
  // OpenSSL numbers the alerts that a peer sent from here on.
  const bool alert = ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET;
  return (alert ? "TLS: refused by the other end: " : "TLS: ") + text;
}

}  // namespace

TlsStream::TlsStream(std::unique_ptr<Socket, SocketFree> socket,
                     std::unique_ptr<ssl_st, SslFree> ssl)
    : socket_(std::move(socket)), ssl_(std::move(ssl)) {}

Result<TlsStream> TlsStream::over(ssl_ctx_st& context, UniqueFd fd) {
  std::unique_ptr<Socket, SocketFree> socket(new Socket{std::move(fd), 0, false, {}});
  std::unique_ptr<ssl_st, SslFree> ssl(SSL_new(&context));
  BIO* bio = BIO_new(socket_method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    return fail(Errc::Io, "TLS: out of memory", ENOMEM);
  }
  BIO_set_data(bio, socket.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  return TlsStream(std::move(socket), std::move(ssl));
}

Result<TlsStream> TlsStream::connect(ssl_ctx_st& context, UniqueFd socket, const std::string& peer,
                                     Deadline deadline) {
  ASSIGN_OR_RETURN(TlsStream stream, over(context, std::move(socket)));
  stream.socket_->peer = peer;
  if (!expect(stream.ssl_.get(), peer)) {
    ERR_clear_error();
    return fail(Errc::Invalid, "\"" + peer + "\" is not a name that a certificate can have");
  }
  RETURN_IF_ERROR(stream.whole([](SSL* ssl) { return SSL_connect(ssl); }, deadline));
  return stream;
}

Result<TlsStream> TlsStream::accept(ssl_ctx_st& context, UniqueFd socket, Deadline deadline) {
  ASSIGN_OR_RETURN(TlsStream stream, over(context, std::move(socket)));
  RETURN_IF_ERROR(stream.whole([](SSL* ssl) { return SSL_accept(ssl); }, deadline));
  return stream;
}

/// Repeats an SSL call, waiting for the socket in between, until it gives a number of bytes (for a
/// handshake 1), the peer's close_notify (0), an error, or the deadline passes.
template <class Step>
Result<std::size_t> TlsStream::repeat(Step step, Deadline deadline) {
  for (;;) {
    ERR_clear_error();
    const int n = step(ssl_.get());
    if (n > 0) return static_cast<std::size_t>(n);
    switch (const int error = SSL_get_error(ssl_.get(), n)) {
      case SSL_ERROR_WANT_READ:
        RETURN_IF_ERROR(wait_for(socket_->fd.get(), POLLIN, deadline));
        break;
      case SSL_ERROR_WANT_WRITE:
        RETURN_IF_ERROR(wait_for(socket_->fd.get(), POLLOUT, deadline));
        break;
      case SSL_ERROR_ZERO_RETURN:
        return 0;
      default: {
        Error failed = failure(error);
        ERR_clear_error();
        return fail(std::move(failed));
      }
    }
  }
}

/// For calls that the peer's close_notify must not end: a handshake, a write.
template <class Step>
Result<void> TlsStream::whole(Step step, Deadline deadline) {
  ASSIGN_OR_RETURN(const std::size_t n, repeat(step, deadline));
  if (n == 0) return fail(Errc::TryAgain, "connection closed by the other end", ECONNRESET);
  return {};
}

Error TlsStream::failure(int ssl_error) const {
  const auto error = [](std::string message, int sys_errno) {
    return Error{Errc::TryAgain, std::move(message), sys_errno};
  };
  if (socket_->error != 0) return error(describe_errno(socket_->error), socket_->error);
  if (socket_->ended) return error("connection closed by the other end", ECONNRESET);
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (ssl_error == SSL_ERROR_SSL && verdict != X509_V_OK) {
    const bool other_name =
        verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
    return error(std::string("TLS: certificate refused: ") +
                     (other_name ? "it is not for \"" + socket_->peer + "\""
                                 : X509_verify_cert_error_string(verdict)),
                 0);
  }
  return error(tls_reason(), 0);
}

Result<std::size_t> TlsStream::read_some(std::span<char> into, Deadline deadline) {
  return repeat(
      [&](SSL* ssl) {
        std::size_t size = 0;
        const int ok = SSL_read_ex(ssl, into.data(), into.size(), &size);
        return ok == 1 ? static_cast<int>(size) : ok;
      },
      deadline);
}

Result<void> TlsStream::write_all(std::string_view bytes, Deadline deadline) {
  if (bytes.empty()) return {};
  return whole(
      [&](SSL* ssl) {
        std::size_t size = 0;
        return SSL_write_ex(ssl, bytes.data(), bytes.size(), &size);
      },
      deadline);
}

int TlsStream::descriptor() const {
  return socket_->fd.get();
}

void TlsStream::close_notify() {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace sluice::kube
