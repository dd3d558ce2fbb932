#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

enum class HexCase { Lower, Upper };

/// Appends the last `count` hexadecimal digits of `value`.
inline void append_hex(std::string& out, std::uint64_t value, int count,
                       HexCase letters = HexCase::Lower) {
  const std::string_view digits =
      letters == HexCase::Lower ? "0123456789abcdef" : "0123456789ABCDEF";
  for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) {
    out += digits[(value >> static_cast<unsigned>(shift)) & 0xFU];
  }
}

}  // namespace sluice
