#pragma once

#include <string_view>

namespace sluice::cni {

/// The bytes of member `key` of the JSON object in `text`, exactly as they stand there; the last
/// one where there are several, as JSON parsers have it. `text` must be valid JSON. Empty where
/// there is no such member. A result that passes through must not lose what no parser here knows.
[[nodiscard]] std::string_view raw_member(std::string_view text, std::string_view key);

}  // namespace sluice::cni
