#include "injector/template/literal.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "injector/template/print.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Underscores only between digits, or between a base's prefix and a digit.
bool underscores_fit(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  char before = '^';
  bool hexadecimal = false;
  if (text.size() >= 2 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    if (letter == 'b' || letter == 'o' || letter == 'x') {
      hexadecimal = letter == 'x';
      before = '0';
      text.remove_prefix(2);
    }
  }
  for (const char c : text) {
    const char lower = static_cast<char>(c | 0x20);
    if (is_digit(c) || (hexadecimal && lower >= 'a' && lower <= 'f')) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

/// An integer without its sign, in the base that its prefix names.
std::optional<std::uint64_t> parse_magnitude(std::string_view digits) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    digits.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> with_sign(std::uint64_t magnitude, bool negative) {
  constexpr std::uint64_t Half = std::uint64_t{1} << 63;
  if (magnitude > Half || (magnitude == Half && !negative)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

/// A floating-point number without its sign.
std::optional<double> parse_real(std::string_view digits) {
  auto format = std::chars_format::general;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    if (digits.find_first_of("pP") == std::string_view::npos) return std::nullopt;
    digits.remove_prefix(2);
    format = std::chars_format::hex;
  }
  if (digits.empty() || (!std::isxdigit(digits[0]) && digits[0] != '.')) return std::nullopt;
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, format);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// Reads the escapes of a quoted string or character.
class Unquote {
 public:
  Unquote(std::string_view text, char mark) : text_(text), mark_(mark) {}

  [[nodiscard]] bool done() const { return text_.empty(); }
  [[nodiscard]] std::string_view rest() const { return text_; }

  /// Appends one character to `out`. False for a bad escape.
  bool step(std::string& out, char32_t& value) {
    const Rune rune = first_rune(text_);
    if (text_.front() != '\\') {
      value = rune.value;
      out += text_.substr(0, rune.size);
      text_.remove_prefix(rune.size);
      return value != static_cast<unsigned char>(mark_);
    }
    if (text_.size() < 2) return false;
    const char letter = text_[1];
    text_.remove_prefix(2);
    return escape(letter, out, value);
  }

 private:
  bool escape(char letter, std::string& out, char32_t& value) {
    static constexpr std::string_view Letters = "abtnvfr";  // from \a, which is 7
    if (const auto at = Letters.find(letter); at != std::string_view::npos) {
      value = static_cast<char32_t>("\a\b\t\n\v\f\r"[at]);
    } else if (letter == '\\' || letter == mark_) {
      value = static_cast<unsigned char>(letter);
    } else if (letter == 'x') {
      return digits(2, 16, value) && append_byte(out, value);
    } else if (letter >= '0' && letter <= '7') {
      text_ = std::string_view(text_.data() - 1, text_.size() + 1);
      return digits(3, 8, value) && value <= 0xff && append_byte(out, value);
    } else if (letter == 'u' || letter == 'U') {
      if (!digits(letter == 'u' ? 4 : 8, 16, value)) return false;
      if (!is_rune(value)) return false;
    } else {
      return false;
    }
    append_rune(out, value);
    return true;
  }

  static bool append_byte(std::string& out, char32_t value) {
    out += static_cast<char>(static_cast<unsigned char>(value));
    return true;
  }

  bool digits(std::size_t count, int base, char32_t& value) {
    if (text_.size() < count) return false;
    std::uint32_t read = 0;
    const auto [stop, error] = std::from_chars(text_.data(), text_.data() + count, read, base);
    if (error != std::errc() || stop != text_.data() + count) return false;
    value = read;
    text_.remove_prefix(count);
    return true;
  }

  std::string_view text_;
  char mark_;
};

}  // namespace

Result<Number> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string digits(text.substr(negative || text.starts_with('+') ? 1 : 0));
  const bool fits = underscores_fit(text);
  std::erase(digits, '_');
  Number number;
  const auto magnitude = fits ? parse_magnitude(digits) : std::nullopt;
  if (magnitude) {
    number.integer = with_sign(*magnitude, negative);
    number.unsigned_only = !number.integer && !text.starts_with('-') && !text.starts_with('+');
    if (number.integer) number.real = static_cast<double>(*number.integer);
    if (number.unsigned_only) number.real = static_cast<double>(*magnitude);
    if (number.real) return number;
  }
  number.real = fits ? parse_real(digits) : std::nullopt;
  if (!number.real) {
    return fail(Errc::Malformed, "illegal number syntax: " + quote(text));
  }
  if (text.find_first_of(".eEpP") == std::string_view::npos) {
    return fail(Errc::Malformed, "integer overflow: " + quote(text));
  }
  if (negative) number.real = -*number.real;
  number.is_real = true;
  constexpr double Edge = 9223372036854775808.0;
  if (std::trunc(*number.real) == *number.real && *number.real >= -Edge && *number.real < Edge) {
    number.integer = static_cast<std::int64_t>(*number.real);
  }
  return number;
}

Result<Number> parse_character(std::string_view text) {
  Unquote characters(text.substr(1), '\'');
  std::string ignored;
  char32_t value = 0;
  if (!characters.step(ignored, value)) return fail(Errc::Malformed, "invalid syntax");
  if (characters.rest() != "'") {
    return fail(Errc::Malformed, "malformed character constant: " + std::string(text));
  }
  return Number{.integer = static_cast<std::int64_t>(value), .real = static_cast<double>(value)};
}

Result<std::string> unquote(std::string_view text) {
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (text.front() == '`') {
    std::string raw(inside);
    std::erase(raw, '\r');
    return raw;
  }
  Unquote characters(inside, '"');
  std::string out;
  char32_t value = 0;
  while (!characters.done()) {
    if (!characters.step(out, value)) return fail(Errc::Malformed, "invalid syntax");
  }
  return out;
}

}  // namespace sluice::tmpl
