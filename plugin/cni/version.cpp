#include "plugin/cni/version.h"

#include <algorithm>

#include "rules/policy/quoted.h"

namespace sluice::cni {

Result<SpecVersion> parse_version(std::string_view text) {
  const auto at = std::find(kSpecVersions.begin(), kSpecVersions.end(), text);
  if (at != kSpecVersions.end()) return static_cast<SpecVersion>(at - kSpecVersions.begin());
  std::string known;
  for (const std::string_view version : kSpecVersions) {
    known.append(known.empty() ? "" : ", ").append(version);
  }
  const std::string what = text.empty() ? "no cniVersion" : "cniVersion " + in_quotes(text);
  return fail(Errc::Version, what + " is not supported; supported are " + known);
}

}  // namespace sluice::cni
