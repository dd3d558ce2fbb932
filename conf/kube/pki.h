#pragma once

// Certificates made on the spot: an authority and what it signs, EC P-256. For the injector's own
// certificate, for tests, and for the lab's API server.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "conf/kube/access.h"
#include "rules/base/result.h"

struct evp_pkey_st;
struct x509_st;

namespace sluice::kube {

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> names;      ///< subjectAltName: literal addresses and DNS names
  std::chrono::seconds begins{-3600};  ///< from now
  std::chrono::seconds ends{86400};    ///< from now
};

class Authority {
 public:
  /// A new key and a certificate that signs itself. Of `request`, names do not count.
  [[nodiscard]] static Result<Authority> create(const CertificateRequest& request);
  [[nodiscard]] static Result<Authority> create(const std::string& common_name);
  /// One that was made before. Invalid when it is no certificate with its key.
  [[nodiscard]] static Result<Authority> load(const Identity& identity);

  [[nodiscard]] const std::string& certificate_pem() const { return certificate_pem_; }
  [[nodiscard]] Identity identity() const;
  /// A certificate for a server and for a client alike, with a new key. Invalid when OpenSSL does
  /// not take a name.
  [[nodiscard]] Result<Identity> issue(const CertificateRequest& request) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const noexcept;
    void operator()(x509_st* certificate) const noexcept;
  };
  Authority() = default;
  std::unique_ptr<evp_pkey_st, Free> key_;
  std::unique_ptr<x509_st, Free> certificate_;
  std::string certificate_pem_;
};

}  // namespace sluice::kube
