#pragma once

// Numbers out of anything, as sprig takes them.

#include <cstdint>

#include "injector/template/value.h"

namespace sluice::tmpl {

/// 0 for what is no number, nor a string that reads as one.
[[nodiscard]] std::int64_t to_int64(const Value& value);
[[nodiscard]] double to_float64(const Value& value);

/// Go's conversion of a float64: what does not fit is the smallest int64.
[[nodiscard]] std::int64_t truncated(double value);

/// strconv.ParseInt and ParseFloat; nothing if they fail.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text, int base);
[[nodiscard]] std::optional<double> parse_float(std::string_view text);

}  // namespace sluice::tmpl
