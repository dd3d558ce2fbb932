#pragma once

// Go's time.Duration: a count of nanoseconds that prints as "1h30m0s".

#include <cstdint>
#include <string>

#include "injector/template/value.h"

namespace sluice::tmpl {

[[nodiscard]] std::string duration_text(std::int64_t nanoseconds);
/// A value of that type: an integer with methods.
[[nodiscard]] Value duration_value(std::int64_t nanoseconds);

}  // namespace sluice::tmpl
