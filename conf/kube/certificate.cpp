#include "conf/kube/certificate.h"

#include <array>
#include <ctime>
#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace sluice::kube {
namespace {

template <auto Free>
struct FreeWith {
  void operator()(auto* object) const noexcept { Free(object); }
};
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;

std::int64_t seconds(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

}  // namespace

Result<Validity> validity_of(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return fail(Errc::Invalid, "certificate: not a PEM certificate");
  return Validity{seconds(X509_get0_notBefore(certificate.get())),
                  seconds(X509_get0_notAfter(certificate.get()))};
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
