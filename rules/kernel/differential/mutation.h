#pragma once

// Programs that are wrong in one thing. A test that does not notice them tests nothing.

#include <functional>
#include <string>
#include <vector>

#include "rules/kernel/differential/world.h"
#include "rules/program/program.h"

namespace sluice::differential {

struct Mutation {
  std::string name;
  /// Makes the program wrong; false where there is nothing in it to be made wrong.
  std::function<bool(nft::Program&)> mutate;
  enum class Routes { AsPlanned, Missing } routes = Routes::AsPlanned;
};

[[nodiscard]] std::vector<Mutation> all_mutations();

/// Commits `policy` made wrong. NotFound where the mutation changes nothing.
[[nodiscard]] Result<void> commit_mutated(const World& world, const RedirectPolicy& policy,
                                          const Mutation& mutation);

}  // namespace sluice::differential
