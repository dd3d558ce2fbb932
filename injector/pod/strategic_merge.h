#pragma once

// Kubernetes' strategic merge patch on untyped JSON, by the merge keys of conf/schema.

#include <nlohmann/json.hpp>

#include "conf/schema/type.h"
#include "rules/base/result.h"

namespace sluice::injector {

/// `patch` over `target`, both of `type`; fields that the type does not know merge as maps and
/// replace as lists. Invalid for a list element without its merge key.
[[nodiscard]] Result<void> strategic_merge(nlohmann::json& target, nlohmann::json patch,
                                           const schema::Type& type);

}  // namespace sluice::injector
