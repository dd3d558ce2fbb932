#pragma once

// Versions of the CNI specification that are spoken here: from 0.3.0, where chaining began.

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "rules/base/result.h"

namespace sluice::cni {

enum class SpecVersion { V0_3_0, V0_3_1, V0_4_0, V1_0_0, V1_1_0 };

inline constexpr std::array<std::string_view, 5> kSpecVersions{"0.3.0", "0.3.1", "0.4.0", "1.0.0",
                                                               "1.1.0"};
inline constexpr SpecVersion kNewest = SpecVersion::V1_1_0;

[[nodiscard]] inline std::string to_string(SpecVersion version) {
  return std::string(kSpecVersions[static_cast<std::size_t>(version)]);
}

/// Error Version for anything else, also for no version, which means 0.1.0 (SPEC, section 1).
[[nodiscard]] Result<SpecVersion> parse_version(std::string_view text);

}  // namespace sluice::cni
