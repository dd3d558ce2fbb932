#pragma once

// What Go knows of a rune, for quoting and for the names in a template.

namespace sluice::tmpl {

/// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
[[nodiscard]] bool is_printable(char32_t rune);
/// A letter, a digit or an underscore.
[[nodiscard]] bool is_word(char32_t rune);

}  // namespace sluice::tmpl
