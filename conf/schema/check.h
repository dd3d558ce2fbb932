#pragma once

// Whether JSON is what a type's Go decoder would take.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "conf/schema/type.h"
#include "rules/base/result.h"

namespace sluice::schema {

/// Malformed, with the path, which begins with `path`, for the first value that is not of its type.
/// Null is of every type, and members that the type does not know are not looked at.
[[nodiscard]] Result<void> check_types(const nlohmann::json& value, const Type& type,
                                       const std::string& path);

}  // namespace sluice::schema
