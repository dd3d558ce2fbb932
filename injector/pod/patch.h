#pragma once

// RFC 6902, explicit and insertion-based: array elements that are told apart by a merge key are
// inserted, removed and edited in place, so that a field nobody here knows stays with its element.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

/// The JSON of operations that turn `before` into `after`; empty when they are equal.
[[nodiscard]] std::string make_patch(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace sluice::injector
