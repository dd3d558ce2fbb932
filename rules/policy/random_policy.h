#pragma once

// Policies for tests that compare two ways of doing the same: any field alone, or many together,
// drawn from values at which implementations differ.

#include <random>
#include <vector>

#include "rules/policy/redirect_policy.h"

namespace sluice {

/// A valid policy. Equal engines give equal policies, with any standard library.
[[nodiscard]] RedirectPolicy random_policy(std::mt19937_64& engine);

/// Valid policies that are each one small step simpler: a field back at its default, an element
/// out of a list, a range cut to its first port. Taking steps ends, whichever are taken.
[[nodiscard]] std::vector<RedirectPolicy> shrink(const RedirectPolicy& policy);

}  // namespace sluice
