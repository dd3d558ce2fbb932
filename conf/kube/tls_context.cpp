#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "conf/kube/tls.h"
#include "rules/base/free_with.h"

namespace sluice::kube {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

tl::unexpected<Error> invalid(std::string message) {
  ERR_clear_error();
  return fail(Errc::Invalid, std::move(message));
}

BioPtr reading(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// A PEM key that is encrypted has nobody to ask: the empty passphrase, instead of the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

X509Ptr next_certificate(BIO* bio) {
  return X509Ptr(PEM_read_bio_X509(bio, nullptr, no_passphrase, nullptr));
}

Result<SslContext> new_context(const SSL_METHOD* method) {
  // First of all calls to OpenSSL: a root program must not take options, engines or providers from
  // a configuration file on the host. The names of old ciphers, which TLS never asks for, and
  // tidying up at exit would each cost a short-lived program a twelfth of its time.
  OPENSSL_init_ssl(
      OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ATEXIT,
      nullptr);
  SslContext context(SSL_CTX_new(method));
  if (context == nullptr) return fail(Errc::Unavailable, "OpenSSL cannot make a TLS context");
  SSL_CTX* ctx = context.get();
  SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_ctrl(ctx, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
  SSL_CTX_set_default_read_buffer_len(ctx, 32768);  // two records a read, when they are there
  SSL_CTX_ctrl(ctx, SSL_CTRL_SET_READ_AHEAD, 1, nullptr);
  return context;
}

/// Trusts every certificate in `pem`; how many there were is not limited, but one there must be.
Result<void> trust(SSL_CTX* ctx, const std::string& pem) {
  const BioPtr bio = reading(pem);
  X509_STORE* store = SSL_CTX_get_cert_store(ctx);
  int count = 0;
  while (const X509Ptr certificate = next_certificate(bio.get())) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) {
      return invalid("certificate authority: a certificate cannot be used");
    }
    ++count;
  }
  if (count == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return invalid("certificate authority: not a list of PEM certificates");
  }
  ERR_clear_error();
  return {};
}

/// Shows `identity` to the other end.
Result<void> present(SSL_CTX* ctx, const Identity& identity) {
  const BioPtr certificates = reading(identity.certificate_pem);
  const X509Ptr leaf = next_certificate(certificates.get());
  if (leaf == nullptr || SSL_CTX_use_certificate(ctx, leaf.get()) != 1) {
    return invalid("certificate: not a PEM certificate");
  }
  while (const X509Ptr issuer = next_certificate(certificates.get())) {
    SSL_CTX_ctrl(ctx, SSL_CTRL_CHAIN_CERT, 1, issuer.get());
  }
  const PkeyPtr key(
      PEM_read_bio_PrivateKey(reading(identity.key_pem).get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr) return invalid("key: not a PEM private key without passphrase");
  if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
    return invalid("key: it is not the key of the certificate");
  }
  ERR_clear_error();
  return {};
}

}  // namespace

Result<SslContext> client_context(const std::string& ca_pem,
                                  const std::optional<Identity>& identity) {
  ASSIGN_OR_RETURN(SslContext context, new_context(TLS_client_method()));
  SSL_CTX* ctx = context.get();
  // In the order of their cost here; every API server has one of each.
  SSL_CTX_set_ciphersuites(
      ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
  std::string groups = "X25519:P-256:P-384";
  SSL_CTX_ctrl(ctx, SSL_CTRL_SET_GROUPS_LIST, 0, groups.data());
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  // A chain may end at any certificate of the list, not only at one that signed itself: what Go
  // clients accept must work here.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
  RETURN_IF_ERROR(trust(ctx, ca_pem));
  if (identity) {
    auto presented = present(ctx, *identity);
    if (!presented) return fail(std::move(presented).error().wrap("client"));
  }
  return context;
}

Result<SslContext> server_context(const Identity& identity, const std::string& client_ca_pem) {
  ASSIGN_OR_RETURN(SslContext context, new_context(TLS_server_method()));
  RETURN_IF_ERROR(present(context.get(), identity));
  SSL_CTX_set_num_tickets(context.get(), 0);
  if (!client_ca_pem.empty()) {
    RETURN_IF_ERROR(trust(context.get(), client_ca_pem));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace sluice::kube
