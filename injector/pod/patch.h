#pragma once

// RFC 6902, explicit and insertion-based: array elements that are told apart by a merge key are
// inserted, removed and edited in place, so that a field nobody here knows stays with its element.

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// Operations that turn `before` into `after`; an empty array when they are equal.
[[nodiscard]] nlohmann::json make_patch(const nlohmann::json& before, const nlohmann::json& after);
/// The same, taking what it needs out of `after` instead of copying it.
[[nodiscard]] nlohmann::json make_patch(const nlohmann::json& before, nlohmann::json&& after);

}  // namespace sluice::injector
