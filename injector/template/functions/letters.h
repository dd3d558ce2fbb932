#pragma once

// Go's package unicode, as far as functions of templates need it.

#include <string>
#include <string_view>

#include "rules/base/utf8.h"

namespace sluice::tmpl {

[[nodiscard]] char32_t to_lower(char32_t rune);
[[nodiscard]] char32_t to_upper(char32_t rune);
[[nodiscard]] char32_t to_title(char32_t rune);

[[nodiscard]] bool is_upper(char32_t rune);
[[nodiscard]] bool is_lower(char32_t rune);
[[nodiscard]] bool is_title(char32_t rune);
[[nodiscard]] bool is_letter(char32_t rune);
[[nodiscard]] bool is_number(char32_t rune);
[[nodiscard]] bool is_punctuation(char32_t rune);
[[nodiscard]] bool is_space(char32_t rune);

/// Every rune changed; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string map_runes(std::string_view text, char32_t (*change)(char32_t));
/// strings.TrimSpace.
[[nodiscard]] std::string_view trim_space(std::string_view text);

}  // namespace sluice::tmpl
