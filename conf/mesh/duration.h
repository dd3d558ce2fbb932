#pragma once

// Durations as Go reads them ("1h30m", "1.5s", "-2ms") and as protobuf's JSON writes them ("90s").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::mesh {

/// Nanoseconds; nothing for what is no duration or does not fit.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

/// "45s", "0.500s": with no, three, six or nine digits after the point.
[[nodiscard]] std::string duration_text(std::int64_t nanoseconds);

}  // namespace sluice::mesh
