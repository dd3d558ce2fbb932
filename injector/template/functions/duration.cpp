// Durations as Go's time.ParseDuration reads them.

#include <array>
#include <optional>

#include "injector/template/functions/time_format.h"

namespace sluice::tmpl {
namespace {

constexpr std::uint64_t Half = std::uint64_t{1} << 63;

std::optional<std::uint64_t> unit_of(std::string_view name) {
  struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
  };
  static constexpr std::array<Unit, 8> Units{{{"ns", 1},
                                              {"us", 1'000},
                                              {"µs", 1'000},
                                              {"μs", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};
  for (const Unit& unit : Units) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return std::nullopt;
}

/// Digits before the point: nothing if they are more than a duration can hold.
std::optional<std::uint64_t> take_whole(std::string_view& text) {
  std::uint64_t value = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (value > Half / 10) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(text[0] - '0');
    if (value > Half) return std::nullopt;
    text.remove_prefix(1);
  }
  return value;
}

/// Digits after the point, as value / scale; those that do not fit are dropped.
void take_fraction(std::string_view& text, std::uint64_t& value, double& scale) {
  bool full = false;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    const auto digit = static_cast<std::uint64_t>(text[0] - '0');
    text.remove_prefix(1);
    if (full || value > (Half - 1) / 10 || value * 10 + digit > Half) {
      full = true;
      continue;
    }
    value = value * 10 + digit;
    scale *= 10;
  }
}

/// A number and its unit: what Go says is wrong with it, or empty.
std::string take_part(std::string_view& text, std::string_view all, std::uint64_t& total) {
  const std::string invalid = "time: invalid duration " + quoted_in_time(all);
  const std::size_t before = text.size();
  if (text[0] != '.' && (text[0] < '0' || text[0] > '9')) return invalid;
  const auto whole = take_whole(text);
  if (!whole) return invalid;
  const bool digits_before = text.size() != before;
  std::uint64_t fraction = 0;
  double scale = 1;
  bool digits_after = false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t point = text.size();
    take_fraction(text, fraction, scale);
    digits_after = text.size() != point;
  }
  if (!digits_before && !digits_after) return invalid;
  std::size_t length = 0;
  while (length < text.size() && text[length] != '.' &&
         (text[length] < '0' || text[length] > '9')) {
    ++length;
  }
  if (length == 0) return "time: missing unit in duration " + quoted_in_time(all);
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  const auto unit = unit_of(name);
  if (!unit)
    return "time: unknown unit " + quoted_in_time(name) + " in duration " + quoted_in_time(all);
  if (*whole > Half / *unit) return invalid;
  std::uint64_t value = *whole * *unit;
  if (fraction > 0) {
    value += static_cast<std::uint64_t>(static_cast<double>(fraction) *
                                        (static_cast<double>(*unit) / scale));
    if (value > Half) return invalid;
  }
  total += value;
  return total > Half ? invalid : std::string();
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  if (rest.empty()) return fail(Errc::Invalid, "time: invalid duration " + quoted_in_time(text));
  std::uint64_t total = 0;
  while (!rest.empty()) {
    std::string wrong = take_part(rest, text, total);
    if (!wrong.empty()) return fail(Errc::Invalid, std::move(wrong));
  }
  if (negative) return static_cast<std::int64_t>(~total + 1);
  if (total > Half - 1)
    return fail(Errc::Invalid, "time: invalid duration " + quoted_in_time(text));
  return static_cast<std::int64_t>(total);
}

}  // namespace sluice::tmpl
