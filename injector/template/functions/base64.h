#pragma once

// Base 64 as Go decodes it: strictly padded, line breaks ignored.

#include <string>
#include <string_view>

#include "rules/base/result.h"

namespace sluice::tmpl {

[[nodiscard]] Result<std::string> from_base64(std::string_view text);

}  // namespace sluice::tmpl
