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

/// Takes out of a value what would say something to a merge instead of being merged: nulls and
/// directives, at any depth.
void drop_directives(nlohmann::json& value);

}  // namespace sluice::injector
