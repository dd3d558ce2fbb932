#pragma once

// The constants of a template's text, by the rules of Go's source.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/base/result.h"

namespace sluice::tmpl {

/// What a constant can stand for; which of them counts is decided by what wants it.
struct Number {
  std::optional<std::int64_t> integer;
  std::optional<double> real;
  bool unsigned_only = false;  ///< an integer, but too large for an int
  bool is_real = false;        ///< written as a floating-point number
};

/// Malformed, in Go's words, for what is no number or too large.
[[nodiscard]] Result<Number> parse_number(std::string_view text);
/// 'a'
[[nodiscard]] Result<Number> parse_character(std::string_view text);
/// A string in double quotes or backquotes.
[[nodiscard]] Result<std::string> unquote(std::string_view text);

}  // namespace sluice::tmpl
