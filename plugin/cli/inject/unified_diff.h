#pragma once

// What changed between two texts, line by line, as `diff -u` shows it.

#include <string>
#include <string_view>

namespace sluice::cli {

enum class Color { Never, Always };

/// Empty when the texts are equal. `name` stands behind `---` and `+++`.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after,
                                       const std::string& name, Color color);

}  // namespace sluice::cli
