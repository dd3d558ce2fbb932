#pragma once

// A seed's worth of trials: one random policy and packets around it; and, when the kernel and
// decide() disagree, the smallest policy and packet about which they still do.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/kernel/differential/trial.h"

namespace sluice::differential {

/// Everything that a trial depends on.
struct Case {
  RedirectPolicy policy;
  Owner proxy_owner{};
  Proxy proxy = Proxy::Listens;
  std::vector<Packet> packets;  ///< sent one after the other; the last one is judged
};

struct Disagreement {
  Case what;
  Outcome outcome;
};

/// What has been covered.
struct Coverage {
  std::uint64_t policies = 0;
  std::uint64_t packets = 0;
  std::map<std::string, std::uint64_t> steps;     ///< packets by the steps that applied to them
  std::map<std::string, std::uint64_t> landings;  ///< packets by where they landed
};

/// Runs the case of `seed` with `packets` packets, up to the first disagreement. An error is the
/// test's own failure, but for a NotFound of `commit`: no case for it.
[[nodiscard]] Result<std::optional<Disagreement>> run_seed(Trial& trial, std::uint64_t seed,
                                                           unsigned packets,
                                                           const Trial::Commit& commit,
                                                           Coverage& coverage);

/// The outcome for the case's last packet, where the kernel and decide() disagree about it.
[[nodiscard]] std::optional<Outcome> disagreement(Trial& trial, const Case& what,
                                                  const Trial::Commit& commit);

[[nodiscard]] Disagreement shrink(Trial& trial, Disagreement found, const Trial::Commit& commit);

[[nodiscard]] std::string describe(const Disagreement& disagreement);

/// By rules/kernel, and read back.
[[nodiscard]] Result<void> commit_policy(const World& world, const RedirectPolicy& policy);

}  // namespace sluice::differential
