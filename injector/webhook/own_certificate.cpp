#include "injector/webhook/own_certificate.h"

#include <algorithm>
#include <utility>

#include "conf/kube/certificate.h"
#include "conf/kube/pki.h"

namespace sluice::webhook {
namespace {

using kube::Authority;
using std::chrono::seconds;

// Certificates are valid from before they were made, for clocks that are behind.
constexpr seconds kBackdated{3600};
constexpr const char* kAuthorityName = "sluice-injector authority";

std::int64_t ends(const std::string& pem) {
  const auto validity = kube::validity_of(pem);
  return validity ? validity->ends : 0;
}

std::string first_of(const std::string& pem) {
  const auto all = kube::certificates_in(pem);
  return all.empty() ? std::string() : all.front();
}

Result<Authority> new_authority(const Lifetimes& lifetimes) {
  return Authority::create({kAuthorityName, {}, -kBackdated, lifetimes.authority});
}

/// Puts a certificate that `signer` signs into `certificate`.
Result<void> serve(OwnCertificate& certificate, const Authority& signer,
                   const std::vector<std::string>& names, const Lifetimes& lifetimes) {
  ASSIGN_OR_RETURN(certificate.serving,
                   signer.issue({"sluice-injector", names, -kBackdated, lifetimes.serving}));
  return {};
}

Result<OwnCertificate> all_new(const std::vector<std::string>& names, const Lifetimes& lifetimes) {
  ASSIGN_OR_RETURN(const Authority authority, new_authority(lifetimes));
  OwnCertificate made;
  made.trusted = authority.certificate_pem();
  made.signing_key = authority.identity().key_pem;
  RETURN_IF_ERROR(serve(made, authority, names, lifetimes));
  return made;
}

bool is_serving_well(const OwnCertificate& held, const std::vector<std::string>& names,
                     std::int64_t now, const Lifetimes& lifetimes) {
  const std::string& pem = held.serving.certificate_pem;
  const bool names_all = std::all_of(
      names.begin(), names.end(), [&](const std::string& name) { return kube::is_for(pem, name); });
  return names_all && Authority::load(held.serving).has_value() &&
         kube::is_signed_by(pem, held.trusted) && ends(pem) - now > lifetimes.serving.count() / 3;
}

/// Whether the successor has been trusted for long enough to sign.
bool is_spread(const kube::Identity& successor, std::int64_t now, const Lifetimes& lifetimes) {
  const auto validity = kube::validity_of(successor.certificate_pem);
  return validity && Authority::load(successor).has_value() &&
         now - validity->begins >= (kBackdated + lifetimes.spreading).count();
}

}  // namespace

Result<std::optional<OwnCertificate>> renewed(const OwnCertificate& held,
                                              const std::vector<std::string>& names,
                                              std::int64_t now, const Lifetimes& lifetimes) {
  OwnCertificate next = held;
  const std::string signing = first_of(held.trusted);
  auto signer = Authority::load({signing, held.signing_key});
  if (!signer || ends(signing) <= now) {
    ASSIGN_OR_RETURN(next, all_new(names, lifetimes));
    return next;
  }
  if (is_spread(held.successor, now, lifetimes)) {
    ASSIGN_OR_RETURN(*signer, Authority::load(held.successor));
    next.trusted = signer->certificate_pem() + signing;
    next.signing_key = held.successor.key_pem;
    next.successor = {};
  } else if (held.successor.certificate_pem.empty() &&
             ends(signing) - now < 2 * lifetimes.serving.count()) {
    ASSIGN_OR_RETURN(const Authority successor, new_authority(lifetimes));
    next.successor = successor.identity();
    next.trusted = signing + successor.certificate_pem();
  }
  if (!is_serving_well(next, names, now, lifetimes)) {
    RETURN_IF_ERROR(serve(next, *signer, names, lifetimes));
  }
  if (next == held) return std::nullopt;
  return next;
}

}  // namespace sluice::webhook
