#pragma once

// Go's package time: layouts like "2006-01-02", and durations like "1h30m".

#include <cstdint>
#include <string>
#include <string_view>

#include "injector/template/functions/made.h"
#include "rules/base/result.h"

namespace sluice::tmpl {

/// A moment on the calendar, at its offset.
struct Civil {
  std::int64_t year = 1;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int day_of_year = 1;
  int weekday = 1;  ///< 0 is Sunday
};

[[nodiscard]] Civil civil_of(const Time& time);
/// Seconds since 1970 of a date and a time of day; the day may lie outside its month.
[[nodiscard]] std::int64_t seconds_of(const Civil& civil);
[[nodiscard]] std::string_view month_name(int month);
[[nodiscard]] std::string_view weekday_name(int weekday);

/// In quotes, as errors about times have it: what is no printable ASCII as \xNN, byte by byte.
[[nodiscard]] std::string quoted_in_time(std::string_view text);

/// time.Time.Format and String.
[[nodiscard]] std::string format_time(std::string_view layout, const Time& time);
[[nodiscard]] std::string time_text(const Time& time);
/// time.Parse; what names no zone is UTC. Invalid in the words of Go's ParseError.
[[nodiscard]] Result<Time> parse_time(std::string_view layout, std::string_view text);

/// time.ParseDuration; in nanoseconds.
[[nodiscard]] Result<std::int64_t> parse_duration(std::string_view text);

}  // namespace sluice::tmpl
