#pragma once

// TCP and UDP ports, and sets of them as people write them: "80", "8000-8100".

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/base/interval_set.h"
#include "rules/base/result.h"

namespace sluice {

/// A port number, 1 to 65535.
class Port {
 public:
  /// For constants: port 0 does not compile.
  explicit consteval Port(std::uint16_t number) : number_(number) {
    if (number == 0) throw "port 0";
  }

  /// Decimal digits only: no sign, no space, no leading zero ("080" is a slip, or octal).
  [[nodiscard]] static Result<Port> parse(std::string_view text);
  [[nodiscard]] static Result<Port> from_number(std::int64_t number);

  [[nodiscard]] std::uint16_t number() const { return number_; }
  auto operator<=>(const Port&) const = default;

  friend Port next(Port port) {
    ++port.number_;
    return port;
  }

 private:
  Port() = default;
  std::uint16_t number_ = 0;
};

using PortRange = Range<Port>;
using PortSet = IntervalSet<Port>;

/// "443" or "8000-8100"; the first port may not be above the last.
[[nodiscard]] Result<PortRange> parse_port_range(std::string_view text);
[[nodiscard]] std::string to_string(const PortRange& range);

}  // namespace sluice
