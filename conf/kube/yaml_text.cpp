#include "conf/kube/yaml_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::kube {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads a text from its front. Each step says whether, or how far, it went.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool one_of(std::string_view set) {
    if (done() || set.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Takes at most `most` characters of `set`.
  std::size_t run(std::string_view set, std::size_t most = std::string_view::npos) {
    std::size_t count = 0;
    while (count < most && one_of(set)) ++count;
    return count;
  }
  bool word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

 private:
  std::string_view rest_;
};

constexpr std::string_view Digits = "0123456789";

/// 0x1F, 0o17, 0b101: of any length, with and without a sign.
bool is_based_number(std::string_view text) {
  Reader reader(text);
  reader.one_of("+-");
  if (!reader.one_of("0")) return false;
  std::string_view digits;
  if (reader.one_of("xX")) {
    digits = "0123456789abcdefABCDEF_";
  } else if (reader.one_of("oO")) {
    digits = "01234567_";
  } else if (reader.one_of("bB")) {
    digits = "01_";
  } else {
    return false;
  }
  return reader.run(digits) > 0 && reader.done();
}

/// 12, 1_000, 1.5, .5, 1e3: whatever the size.
bool is_decimal(std::string_view text) {
  std::string plain(text);
  if (plain.empty() || plain.front() == '_') return false;
  std::erase(plain, '_');
  Reader reader(plain);
  reader.one_of("+-");
  const std::size_t whole = reader.run(Digits);
  if (reader.one_of(".")) {
    if (reader.run(Digits) == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (reader.one_of("eE")) {
    reader.one_of("+-");
    if (reader.run(Digits) == 0) return false;
  }
  return reader.done();
}

/// 12:30, 1:20:05.5: numbers in base 60 to YAML 1.1.
bool is_base_60(std::string_view text) {
  Reader reader(text);
  reader.one_of("+-");
  if (!reader.one_of(Digits)) return false;
  reader.run("0123456789_");
  std::size_t parts = 0;
  while (reader.one_of(":")) {
    ++parts;
    if (reader.one_of("012345")) {
      reader.one_of(Digits);
    } else if (!reader.one_of("6789")) {
      return false;
    }
  }
  if (parts == 0) return false;
  if (reader.one_of(".")) reader.run("0123456789_");
  return reader.done();
}

/// A date, or a date and a time, whether or not it is in the calendar: readers differ about that.
bool is_timestamp(std::string_view text) {
  Reader reader(text);
  const auto number = [&] { return reader.run(Digits, 2) > 0; };
  if (reader.run(Digits, 4) != 4 || !reader.one_of("-") || !number()) return false;
  if (!reader.one_of("-") || !number()) return false;
  if (reader.done()) return true;
  if (!reader.one_of("Tt") && reader.run(" \t") == 0) return false;
  if (!number() || !reader.one_of(":") || !number() || !reader.one_of(":") || !number()) {
    return false;
  }
  if (reader.one_of(".,")) reader.run(Digits);
  reader.run(" \t");
  if (reader.done() || (reader.one_of("Z") && reader.done())) return true;
  if (!reader.one_of("+-") || !number()) return false;
  if (reader.one_of(":") && !number()) return false;
  return reader.done();
}

bool ascii_letter(char32_t rune) {
  return (rune | 0x20U) >= U'a' && (rune | 0x20U) <= U'z';
}

/// Beyond ASCII by blocks: what is not punctuation or a symbol is a letter.
bool is_letter(char32_t rune) {
  if (rune < 0x80) return ascii_letter(rune);
  if (rune < 0xC0) return rune == 0xAA || rune == 0xB5 || rune == 0xBA;
  const bool symbol = rune == 0xD7 || rune == 0xF7 || (rune >= 0x2000 && rune < 0x2C00) ||
                      (rune >= 0x3000 && rune < 0x3005) || (rune >= 0x3008 && rune < 0x3031) ||
                      (rune >= 0xE000 && rune < 0xF900) || (rune >= 0xFE00 && rune < 0xFE70) ||
                      (rune >= 0xFFF0 && rune < 0x10000) || (rune >= 0x1F000 && rune < 0x20000);
  return !symbol;
}

bool is_digit(char32_t rune) {
  return rune >= U'0' && rune <= U'9';
}

/// The number that begins at `at`, and where it stops. Wraps around, as in Go.
std::pair<std::int64_t, std::size_t> number_at(std::u32string_view runes, std::size_t at,
                                               std::uint64_t start) {
  while (at < runes.size() && is_digit(runes[at])) start = start * 10 + (runes[at++] - U'0');
  return {static_cast<std::int64_t>(start), at};
}

/// Whether the digits before `at` make a zero there part of a larger number.
bool in_number(std::u32string_view runes, std::size_t at) {
  while (at-- > 0 && is_digit(runes[at])) {
    if (runes[at] != U'0') return true;
  }
  return false;
}

}  // namespace

bool plain_means_more(std::string_view text) {
  static constexpr std::array<std::string_view, 38> Words{
      "",     "~",    "null", "Null",  "NULL",  "y",     "Y",     "yes",  "Yes",  "YES",
      "true", "True", "TRUE", "on",    "On",    "ON",    "n",     "N",    "no",   "No",
      "NO",   "off",  "Off",  "OFF",   "false", "False", "FALSE", ".nan", ".NaN", ".NAN",
      ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "<<",    "="};
  if (std::find(Words.begin(), Words.end(), text) != Words.end()) return true;
  if (text == "-.inf" || text == "-.Inf" || text == "-.INF") return true;
  const char first = text.front();
  if (!digit(first) && first != '+' && first != '-' && first != '.') return false;
  return is_decimal(text) || is_based_number(text) || is_base_60(text) || is_timestamp(text);
}

bool natural_less(std::u32string_view a, std::u32string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  const std::size_t at = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin()).first -
      a.begin());
  if (at == common) return a.size() < b.size();
  const bool letter_a = is_letter(a[at]);
  const bool letter_b = is_letter(b[at]);
  if (letter_a && letter_b) return a[at] < b[at];
  if (letter_a || letter_b) return letter_b;
  // 100 and 10: the zero continues a number, so the 1 before it counts for both.
  const bool zero = a[at] == U'0' || b[at] == U'0';
  const std::uint64_t start = zero && in_number(a, at) ? 1 : 0;
  const auto [value_a, end_a] = number_at(a, at, start);
  const auto [value_b, end_b] = number_at(b, at, start);
  if (value_a != value_b) return value_a < value_b;
  if (end_a != end_b) return end_a < end_b;
  return a[at] < b[at];
}

}  // namespace sluice::kube
