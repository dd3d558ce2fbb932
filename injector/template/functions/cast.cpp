#include "injector/template/functions/cast.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Underscores may stand between digits, and after a base's prefix, where the base is not given.
bool underscores_are_right(std::string_view text) {
  char before = '^';  // a sign or the beginning; '0' stands for digits and prefixes
  std::size_t at = 0;
  bool hexadecimal = false;
  if (text.size() >= 2 && text[0] == '0' &&
      std::string_view("bBoOxX").find(text[1]) != std::string_view::npos) {
    at = 2;
    before = '0';
    hexadecimal = (text[1] | 0x20) == 'x';
  }
  for (; at < text.size(); ++at) {
    if (text[at] == '_') {
      if (before != '0') return false;
      before = '_';
      continue;
    }
    const char lower = static_cast<char>(text[at] | 0x20);
    const bool is_one = is_digit(text[at]) || (hexadecimal && lower >= 'a' && lower <= 'f');
    if (!is_one && before == '_') return false;
    before = is_one ? '0' : '!';
  }
  return before != '_';
}

/// "12.0" and "12." are 12, ".5" is 0: only the part before the point counts.
std::string_view whole_part(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return text;
  const auto all_digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(), is_digit);
  };
  std::string_view whole = text.substr(0, point);
  const bool sign = whole.starts_with('+') || whole.starts_with('-');
  if (!all_digits(whole.substr(sign ? 1 : 0)) || !all_digits(text.substr(point + 1))) return text;
  return whole.size() == (sign ? 1U : 0U) ? "0" : whole;
}

/// A value that is a number, or one behind a pointer.
Value scalar_of(const Value& value) {
  const auto* view = std::get_if<View>(&value.held());
  if (view == nullptr || view->type->kind != schema::Kind::Pointer) return value;
  if (value.nil()) return Value::Nil{};
  return Value::view(view->json, element_type(*view->type));
}

}  // namespace

std::int64_t truncated(double value) {
  constexpr double Edge = 9223372036854775808.0;
  if (!(value >= -Edge && value < Edge)) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> parse_int(std::string_view text, int base) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits(text);
  if (base == 0) {
    if (!underscores_are_right(text)) return std::nullopt;
    std::erase(digits, '_');
    base = 10;
    if (digits.size() > 1 && digits[0] == '0') {
      const char letter = static_cast<char>(digits[1] | 0x20);
      base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
      digits.erase(0, letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
    }
  }
  std::uint64_t magnitude = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, magnitude, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  constexpr std::uint64_t Half = std::uint64_t{1} << 63;
  if (magnitude > Half || (magnitude == Half && !negative)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

std::optional<double> parse_float(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text[0] == '-' || text[0] == '+') return std::nullopt;
  auto format = std::chars_format::general;
  std::string plain(text);
  if (plain.find('_') != std::string::npos && !underscores_are_right(text)) return std::nullopt;
  std::erase(plain, '_');
  if (text.size() > 1 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    // Go's hexadecimal numbers must have an exponent.
    if (plain.find_first_of("pP") == std::string::npos) return std::nullopt;
    plain.erase(0, 2);
    format = std::chars_format::hex;
  }
  if (plain.find('(') != std::string::npos) return std::nullopt;  // nan(...), to C++
  double value = 0;
  const char* const end = plain.data() + plain.size();
  const auto [stop, error] = std::from_chars(plain.data(), end, value, format);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is an error.
    const std::size_t exponent = plain.find_first_of("eEpP");
    if (exponent == std::string::npos || plain[exponent + 1] != '-') return std::nullopt;
    value = 0;
  }
  return negative ? -value : value;
}

std::int64_t to_int64(const Value& given) {
  const Value value = scalar_of(given);
  if (const auto* whole = std::get_if<std::int64_t>(&value.held())) return *whole;
  if (const auto* number = std::get_if<double>(&value.held())) return truncated(*number);
  if (const auto* boolean = std::get_if<bool>(&value.held())) return *boolean ? 1 : 0;
  if (const auto* text = value.string()) return parse_int(whole_part(*text), 0).value_or(0);
  return 0;
}

double to_float64(const Value& given) {
  const Value value = scalar_of(given);
  if (const auto* whole = std::get_if<std::int64_t>(&value.held())) {
    return static_cast<double>(*whole);
  }
  if (const auto* number = std::get_if<double>(&value.held())) return *number;
  if (const auto* boolean = std::get_if<bool>(&value.held())) return *boolean ? 1 : 0;
  if (const auto* text = value.string()) return parse_float(*text).value_or(0);
  return 0;
}

}  // namespace sluice::tmpl
