#pragma once

// What Go knows of a rune, for quoting and for the names in a template.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::tmpl {

constexpr char32_t kRuneError = 0xfffd;

struct Rune {
  char32_t value = kRuneError;
  std::size_t size = 1;  ///< bytes of it; 1 for a byte that is no UTF-8, 0 at the end
};

/// The first rune of `text`.
[[nodiscard]] Rune first_rune(std::string_view text);
/// UTF-8; what is no rune becomes U+FFFD.
void append_rune(std::string& out, char32_t rune);

/// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
[[nodiscard]] bool is_printable(char32_t rune);
/// A letter, a digit or an underscore.
[[nodiscard]] bool is_word(char32_t rune);

}  // namespace sluice::tmpl
