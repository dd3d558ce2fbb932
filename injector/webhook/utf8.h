#pragma once

// UTF-8, a character at a time.

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::webhook {

/// The bytes of the character that `text` begins with; 0 when it begins with none.
[[nodiscard]] inline std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const std::uint32_t first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  // Longer than need be, half of a surrogate pair, or beyond the last character.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) >= 0xA0) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) >= 0x90) return 0;
  return size;
}

inline void append_utf8(std::string& out, std::uint32_t character) {
  const auto push = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto rest = [&](unsigned shift) { push(0x80U | ((character >> shift) & 0x3FU)); };
  if (character < 0x80) {
    push(character);
  } else if (character < 0x800) {
    push(0xC0U | character >> 6U);
    rest(0);
  } else if (character < 0x10000) {
    push(0xE0U | character >> 12U);
    rest(6);
    rest(0);
  } else {
    push(0xF0U | character >> 18U);
    rest(12);
    rest(6);
    rest(0);
  }
}

}  // namespace sluice::webhook
