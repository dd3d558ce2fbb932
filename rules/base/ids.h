#pragma once

// Numbers the kernel knows processes, packets and routing tables by, and interface names.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/base/result.h"

namespace sluice {

/// A 32-bit number with a meaning of its own, so that a uid cannot be passed for a mark.
template <class Tag>
struct Id {
  std::uint32_t number = 0;
  auto operator<=>(const Id&) const = default;
};

using Uid = Id<struct UidTag>;    ///< as the pod's user namespace counts
using Gid = Id<struct GidTag>;    ///< as the pod's user namespace counts
using Mark = Id<struct MarkTag>;  ///< skb mark or conntrack mark
using RouteTable = Id<struct RouteTableTag>;
using Zone = Id<struct ZoneTag>;  ///< conntrack zone

/// A network interface's name: 1 to 15 printable ASCII bytes, not "." or "..", without '/' and ':'
/// (the kernel's dev_valid_name) and without '"', '*' and '\\', which mean something to nft.
class IfName {
 public:
  [[nodiscard]] static Result<IfName> parse(std::string_view text);
  [[nodiscard]] static IfName loopback() { return IfName("lo"); }

  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const IfName&) const = default;

 private:
  explicit IfName(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace sluice
