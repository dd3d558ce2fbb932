#pragma once

// IP addresses, CIDRs and sets of addresses, both families in one type.

#include <array>
#include <compare>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "rules/base/interval_set.h"
#include "rules/base/result.h"

namespace sluice {

enum class Family : std::uint8_t { V4, V6 };

/// An IPv4 or IPv6 address, in network byte order. IPv4 sorts before IPv6.
class IpAddress {
 public:
  /// The usual text forms; no zone ("fe80::1%eth0"), no IPv4 shorthand ("127.1").
  [[nodiscard]] static Result<IpAddress> parse(std::string_view text);
  /// 4 or 16 bytes in network order.
  [[nodiscard]] static IpAddress from_bytes(std::span<const std::uint8_t> bytes);

  [[nodiscard]] static IpAddress loopback_v4() {
    return from_bytes(std::array<std::uint8_t, 4>{127, 0, 0, 1});
  }
  [[nodiscard]] static IpAddress loopback_v6();

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return {bytes_.data(), family_ == Family::V4 ? 4U : 16U};
  }
  /// 127.0.0.0/8 or ::1.
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

  /// The address after this one; the greatest of its family wraps to the least.
  friend IpAddress next(IpAddress address);

 private:
  IpAddress() = default;
  Family family_ = Family::V4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// A network: an address whose host bits are zero, and a prefix length.
class Cidr {
 public:
  /// "10.0.0.0/8"; host bits are taken off. A bare address is not a CIDR.
  [[nodiscard]] static Result<Cidr> parse(std::string_view text);
  /// The network of `prefix` bits that holds `address`; `prefix` at most the family's width.
  [[nodiscard]] static Cidr containing(const IpAddress& address, int prefix);

  [[nodiscard]] const IpAddress& address() const { return address_; }
  [[nodiscard]] int prefix() const { return prefix_; }
  [[nodiscard]] Family family() const { return address_.family(); }
  [[nodiscard]] IpAddress last() const;
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const Cidr&) const = default;

 private:
  Cidr(const IpAddress& address, int prefix) : address_(address), prefix_(prefix) {}
  IpAddress address_;
  int prefix_;
};

using AddressRange = Range<IpAddress>;

/// Addresses of one family, as merged ranges.
using AddressSet = IntervalSet<IpAddress>;

/// The addresses of those `cidrs` that belong to `family`.
[[nodiscard]] AddressSet addresses_of(const std::set<Cidr>& cidrs, Family family);

/// As a CIDR where the range is one, else "first-last".
[[nodiscard]] std::string to_string(const AddressRange& range);

}  // namespace sluice
