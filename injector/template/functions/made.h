#pragma once

// Values that functions make and that are no plain list, dict or scalar: Go gives them types of
// their own, which other functions ask for.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "injector/template/value.h"

namespace sluice::tmpl {

using Strings = std::vector<std::string>;
using StringMap = std::map<std::string, std::string, std::less<>>;

/// A moment, as Go's time.Time counts it; in UTC, or at an offset that was written with it.
struct Time {
  std::int64_t seconds = -62135596800;  ///< since 1970; the zero value is the year 1
  std::int32_t nanoseconds = 0;
  std::int32_t offset = 0;  ///< seconds east of Greenwich
  std::string zone = "UTC";

  bool operator==(const Time&) const = default;
};

using Integers = std::vector<std::int64_t>;

/// What Go has as []string, []int, map[string]string, time.Time, and nil ones.
[[nodiscard]] Value made(const Strings& strings);
[[nodiscard]] Value made(const Integers& numbers);
[[nodiscard]] Value made(const StringMap& strings);
[[nodiscard]] Value made(const Time& time);
[[nodiscard]] Value nil_list();
[[nodiscard]] Value nil_string_list();
[[nodiscard]] Value nil_string_map();
/// What buildCustomCert gives, with Cert and Key in PEM.
[[nodiscard]] Value certificate_value(const std::string& certificate, const std::string& key);
/// A *semver.Version: `version` has the members that the type's methods give.
[[nodiscard]] Value version_value(nlohmann::json version);

[[nodiscard]] StringMap to_string_map(const Value& value);
/// Nothing if `value` is no time.Time.
[[nodiscard]] std::optional<Time> to_time(const Value& value);

/// What MarshalJSON gives of a time or a version, which is no object; nothing for other types.
[[nodiscard]] std::optional<std::string> marshalled_text(const View& view);

}  // namespace sluice::tmpl
