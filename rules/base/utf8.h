#pragma once

// UTF-8, a character at a time, as Go reads and writes it: the shortest form only, no halves of
// surrogate pairs, and every byte that is no part of that is a U+FFFD of its own.

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

constexpr char32_t kRuneError = 0xFFFD;

struct Rune {
  char32_t value = kRuneError;
  std::size_t size = 1;  ///< bytes of it; 1 for a byte that is no UTF-8, 0 when there is none

  [[nodiscard]] bool broken() const { return size == 1 && value == kRuneError; }
};

/// The halves of which UTF-16, and so an escape in JSON, makes what is beyond U+FFFF.
[[nodiscard]] constexpr bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
[[nodiscard]] constexpr bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}
[[nodiscard]] constexpr char32_t of_surrogates(char32_t high, char32_t low) {
  return 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
}

[[nodiscard]] constexpr bool is_rune(char32_t value) {
  return value <= 0x10FFFF && !is_high_surrogate(value) && !is_low_surrogate(value);
}

[[nodiscard]] Rune first_rune(std::string_view text);
[[nodiscard]] Rune last_rune(std::string_view text);
/// The first rune, taken off `text`.
Rune take_rune(std::string_view& text);
/// All of them.
[[nodiscard]] std::u32string to_runes(std::string_view text);

/// What is no rune becomes U+FFFD.
void append_rune(std::string& out, char32_t rune);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace sluice
