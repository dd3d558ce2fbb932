#pragma once

// What readers of YAML would take a text for, if it stood there without quotes.

#include <string>
#include <string_view>

namespace sluice::kube {

/// Whether a plain scalar `text` would be a boolean, a number, a date, null, a merge key ... to any
/// reader of YAML 1.1 or 1.2, rather than a string. So is an empty text.
[[nodiscard]] bool plain_means_more(std::string_view text);

/// The order of keys: runs of digits count by value, letters come after everything else.
[[nodiscard]] bool natural_less(std::u32string_view a, std::u32string_view b);

}  // namespace sluice::kube
