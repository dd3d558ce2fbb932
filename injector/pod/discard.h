#pragma once

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

/// Frees what is in an object or a list. The library's own way moves every element into a list of
/// its own first, to bear with any depth; a review's depth has a bound, and this takes half as
/// long.
void discard(nlohmann::json& document);

}  // namespace sluice::injector
