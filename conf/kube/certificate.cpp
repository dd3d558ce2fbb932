#include "conf/kube/certificate.h"

#include <array>
#include <ctime>
#include <memory>
#include <string_view>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "rules/base/free_with.h"

namespace sluice::kube {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;

X509Ptr first_certificate(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

std::int64_t seconds(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

}  // namespace

Result<Validity> validity_of(const std::string& pem) {
  const X509Ptr certificate = first_certificate(pem);
  if (certificate == nullptr) return fail(Errc::Invalid, "certificate: not a PEM certificate");
  return Validity{seconds(X509_get0_notBefore(certificate.get())),
                  seconds(X509_get0_notAfter(certificate.get()))};
}

bool is_signed_by(const std::string& pem, const std::string& authority_pem) {
  const X509Ptr certificate = first_certificate(pem);
  const X509Ptr authority = first_certificate(authority_pem);
  if (certificate == nullptr || authority == nullptr) return false;
  const bool is_signed = X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  return is_signed;
}

bool is_for(const std::string& pem, const std::string& name) {
  const X509Ptr certificate = first_certificate(pem);
  return certificate != nullptr &&
         X509_check_host(certificate.get(), name.data(), name.size(),
                         X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

std::vector<std::string> certificates_in(const std::string& pem) {
  constexpr std::string_view Begin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view End = "-----END CERTIFICATE-----";
  std::vector<std::string> found;
  for (std::size_t at = pem.find(Begin); at != std::string::npos; at = pem.find(Begin, at)) {
    const std::size_t end = pem.find(End, at);
    if (end == std::string::npos) break;
    found.push_back(pem.substr(at, end + End.size() - at) + "\n");
    at = end;
  }
  return found;
}

std::string date_text(std::int64_t moment) {
  const std::time_t time = moment;
  tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t size = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

}  // namespace sluice::kube
