#include "rules/base/port.h"

#include "rules/base/decimal.h"

namespace sluice {

Result<Port> Port::from_number(std::int64_t number) {
  if (number < 1 || number > 65535) {
    return fail(Errc::Invalid, "port " + std::to_string(number) + " is not between 1 and 65535");
  }
  Port port;
  port.number_ = static_cast<std::uint16_t>(number);
  return port;
}

Result<Port> Port::parse(std::string_view text) {
  auto number = parse_decimal(text, 65535);
  if (!number || *number == 0) {
    return fail(Errc::Invalid,
                "\"" + std::string(text) + "\" is not a port number between 1 and 65535");
  }
  return from_number(static_cast<std::int64_t>(*number));
}

Result<PortRange> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  ASSIGN_OR_RETURN(const Port first, Port::parse(text.substr(0, dash)));
  if (dash == std::string_view::npos) return PortRange{first, first};
  ASSIGN_OR_RETURN(const Port last, Port::parse(text.substr(dash + 1)));
  if (last < first) {
    return fail(Errc::Invalid, "port range \"" + std::string(text) + "\" ends before it begins");
  }
  return PortRange{first, last};
}

std::string to_string(const PortRange& range) {
  std::string text = std::to_string(range.first.number());
  if (range.first != range.last) text += "-" + std::to_string(range.last.number());
  return text;
}

}  // namespace sluice
