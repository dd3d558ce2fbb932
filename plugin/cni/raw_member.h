#pragma once

// JSON as bytes. The parser's values are copied, printed and compared by recursion, and printing
// them again loses what they do not hold: the order of members, the form of numbers.

#include <string_view>

namespace sluice::cni {

/// The bytes of member `key` of the JSON object in `text`, exactly as they stand there; the last
/// one where there are several, as JSON parsers have it. `text` must be valid JSON. Empty where
/// there is no such member. A result that passes through must not lose what no parser here knows.
[[nodiscard]] std::string_view raw_member(std::string_view text, std::string_view key);

/// Whether brackets in `text`, which need not be valid JSON, are nested more than `limit` deep.
[[nodiscard]] bool nested_deeper_than(std::string_view text, int limit);

}  // namespace sluice::cni
