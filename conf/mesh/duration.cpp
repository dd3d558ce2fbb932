#include "conf/mesh/duration.h"

#include <array>
#include <cstdio>
#include <utility>

namespace sluice::mesh {
namespace {

__extension__ typedef __int128 Wide;  // so that sums can be compared with the limits

constexpr std::int64_t Second = 1'000'000'000;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> Units{{
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},  // the micro sign, and the Greek letter that looks like it
    {"\u03bcs", 1'000},
    {"ms", 1'000'000},
    {"s", Second},
    {"m", 60 * Second},
    {"h", 3600 * Second},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The unit that `text` begins with; it ends where the next number begins.
std::optional<std::int64_t> take_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] != '.' && !is_digit(text[length])) ++length;
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  for (const auto& [unit, nanoseconds] : Units) {
    if (unit == name) return nanoseconds;
  }
  return std::nullopt;
}

/// One number and its unit, in nanoseconds.
std::optional<Wide> take_term(std::string_view& text) {
  constexpr Wide Most = Wide{1} << 63;
  Wide whole = 0;
  Wide fraction = 0;
  Wide scale = 1;
  bool digits = false;
  while (!text.empty() && is_digit(text.front())) {
    whole = whole * 10 + (text.front() - '0');
    if (whole > Most) return std::nullopt;
    text.remove_prefix(1);
    digits = true;
  }
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) {
      if (scale < Most / 10) {  // what is beyond is less than a nanosecond, in any unit
        fraction = fraction * 10 + (text.front() - '0');
        scale *= 10;
      }
      text.remove_prefix(1);
      digits = true;
    }
  }
  if (!digits) return std::nullopt;
  const auto unit = take_unit(text);
  if (!unit) return std::nullopt;
  return whole * *unit + fraction * *unit / scale;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  const Wide most = (Wide{1} << 63) - (negative ? 0 : 1);
  Wide sum = 0;
  while (!text.empty()) {
    const auto term = take_term(text);
    if (!term) return std::nullopt;
    sum += *term;
    if (sum > most) return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? -sum : sum);
}

std::string duration_text(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const auto magnitude = negative ? ~static_cast<std::uint64_t>(nanoseconds) + 1
                                  : static_cast<std::uint64_t>(nanoseconds);
  constexpr auto PerSecond = static_cast<std::uint64_t>(Second);
  std::string text = (negative ? "-" : "") + std::to_string(magnitude / PerSecond);
  if (const auto rest = magnitude % PerSecond; rest != 0) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), ".%09u", static_cast<unsigned>(rest));
    text += digits.data();
    while (text.ends_with("000")) text.resize(text.size() - 3);
  }
  return text + "s";
}

}  // namespace sluice::mesh
