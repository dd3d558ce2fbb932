#pragma once

// Packets by chance, near the edges of a policy.

#include <string>
#include <vector>

#include "rules/kernel/differential/dice.h"
#include "rules/policy/decide.h"

namespace sluice::differential {

/// A packet of whom and to where the policy's values are decided: their first, last, one before and
/// one after; complete but for the source port. One that this world can send.
[[nodiscard]] Packet random_packet(Dice& dice, const RedirectPolicy& policy);

/// As parse_packet() reads it.
[[nodiscard]] std::string to_text(const Packet& packet);

/// Packets that say a little less than `packet`.
[[nodiscard]] std::vector<Packet> simpler(const RedirectPolicy& policy, const Packet& packet);

}  // namespace sluice::differential
