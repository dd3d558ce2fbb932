#include "injector/webhook/tls.h"

#include <ctime>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>

#include "conf/kube/certificate.h"

namespace sluice::webhook {
namespace {

// As ALPN writes it: a length, then the name.
constexpr std::string_view kHttp11 = "\x08http/1.1";

/// Picks HTTP/1.1 of what the client offers, or ends the handshake with the alert that says so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view one(reinterpret_cast<const char*>(offered) + at, 1U + offered[at]);
    if (one.size() > offered_size - at) break;
    if (one != kHttp11) continue;
    *chosen = offered + at + 1;
    *size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<std::shared_ptr<const Serving>> serving(const kube::Identity& identity,
                                               const std::string& client_ca_pem) {
  ASSIGN_OR_RETURN(kube::SslContext context, kube::server_context(identity, client_ca_pem));
  ASSIGN_OR_RETURN(const kube::Validity validity, kube::validity_of(identity.certificate_pem));
  if (validity.ends <= std::time(nullptr)) {
    return fail(Errc::Invalid, "certificate: it expired " + kube::date_text(validity.ends));
  }
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return std::make_shared<const Serving>(Serving{std::move(context), validity.ends});
}

}  // namespace sluice::webhook
