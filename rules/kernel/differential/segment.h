#pragma once

// Single TCP segments, for what no TCP would send.

#include <array>
#include <cstdint>

#include "rules/kernel/differential/sockets.h"

namespace sluice::differential {

/// A TCP header without options or data.
using Segment = std::array<std::uint8_t, 20>;

// Flags, as in the header.
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kAck = 0x10;

/// With the right checksum.
[[nodiscard]] Segment make_segment(const Endpoint& source, const Endpoint& destination,
                                   std::uint32_t sequence, std::uint8_t flags);

}  // namespace sluice::differential
