#include "rules/kernel/differential/segment.h"

#include <cstddef>
#include <span>

#include <netinet/in.h>

namespace sluice::differential {
namespace {

// Where the fields are (RFC 9293).
constexpr std::size_t kSourcePort = 0;
constexpr std::size_t kDestinationPort = 2;
constexpr std::size_t kSequence = 4;
constexpr std::size_t kDataOffset = 12;
constexpr std::size_t kFlags = 13;
constexpr std::size_t kChecksum = 16;

template <class Number>
void put(Segment& segment, std::size_t at, Number number) {
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    segment[at + i] = static_cast<std::uint8_t>(number);
    number = static_cast<Number>(number >> 8U);
  }
}

/// The Internet checksum's sum (RFC 1071) of `bytes`, of an even number.
std::uint32_t sum(std::span<const std::uint8_t> bytes) {
  std::uint32_t total = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    total += static_cast<std::uint32_t>(bytes[i] << 8U | bytes[i + 1]);
  }
  return total;
}

}  // namespace

Segment make_segment(const Endpoint& source, const Endpoint& destination, std::uint32_t sequence,
                     std::uint8_t flags) {
  Segment segment{};
  put(segment, kSourcePort, source.port);
  put(segment, kDestinationPort, destination.port);
  put(segment, kSequence, sequence);
  put(segment, kDataOffset, static_cast<std::uint8_t>(segment.size() / 4U << 4U));
  put(segment, kFlags, flags);
  std::uint32_t total = IPPROTO_TCP + static_cast<std::uint32_t>(segment.size()) + sum(segment) +
                        sum(source.address.bytes()) + sum(destination.address.bytes());
  while (total > 0xFFFF) total = (total & 0xFFFF) + (total >> 16U);
  put(segment, kChecksum, static_cast<std::uint16_t>(~total));
  return segment;
}

}  // namespace sluice::differential
