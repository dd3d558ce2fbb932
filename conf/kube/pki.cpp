#include "conf/kube/pki.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "rules/base/address.h"
#include "rules/base/free_with.h"

namespace sluice::kube {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

tl::unexpected<Error> failed(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = "certificate: cannot make its " + what;
  if (reason != nullptr) text.append(": ").append(reason);
  ERR_clear_error();
  return fail(Errc::Invalid, std::move(text));
}

template <class Write>
std::string to_pem(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  std::string text(BIO_ctrl_pending(bio.get()), '\0');
  BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  return text;
}

std::string to_pem(X509* certificate) {
  return to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
  return to_pem(
      [&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

BioPtr reading(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Names, dates, key and a serial number of its own; no extensions and no signature.
bool fill(X509* certificate, const CertificateRequest& request, const X509* issuer, EVP_PKEY* key) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* name = reinterpret_cast<const unsigned char*>(request.common_name.c_str());
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), std::uint64_t{1} + serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), request.begins.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), request.ends.count());
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate,
                              issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1 &&
         X509_set_pubkey(certificate, key) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += (IpAddress::parse(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

}  // namespace

void Authority::Free::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

void Authority::Free::operator()(x509_st* certificate) const noexcept {
  X509_free(certificate);
}

Result<Authority> Authority::create(const std::string& common_name) {
  CertificateRequest request;
  request.common_name = common_name;
  return create(request);
}

Result<Authority> Authority::load(const Identity& identity) {
  Authority authority;
  const auto silent = [](char*, int, int, void*) { return 0; };
  authority.certificate_.reset(
      PEM_read_bio_X509(reading(identity.certificate_pem).get(), nullptr, silent, nullptr));
  authority.key_.reset(
      PEM_read_bio_PrivateKey(reading(identity.key_pem).get(), nullptr, silent, nullptr));
  ERR_clear_error();
  if (authority.certificate_ == nullptr || authority.key_ == nullptr ||
      X509_check_private_key(authority.certificate_.get(), authority.key_.get()) != 1) {
    ERR_clear_error();
    return fail(Errc::Invalid, "authority: not a PEM certificate with its key");
  }
  authority.certificate_pem_ = to_pem(authority.certificate_.get());
  return authority;
}

Identity Authority::identity() const {
  return {certificate_pem_, to_pem(key_.get())};
}

Result<Authority> Authority::create(const CertificateRequest& request) {
  Authority authority;
  authority.key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  authority.certificate_.reset(X509_new());
  X509* certificate = authority.certificate_.get();
  EVP_PKEY* key = authority.key_.get();
  if (key == nullptr || !fill(certificate, request, nullptr, key)) return failed("subject");
  if (!add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") ||
      !add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(certificate, certificate, NID_subject_key_identifier, "hash")) {
    return failed("extensions");
  }
  if (X509_sign(certificate, key, EVP_sha256()) == 0) return failed("signature");
  authority.certificate_pem_ = to_pem(certificate);
  return authority;
}

Result<Identity> Authority::issue(const CertificateRequest& request) const {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const std::unique_ptr<X509, Free> owner(X509_new());
  X509* certificate = owner.get();
  if (key == nullptr || !fill(certificate, request, certificate_.get(), key.get())) {
    return failed("subject");
  }
  X509* issuer = certificate_.get();
  const std::string names = alternative_names(request.names);
  if (!add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth") ||
      !add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") ||
      (!names.empty() && !add_extension(certificate, issuer, NID_subject_alt_name, names))) {
    return failed("extensions");
  }
  if (X509_sign(certificate, key_.get(), EVP_sha256()) == 0) return failed("signature");
  return Identity{to_pem(certificate), to_pem(key.get())};
}

}  // namespace sluice::kube
