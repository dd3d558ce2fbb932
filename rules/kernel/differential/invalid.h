#pragma once

// TCP segments that conntrack finds invalid, and where they arrive.

#include "rules/kernel/differential/landing.h"
#include "rules/kernel/differential/world.h"

namespace sluice::differential {

/// Sends a segment with flags that no TCP sends, from `client`, a raw socket bound to the packet's
/// source. Raw sockets see it arrive before TCP looks at it; the landing has a place and no more.
[[nodiscard]] Result<Landing> send_invalid(const World& world, const UniqueFd& client,
                                           const Packet& packet, Deadline deadline);

}  // namespace sluice::differential
