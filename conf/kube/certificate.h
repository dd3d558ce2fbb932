#pragma once

// What a certificate says of itself.

#include <cstdint>
#include <string>
#include <vector>

#include "rules/base/result.h"

namespace sluice::kube {

/// In seconds since 1970.
struct Validity {
  std::int64_t begins;
  std::int64_t ends;
};

/// Of the first certificate in `pem`. Invalid when there is none.
[[nodiscard]] Result<Validity> validity_of(const std::string& pem);

/// Whether the first certificate in `pem` was signed by the first one in `authority_pem`.
[[nodiscard]] bool is_signed_by(const std::string& pem, const std::string& authority_pem);

/// Whether the first certificate in `pem` is valid for this DNS name.
[[nodiscard]] bool is_for(const std::string& pem, const std::string& name);

/// The certificates of a PEM text, one by one, as it has them.
[[nodiscard]] std::vector<std::string> certificates_in(const std::string& pem);

/// "2026-11-24T13:00:00Z"
[[nodiscard]] std::string date_text(std::int64_t seconds);

}  // namespace sluice::kube
