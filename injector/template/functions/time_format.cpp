#include "injector/template/functions/time_format.h"

#include <array>
#include <chrono>
#include <optional>

#include "injector/template/functions/time_layout.h"
#include "rules/base/hex.h"

namespace sluice::tmpl {
namespace {

struct Known {
  std::string_view text;
  Piece piece;
};

// Longer ones before those that they begin with.
constexpr std::array<Known, 34> Pieces{{
    {"January", Piece::LongMonth},
    {"Jan", Piece::ShortMonth},
    {"Monday", Piece::LongWeekday},
    {"Mon", Piece::ShortWeekday},
    {"MST", Piece::Zone},
    {"01", Piece::Month},
    {"02", Piece::Day},
    {"03", Piece::Hour12},
    {"04", Piece::Minute},
    {"05", Piece::Second},
    {"06", Piece::ShortYear},
    {"002", Piece::YearDay},
    {"15", Piece::Hour},
    {"1", Piece::Month},
    {"2006", Piece::LongYear},
    {"2", Piece::Day},
    {"_2", Piece::SpacedDay},
    {"__2", Piece::SpacedYearDay},
    {"3", Piece::Hour12},
    {"4", Piece::Minute},
    {"5", Piece::Second},
    {"PM", Piece::UpperHalf},
    {"pm", Piece::LowerHalf},
    {"-070000", Piece::Offset},
    {"-07:00:00", Piece::Offset},
    {"-0700", Piece::Offset},
    {"-07:00", Piece::Offset},
    {"-07", Piece::Offset},
    {"Z070000", Piece::Offset},
    {"Z07:00:00", Piece::Offset},
    {"Z0700", Piece::Offset},
    {"Z07:00", Piece::Offset},
    {"Z07", Piece::Offset},
    {"", Piece::None},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A point or comma and zeros or nines: the length, or 0 if `text` does not begin so.
std::size_t fraction_length(std::string_view text) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != ',')) return 0;
  if (text[1] != '0' && text[1] != '9') return 0;
  std::size_t length = 1;
  while (length < text.size() && text[length] == text[1]) ++length;
  return length < text.size() && is_digit(text[length]) ? 0 : length;
}

std::optional<Known> piece_at(std::string_view rest) {
  if (const std::size_t length = fraction_length(rest); length > 0) {
    return Known{rest.substr(0, length),
                 rest[1] == '0' ? Piece::FixedFraction : Piece::ShortFraction};
  }
  for (const Known& known : Pieces) {
    if (known.piece == Piece::None || !rest.starts_with(known.text)) continue;
    const bool word = known.piece == Piece::ShortMonth || known.piece == Piece::ShortWeekday;
    const char next = rest.size() > known.text.size() ? rest[known.text.size()] : '\0';
    if (word && next >= 'a' && next <= 'z') continue;  // "Month" is no weekday
    return known;
  }
  return std::nullopt;
}

void append_number(std::string& out, std::int64_t number, std::size_t width) {
  const bool negative = number < 0;
  const std::string digits = std::to_string(number).substr(negative ? 1 : 0);
  if (negative) out += '-';
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void append_spaced(std::string& out, int number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), ' ');
  out += digits;
}

void append_offset(std::string& out, std::string_view form, std::int32_t offset) {
  if (offset == 0 && form.front() == 'Z') {
    out += 'Z';
    return;
  }
  const bool colons = form.find(':') != std::string_view::npos;
  const std::size_t digits = form.size() - 1 - (colons ? (form.size() > 6 ? 2U : 1U) : 0U);
  const std::int32_t minutes = offset / 60 < 0 ? -(offset / 60) : offset / 60;
  out += offset / 60 < 0 ? '-' : '+';
  append_number(out, minutes / 60, 2);
  if (digits < 4) return;
  if (colons) out += ':';
  append_number(out, minutes % 60, 2);
  if (digits < 6) return;
  if (colons) out += ':';
  append_number(out, (offset < 0 ? -offset : offset) % 60, 2);
}

void append_fraction(std::string& out, const Chunk& chunk, std::int32_t nanoseconds) {
  std::string digits;
  append_number(digits, nanoseconds, 9);
  digits.resize(chunk.text.size() - 1, '0');
  if (chunk.piece == Piece::ShortFraction) {
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    if (digits.empty()) return;
  }
  out += chunk.text.front();
  out += digits;
}

void append_time_of_day(std::string& out, const Chunk& chunk, const Civil& civil) {
  const std::size_t width = chunk.zeros() ? 2 : 0;
  switch (chunk.piece) {
    case Piece::Hour:
      return append_number(out, civil.hour, 2);
    case Piece::Hour12:
      return append_number(out, civil.hour % 12 == 0 ? 12 : civil.hour % 12, width);
    case Piece::Minute:
      return append_number(out, civil.minute, width);
    case Piece::Second:
      return append_number(out, civil.second, width);
    case Piece::UpperHalf:
      out += civil.hour >= 12 ? "PM" : "AM";
      return;
    default:
      out += civil.hour >= 12 ? "pm" : "am";
  }
}

void append_piece(std::string& out, const Chunk& chunk, const Time& time, const Civil& civil) {
  switch (chunk.piece) {
    case Piece::LongMonth:
      out += month_name(civil.month);
      return;
    case Piece::ShortMonth:
      out += month_name(civil.month).substr(0, 3);
      return;
    case Piece::LongWeekday:
      out += weekday_name(civil.weekday);
      return;
    case Piece::ShortWeekday:
      out += weekday_name(civil.weekday).substr(0, 3);
      return;
    case Piece::Month:
      return append_number(out, civil.month, chunk.zeros() ? 2 : 0);
    case Piece::Day:
      return append_number(out, civil.day, chunk.zeros() ? 2 : 0);
    case Piece::SpacedDay:
      return append_spaced(out, civil.day, 2);
    case Piece::YearDay:
      return append_number(out, civil.day_of_year, 3);
    case Piece::SpacedYearDay:
      return append_spaced(out, civil.day_of_year, 3);
    case Piece::LongYear:
      return append_number(out, civil.year, 4);
    case Piece::ShortYear:
      return append_number(out, (civil.year < 0 ? -civil.year : civil.year) % 100, 2);
    case Piece::Zone:
      if (time.zone.empty()) return append_offset(out, "-0700", time.offset);
      out += time.zone;
      return;
    case Piece::Offset:
      return append_offset(out, chunk.text, time.offset);
    case Piece::FixedFraction:
    case Piece::ShortFraction:
      return append_fraction(out, chunk, time.nanoseconds);
    default:
      return append_time_of_day(out, chunk, civil);
  }
}

}  // namespace

Chunk next_chunk(std::string_view layout) {
  for (std::size_t at = 0; at < layout.size(); ++at) {
    const std::string_view rest = layout.substr(at);
    if (rest.starts_with("_2006")) continue;  // an underscore, then a year
    if (const auto found = piece_at(rest)) {
      return {layout.substr(0, at), found->piece, rest.substr(0, found->text.size()),
              rest.substr(found->text.size())};
    }
  }
  return {layout, Piece::None, {}, {}};
}

Civil civil_of(const Time& time) {
  using namespace std::chrono;
  const std::int64_t local = time.seconds + time.offset;
  const std::int64_t day_number = local >= 0 ? local / 86400 : -((-local + 86399) / 86400);
  const auto in_day = static_cast<int>(local - day_number * 86400);
  // std::chrono's years end at 32767; in 400 years the calendar repeats itself.
  constexpr std::int64_t DaysOf400Years = 146097;
  const std::int64_t cycles = day_number / DaysOf400Years;
  const sys_days moment{days{static_cast<int>(day_number - cycles * DaysOf400Years)}};
  const year_month_day date{moment};
  const sys_days new_year{date.year() / January / 1};
  return {.year = int{date.year()} + cycles * 400,
          .month = static_cast<int>(unsigned{date.month()}),
          .day = static_cast<int>(unsigned{date.day()}),
          .hour = in_day / 3600,
          .minute = in_day / 60 % 60,
          .second = in_day % 60,
          .day_of_year = static_cast<int>((moment - new_year).count()) + 1,
          .weekday = static_cast<int>(weekday{moment}.c_encoding())};
}

std::int64_t seconds_of(const Civil& civil) {
  using namespace std::chrono;
  const std::int64_t cycles = civil.year / 400;
  const sys_days first{year{static_cast<int>(civil.year - cycles * 400)} /
                       month{static_cast<unsigned>(civil.month)} / 1};
  const std::int64_t day_number =
      std::int64_t{first.time_since_epoch().count()} + civil.day - 1 + cycles * 146097;
  return day_number * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second;
}

std::string_view month_name(int month) {
  static constexpr std::array<std::string_view, 12> Names{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  return Names.at(static_cast<std::size_t>(month - 1));
}

std::string_view weekday_name(int weekday) {
  static constexpr std::array<std::string_view, 7> Names{
      "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  return Names.at(static_cast<std::size_t>(weekday));
}

std::string quoted_in_time(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20) {
      append_hex(out += "\\x", byte, 2);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

std::string format_time(std::string_view layout, const Time& time) {
  std::string out;
  const Civil civil = civil_of(time);
  while (!layout.empty()) {
    const Chunk chunk = next_chunk(layout);
    out += chunk.before;
    if (chunk.piece == Piece::None) break;
    append_piece(out, chunk, time, civil);
    layout = chunk.after;
  }
  return out;
}

std::string time_text(const Time& time) {
  return format_time("2006-01-02 15:04:05.999999999 -0700 MST", time);
}

}  // namespace sluice::tmpl
