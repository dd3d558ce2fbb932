#pragma once

// A short name for a long text.

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// 16 hexadecimal digits (FNV-1a, 64 bits): equal texts have equal ones. To recognise a text, not
/// to secure it.
[[nodiscard]] inline std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) {
    digits += "0123456789abcdef"[(hash >> static_cast<unsigned>(shift)) & 0xFU];
  }
  return digits;
}

}  // namespace sluice
