#include <algorithm>
#include <array>
#include <optional>

#include "injector/template/functions/time_format.h"
#include "injector/template/functions/time_layout.h"

namespace sluice::tmpl {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in(int month, std::int64_t year) {
  static constexpr std::array<int, 12> Days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : Days.at(static_cast<std::size_t>(month - 1));
}

/// Reads a text by a layout, piece by piece. A step gives false for text that is not as it should
/// be; `out_of_range` names a number that is, but too large.
class TimeReader {
 public:
  TimeReader(std::string_view layout, std::string_view text) : layout_(layout), text_(text) {}

  Result<Time> read() {
    std::string_view rest_of_layout = layout_;
    rest_ = text_;
    while (true) {
      const Chunk chunk = next_chunk(rest_of_layout);
      if (!skip(chunk.before)) return cannot_parse(rest_, chunk.before);
      if (chunk.piece == Piece::None) {
        if (!rest_.empty()) return wrong(": extra text: " + quoted_in_time(rest_));
        return finish();
      }
      const std::string_view held = rest_;
      const bool good = piece(chunk);
      if (!out_of_range_.empty()) return wrong(": " + std::string(out_of_range_) + " out of range");
      if (!good) return cannot_parse(held, chunk.text);
      rest_of_layout = chunk.after;
    }
  }

 private:
  tl::unexpected<Error> wrong(const std::string& what) const {
    return fail(Errc::Invalid, "parsing time " + quoted_in_time(text_) + what);
  }
  tl::unexpected<Error> cannot_parse(std::string_view part, std::string_view element) const {
    return wrong(" as " + quoted_in_time(layout_) + ": cannot parse " + quoted_in_time(part) +
                 " as " + quoted_in_time(element));
  }

  /// Literal text; a space stands for any number of them.
  bool skip(std::string_view before) {
    while (!before.empty()) {
      if (before.front() == ' ') {
        if (!rest_.empty() && rest_.front() != ' ') return false;
        while (before.starts_with(' ')) before.remove_prefix(1);
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        continue;
      }
      if (rest_.empty() || rest_.front() != before.front()) return false;
      before.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }

  bool piece(const Chunk& chunk) {
    switch (chunk.piece) {
      case Piece::LongMonth:
      case Piece::ShortMonth:
        return named(12, month_name, chunk.piece == Piece::ShortMonth, &month_, 1);
      case Piece::LongWeekday:
      case Piece::ShortWeekday: {
        int ignored = 0;
        return named(7, weekday_name, chunk.piece == Piece::ShortWeekday, &ignored, 0);
      }
      case Piece::Month:
        if (!number(2, chunk.zeros(), month_)) return false;
        if (month_ <= 0 || month_ > 12) out_of_range_ = "month";
        return true;
      case Piece::SpacedDay:
      case Piece::Day:
        if (chunk.piece == Piece::SpacedDay && rest_.starts_with(' ')) rest_.remove_prefix(1);
        return number(2, chunk.zeros(), day_);
      case Piece::SpacedYearDay:
      case Piece::YearDay:
        for (int i = 0; i < 2 && chunk.piece == Piece::SpacedYearDay; ++i) {
          if (rest_.starts_with(' ')) rest_.remove_prefix(1);
        }
        return number(3, chunk.zeros(), year_day_);
      case Piece::LongYear:
      case Piece::ShortYear:
        return year(chunk.piece == Piece::LongYear ? 4 : 2);
      case Piece::Zone:
        return zone();
      case Piece::Offset:
        return offset(chunk.text);
      case Piece::FixedFraction:
        return rest_.size() >= chunk.text.size() && fraction(chunk.text.size());
      case Piece::ShortFraction:
        return !begins_fraction() || fraction(fraction_length());
      default:
        return time_of_day(chunk);
    }
  }

  bool time_of_day(const Chunk& chunk) {
    const auto in_range = [&](int value, int end, std::string_view what) {
      if (value >= end) out_of_range_ = what;
    };
    switch (chunk.piece) {
      case Piece::Hour:
      case Piece::Hour12: {
        const bool good = number(2, chunk.zeros(), hour_);
        in_range(hour_, chunk.piece == Piece::Hour ? 24 : 13, "hour");
        return good;
      }
      case Piece::Minute: {
        const bool good = number(2, chunk.zeros(), minute_);
        in_range(minute_, 60, "minute");
        return good;
      }
      case Piece::Second:
        if (!number(2, chunk.zeros(), second_)) return false;
        in_range(second_, 60, "second");
        // A fraction is welcome where the layout has none.
        if (out_of_range_.empty() && begins_fraction() && !fraction_follows(chunk.after)) {
          return fraction(fraction_length());
        }
        return true;
      default:
        return half(chunk.piece == Piece::UpperHalf);
    }
  }

  static bool fraction_follows(std::string_view layout) {
    const Piece piece = next_chunk(layout).piece;
    return piece == Piece::FixedFraction || piece == Piece::ShortFraction;
  }

  template <class Name>
  bool named(int count, Name name, bool brief, int* value, int first) {
    for (int i = 0; i < count; ++i) {
      std::string_view wanted = name(i + first);
      if (brief) wanted = wanted.substr(0, 3);
      if (rest_.size() < wanted.size()) continue;
      const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
      if (!std::equal(wanted.begin(), wanted.end(), rest_.begin(), same)) continue;
      *value = i + first;
      rest_.remove_prefix(wanted.size());
      return true;
    }
    return false;
  }

  bool number(std::size_t most, bool exactly, int& value) {
    std::size_t digits = 0;
    int read = 0;
    while (digits < most && digits < rest_.size() && is_digit(rest_[digits])) {
      read = read * 10 + (rest_[digits++] - '0');
    }
    if (digits == 0 || (exactly && digits < most)) return false;
    value = read;
    rest_.remove_prefix(digits);
    return true;
  }

  bool year(std::size_t digits) {
    int value = 0;
    if (!number(digits, true, value)) return false;
    year_ = digits == 4 ? value : value + (value >= 69 ? 1900 : 2000);
    return true;
  }

  bool half(bool upper) {
    const std::string_view after = upper ? "PM" : "pm";
    const std::string_view before = upper ? "AM" : "am";
    pm_ = rest_.starts_with(after);
    am_ = rest_.starts_with(before);
    if (!pm_ && !am_) return false;
    rest_.remove_prefix(2);
    return true;
  }

  bool begins_fraction() const {
    return rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1]);
  }
  std::size_t fraction_length() const {
    std::size_t length = 1;
    while (length < rest_.size() && is_digit(rest_[length])) ++length;
    return length;
  }
  /// A point or comma and digits, `length` in all; more than nine digits are cut off.
  bool fraction(std::size_t length) {
    if (rest_[0] != '.' && rest_[0] != ',') return false;
    std::string digits(rest_.substr(1, length - 1));
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return false;
    digits.resize(9, '0');
    nanoseconds_ = std::stoi(digits);
    rest_.remove_prefix(length);
    return true;
  }

  bool offset(std::string_view form) {
    if (form.front() == 'Z' && rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      utc_ = true;
      return true;
    }
    if (rest_.size() < form.size()) return false;
    const std::string_view written = rest_.substr(0, form.size());
    rest_.remove_prefix(form.size());
    std::array<int, 3> parts{};
    std::size_t part = 0;
    for (std::size_t at = 1; at < form.size(); ++at) {
      if (form[at] == ':') {
        if (written[at] != ':') return false;
        continue;
      }
      if (!is_digit(written[at]) || !is_digit(written[at + 1])) return false;
      parts.at(part++) = (written[at] - '0') * 10 + (written[at + 1] - '0');
      ++at;
    }
    if (parts[0] > 24) out_of_range_ = "time zone offset hour";
    if (parts[1] > 60) out_of_range_ = "time zone offset minute";
    if (parts[2] > 60) out_of_range_ = "time zone offset second";
    offset_ = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    if (written[0] == '-') offset_ = -*offset_;
    return written[0] == '+' || written[0] == '-';
  }

  bool zone() {
    if (rest_.starts_with("UTC")) {
      rest_.remove_prefix(3);
      utc_ = true;
      return true;
    }
    const std::size_t length = zone_length();
    zone_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return length > 0;
  }

  /// Of +03 or -11, as some zones are called: 0 if it is none.
  static std::size_t signed_hours(std::string_view text) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
    std::size_t length = 1;
    int hours = 0;
    while (length < text.size() && is_digit(text[length]) && hours < 100) {
      hours = hours * 10 + (text[length++] - '0');
    }
    return length > 1 && hours <= 23 ? length : 0;
  }

  std::size_t zone_length() const {
    if (rest_.size() < 3) return 0;
    if (rest_.starts_with("ChST") || rest_.starts_with("MeST")) return 4;
    if (rest_.starts_with("GMT")) return 3 + signed_hours(rest_.substr(3));
    if (rest_[0] == '+' || rest_[0] == '-') return signed_hours(rest_);
    std::size_t capitals = 0;
    while (capitals < 6 && capitals < rest_.size() && rest_[capitals] >= 'A' &&
           rest_[capitals] <= 'Z') {
      ++capitals;
    }
    if (capitals == 5 && rest_[4] == 'T') return 5;
    if (capitals == 4 && (rest_[3] == 'T' || rest_.starts_with("WITA"))) return 4;
    return capitals == 3 ? 3 : 0;
  }

  /// The day of the year as month and day; what it does not agree with, or empty.
  std::string_view resolve_year_day() {
    if (year_day_ < 1 || year_day_ > (is_leap(year_) ? 366 : 365))
      return "day-of-year out of range";
    int month = 1;
    int day = year_day_;
    while (day > days_in(month, year_)) day -= days_in(month++, year_);
    if (month_ >= 0 && month_ != month) return "day-of-year does not match month";
    if (day_ >= 0 && day_ != day) return "day-of-year does not match day";
    month_ = month;
    day_ = day;
    return {};
  }

  Result<Time> finish() {
    if (pm_ && hour_ < 12) hour_ += 12;
    if (am_ && hour_ == 12) hour_ = 0;
    if (year_day_ >= 0) {
      if (const auto what = resolve_year_day(); !what.empty())
        return wrong(": " + std::string(what));
    }
    month_ = month_ < 0 ? 1 : month_;
    day_ = day_ < 0 ? 1 : day_;
    if (day_ < 1 || day_ > days_in(month_, year_)) return wrong(": day out of range");
    Time time{.seconds = seconds_of({.year = year_,
                                     .month = month_,
                                     .day = day_,
                                     .hour = hour_,
                                     .minute = minute_,
                                     .second = second_}),
              .nanoseconds = nanoseconds_};
    if (utc_) return time;
    if (offset_) {
      time.seconds -= *offset_;
      if (*offset_ == 0 && (zone_.empty() || zone_ == "UTC")) return time;
      time.offset = *offset_;
      time.zone = zone_;
    } else if (!zone_.empty()) {
      // An abbreviation says nothing about the offset, but for GMT+3. As in Go, the clock's time
      // is then not moved.
      time.zone = zone_;
      if (zone_.size() > 3 && zone_.starts_with("GMT")) {
        time.offset = std::stoi(zone_.substr(3)) * 3600;
      }
    }
    return time;
  }

  std::string_view layout_;
  std::string_view text_;
  std::string_view rest_;
  std::string_view out_of_range_;
  std::int64_t year_ = 0;
  int month_ = -1;
  int day_ = -1;
  int year_day_ = -1;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  std::int32_t nanoseconds_ = 0;
  bool am_ = false;
  bool pm_ = false;
  bool utc_ = false;
  std::optional<std::int32_t> offset_;
  std::string zone_;
};

}  // namespace

Result<Time> parse_time(std::string_view layout, std::string_view text) {
  return TimeReader(layout, text).read();
}

}  // namespace sluice::tmpl
