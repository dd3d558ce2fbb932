// sprig's one function on certificates that needs neither chance nor a secret.

#include <memory>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "injector/template/functions/base64.h"
#include "injector/template/functions/bind.h"
#include "injector/template/functions/text.h"
#include "rules/base/free_with.h"

namespace sluice::tmpl {
namespace {

using std::string;

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

Bio reader_of(const string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// OpenSSL would ask a person.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// A pair that exists, as a template uses one that was generated.
Result<Value> custom_certificate(const string& certificate_base64, const string& key_base64) {
  const auto certificate = from_base64(certificate_base64);
  if (!certificate) return go_error("unable to decode base64 certificate");
  const auto key = from_base64(key_base64);
  if (!key) return go_error("unable to decode base64 private key");
  if (certificate->find("-----BEGIN ") == string::npos) {
    return go_error("unable to decode certificate");
  }
  const Certificate parsed(
      PEM_read_bio_X509(reader_of(*certificate).get(), nullptr, no_passphrase, nullptr));
  if (!parsed) {
    return go_error("error parsing certificate: decodedCert.Bytes: x509: malformed certificate");
  }
  if (key->find("-----BEGIN ") == string::npos) {
    return go_error("error parsing private key: no PEM data in input");
  }
  const Key parsed_key(
      PEM_read_bio_PrivateKey(reader_of(*key).get(), nullptr, no_passphrase, nullptr));
  if (!parsed_key) return go_error("error parsing private key: malformed key");
  return certificate_value(*certificate, *key);
}

}  // namespace

void add_certificates(FunctionTable& table) {
  Binder(table).bind("buildCustomCert", custom_certificate);
}

}  // namespace sluice::tmpl
