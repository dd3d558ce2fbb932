#pragma once

// Semantic versions and the constraints that they are checked against.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/result.h"

namespace sluice::tmpl {

struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease;
  std::string metadata;
};

/// Leniently: a leading v, leading zeros and missing parts are fine.
[[nodiscard]] Result<Version> parse_version(std::string_view text);
[[nodiscard]] std::string version_text(const Version& version);
/// Below, equal to or above zero; metadata does not count.
[[nodiscard]] int compare(const Version& a, const Version& b);

/// ">=1.2, <3 || ~4.x": whether `version` is within. Invalid for what is no constraint.
[[nodiscard]] Result<bool> satisfies(const Version& version, std::string_view constraint);

}  // namespace sluice::tmpl
