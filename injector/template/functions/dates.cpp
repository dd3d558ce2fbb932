// sprig's functions on times and durations that are given. The zone is UTC: a template's result
// does not depend on where and when it is rendered.

#include <algorithm>
#include <array>

#include "injector/template/duration.h"
#include "injector/template/functions/bind.h"
#include "injector/template/functions/cast.h"
#include "injector/template/functions/text.h"
#include "injector/template/functions/time_format.h"

namespace sluice::tmpl {
namespace {

using std::string;

constexpr std::int64_t Second = 1'000'000'000;

/// A time.Time, or seconds since 1970. For anything else Go takes the present.
Result<Time> moment(const Value& value) {
  if (auto time = to_time(value)) return std::move(*time);
  if (const auto* seconds = std::get_if<std::int64_t>(&value.held())) {
    // Years of more than nine digits; Go's calendar ends there as well.
    constexpr std::int64_t Farthest = 30'000'000'000'000'000;
    if (*seconds > Farthest || *seconds < -Farthest) return go_error("time out of range");
    return Time{.seconds = *seconds};
  }
  return go_error("a " + value.type_name() + " is no time, and the present is not known here");
}

/// What times in `zone` are called. There is no database of zones here, as an image with nothing in
/// it has none: those that keep Greenwich's time are known, and so is what no zone can be called,
/// which sprig takes for UTC. Any other may have another time, and is an error.
Result<string> name_of_zone(std::string_view zone) {
  static constexpr std::array<std::string_view, 4> Universal{"UTC", "UCT", "Universal", "Zulu"};
  static constexpr std::array<std::string_view, 3> Greenwich{"GMT", "GMT0", "Greenwich"};
  const bool etc = zone.starts_with("Etc/");
  const std::string_view name = etc ? zone.substr(4) : zone;
  if (std::ranges::find(Greenwich, name) != Greenwich.end()) return string("GMT");
  const bool known = zone == "Local" || std::ranges::find(Universal, name) != Universal.end();
  const bool possible = !zone.empty() && zone[0] >= 'A' && zone[0] <= 'Z';
  if (known || !possible) return string("UTC");
  return go_error("time zone " + string(zone) + " is not known here, only UTC and GMT");
}

Result<string> formatted(const string& layout, const Value& value, const string& zone) {
  ASSIGN_OR_RETURN(string name, name_of_zone(zone));
  ASSIGN_OR_RETURN(Time time, moment(value));
  time.offset = 0;
  time.zone = std::move(name);
  return format_time(layout, time);
}

Result<Time> shifted(Time time, std::int64_t nanoseconds) {
  std::int64_t seconds = nanoseconds / Second;
  std::int64_t rest = nanoseconds % Second + time.nanoseconds;
  if (rest < 0) {
    rest += Second;
    --seconds;
  }
  if (__builtin_add_overflow(time.seconds, seconds + rest / Second, &time.seconds)) {
    return go_error("time out of range");
  }
  time.nanoseconds = static_cast<std::int32_t>(rest % Second);
  return time;
}

string duration(const Value& value) {
  std::int64_t seconds = 0;
  if (const string* text = value.string()) {
    seconds = parse_int(*text, 10).value_or(0);
  } else if (const auto* number = std::get_if<std::int64_t>(&value.held())) {
    seconds = *number;
  }
  // Go's multiplication wraps around.
  const auto bits = static_cast<std::uint64_t>(seconds) * static_cast<std::uint64_t>(Second);
  return duration_text(static_cast<std::int64_t>(bits));
}

/// In its largest unit: "3d".
Result<string> rounded(const Value& value) {
  std::int64_t given = 0;
  if (const string* text = value.string()) {
    given = parse_duration(*text).value_or(0);
  } else if (const auto* number = std::get_if<std::int64_t>(&value.held())) {
    given = *number;
  } else if (to_time(value)) {
    return go_error("the present is not known here");
  }
  const auto bits = static_cast<std::uint64_t>(given);
  const std::uint64_t size = given < 0 ? ~bits + 1 : bits;
  struct Unit {
    std::uint64_t seconds;
    std::string_view name;
  };
  for (const Unit& unit : {Unit{31'536'000, "y"}, Unit{2'592'000, "mo"}, Unit{86'400, "d"},
                           Unit{3'600, "h"}, Unit{60, "m"}, Unit{1, "s"}}) {
    const std::uint64_t length = unit.seconds * static_cast<std::uint64_t>(Second);
    if (size > length) return std::to_string(size / length) + string(unit.name);
  }
  return string("0s");
}

}  // namespace

void add_dates(FunctionTable& table) {
  Binder binder(table);
  binder.bind("date", [](const string& layout, const Value& value) {
    return formatted(layout, value, "UTC");
  });
  binder.bind("dateInZone", formatted);
  binder.alias("date_in_zone", "dateInZone");
  binder.bind("htmlDate", [](const Value& value) { return formatted("2006-01-02", value, "UTC"); });
  binder.bind("htmlDateInZone", [](const Value& value, const string& zone) {
    return formatted("2006-01-02", value, zone);
  });
  binder.bind("mustDateModify", [](const string& text, const Time& time) -> Result<Time> {
    ASSIGN_OR_RETURN(const std::int64_t nanoseconds, parse_duration(text));
    return shifted(time, nanoseconds);
  });
  binder.alias("must_date_modify", "mustDateModify");
  binder.bind("dateModify", [](const string& text, const Time& time) -> Result<Time> {
    const auto nanoseconds = parse_duration(text);
    return nanoseconds ? shifted(time, *nanoseconds) : time;
  });
  binder.alias("date_modify", "dateModify");
  binder.bind("mustToDate",
              [](const string& layout, const string& text) { return parse_time(layout, text); });
  binder.bind("toDate", [](const string& layout, const string& text) {
    return parse_time(layout, text).value_or(Time{});
  });
  binder.bind("unixEpoch", [](const Time& time) { return std::to_string(time.seconds); });
  binder.bind("duration", duration);
  binder.bind("durationRound", rounded);
}

}  // namespace sluice::tmpl
