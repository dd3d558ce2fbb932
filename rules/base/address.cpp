#include "rules/base/address.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

#include "rules/base/decimal.h"

namespace sluice {
namespace {

int width(Family family) {
  return family == Family::V4 ? 32 : 128;
}

/// `address` with the bits after the first `prefix` all zero or all one.
IpAddress with_host_bits(const IpAddress& address, int prefix, bool ones) {
  std::array<std::uint8_t, 16> bytes{};
  const auto size = address.bytes().size();
  std::copy(address.bytes().begin(), address.bytes().end(), bytes.begin());
  for (std::size_t i = 0; i < size; ++i) {
    const int kept = std::clamp(prefix - static_cast<int>(8 * i), 0, 8);
    const auto host = static_cast<std::uint8_t>(0xFFU >> kept);
    bytes[i] = static_cast<std::uint8_t>(ones ? bytes[i] | host : bytes[i] & ~host);
  }
  return IpAddress::from_bytes({bytes.data(), size});
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  const std::string terminated(text);
  if (text.find('\0') == std::string_view::npos) {
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
    address.family_ = Family::V6;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  }
  return fail(Errc::Invalid, "\"" + terminated + "\" is not an IP address");
}

IpAddress IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  IpAddress address;
  address.family_ = bytes.size() == 4 ? Family::V4 : Family::V6;
  std::copy_n(bytes.begin(), std::min<std::size_t>(bytes.size(), 16), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::loopback_v6() {
  IpAddress address;
  address.family_ = Family::V6;
  address.bytes_[15] = 1;
  return address;
}

bool IpAddress::is_loopback() const {
  return family_ == Family::V4 ? bytes_[0] == 127 : *this == loopback_v6();
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int af = family_ == Family::V4 ? AF_INET : AF_INET6;
  return inet_ntop(af, bytes_.data(), text.data(), text.size());
}

IpAddress next(IpAddress address) {
  for (std::size_t i = address.bytes().size(); i-- > 0;) {
    if (++address.bytes_[i] != 0) break;
  }
  return address;
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto wrong = [&] {
    return fail(Errc::Invalid, "\"" + std::string(text) + "\" is not a CIDR such as 10.0.0.0/8");
  };
  if (slash == std::string_view::npos) return wrong();
  auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return wrong();
  const auto prefix =
      parse_decimal(text.substr(slash + 1), static_cast<std::uint64_t>(width(address->family())));
  if (!prefix) return wrong();
  return containing(*address, static_cast<int>(*prefix));
}

Cidr Cidr::containing(const IpAddress& address, int prefix) {
  return {with_host_bits(address, prefix, false), prefix};
}

IpAddress Cidr::last() const {
  return with_host_bits(address_, prefix_, true);
}

std::string Cidr::to_string() const {
  return address_.to_string() + "/" + std::to_string(prefix_);
}

AddressSet addresses_of(const std::set<Cidr>& cidrs, Family family) {
  std::vector<AddressRange> ranges;
  for (const Cidr& cidr : cidrs) {
    if (cidr.family() == family) ranges.push_back({cidr.address(), cidr.last()});
  }
  return AddressSet(std::move(ranges));
}

std::string to_string(const AddressRange& range) {
  const int bits = width(range.first.family());
  if (range.first == range.last) return range.first.to_string();
  for (int prefix = 0; prefix < bits; ++prefix) {
    const Cidr cidr = Cidr::containing(range.first, prefix);
    if (cidr.address() == range.first && cidr.last() == range.last) return cidr.to_string();
  }
  return range.first.to_string() + "-" + range.last.to_string();
}

}  // namespace sluice
