#pragma once

// A short name for a long text.

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/base/hex.h"

namespace sluice {

/// 16 hexadecimal digits (FNV-1a, 64 bits): equal texts have equal ones. To recognise a text, not
/// to secure it.
class Fingerprint {
 public:
  /// Takes the text a piece at a time.
  Fingerprint& add(std::string_view piece) {
    for (const char c : piece) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return *this;
  }

  [[nodiscard]] std::string digits() const {
    std::string digits;
    append_hex(digits, hash_, 16);
    return digits;
  }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

[[nodiscard]] inline std::string fingerprint(std::string_view text) {
  return Fingerprint().add(text).digits();
}

}  // namespace sluice
