#pragma once

// What a certificate says of itself.

#include <cstdint>
#include <string>

#include "rules/base/result.h"

namespace sluice::kube {

/// In seconds since 1970.
struct Validity {
  std::int64_t begins;
  std::int64_t ends;
};

/// Of the first certificate in `pem`. Invalid when there is none.
[[nodiscard]] Result<Validity> validity_of(const std::string& pem);

/// "2026-11-24T13:00:00Z"
[[nodiscard]] std::string date_text(std::int64_t seconds);

}  // namespace sluice::kube
