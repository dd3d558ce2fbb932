#pragma once

// Values in annotations, read as Go's strconv reads them.

#include <optional>
#include <string_view>

namespace sluice::injector {

/// strconv.ParseBool.
[[nodiscard]] std::optional<bool> parse_go_bool(std::string_view text);

/// strconv.Atoi, for numbers of up to 18 digits.
[[nodiscard]] std::optional<long> parse_go_int(std::string_view text);

}  // namespace sluice::injector
