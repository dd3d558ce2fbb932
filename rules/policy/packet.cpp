#include <cstdint>
#include <limits>

#include "rules/base/decimal.h"
#include "rules/policy/decide.h"

namespace sluice {
namespace {

/// Cuts the first word off `text`; empty at its end.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

tl::unexpected<Error> wrong(std::string_view word, std::string_view expected) {
  return fail(Errc::Invalid,
              "packet: \"" + std::string(word) + "\" is not " + std::string(expected));
}

struct Endpoint {
  IpAddress address;
  std::optional<Port> port;
};

/// "10.0.0.1", "10.0.0.1:80", "[::1]", "[::1]:80".
Result<Endpoint> parse_endpoint(std::string_view text) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return wrong(text, "an address with its bracket closed");
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  ASSIGN_OR_RETURN(const IpAddress address, IpAddress::parse(host));
  if ((address.family() == Family::V6) != text.starts_with('[')) {
    return wrong(text, "ADDR:PORT with IPv6 addresses, and only these, in brackets");
  }
  if (rest.empty()) return Endpoint{address, std::nullopt};
  if (rest.front() != ':') return wrong(text, "ADDR:PORT");
  ASSIGN_OR_RETURN(const Port port, Port::parse(rest.substr(1)));
  return Endpoint{address, port};
}

Result<std::uint32_t> parse_id(std::string_view word, std::string_view text) {
  const auto number = parse_decimal(text, std::numeric_limits<std::uint32_t>::max() - 1);
  if (!number) return wrong(word, "a number from 0 to 4294967294");
  return static_cast<std::uint32_t>(*number);
}

/// One of the optional words after the destination.
Result<void> parse_option(std::string_view word, Packet& packet) {
  const auto equals = word.find('=');
  const std::string_view key = word.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
  if (word == "invalid") {
    packet.state = ConnState::Invalid;
  } else if (key == "src") {
    ASSIGN_OR_RETURN(const Endpoint source, parse_endpoint(value));
    if (source.address.family() != packet.dst.family()) {
      return wrong(word, "a source of the destination's family");
    }
    packet.src = source.address;
    packet.src_port = source.port;
  } else if (key == "uid") {
    ASSIGN_OR_RETURN(packet.uid.number, parse_id(word, value));
  } else if (key == "gid") {
    ASSIGN_OR_RETURN(packet.gid.number, parse_id(word, value));
  } else if (key == "mark") {
    ASSIGN_OR_RETURN(packet.mark.number, parse_id(word, value));
  } else if (key == "if") {
    ASSIGN_OR_RETURN(packet.interface, IfName::parse(value));
  } else {
    return wrong(word, "src=ADDR[:PORT], uid=N, gid=N, mark=N, if=NAME or invalid");
  }
  return {};
}

}  // namespace

Result<Packet> parse_packet(std::string_view text) {
  const std::string_view direction = next_word(text);
  if (direction != "in" && direction != "out") return wrong(direction, "in or out");
  const std::string_view protocol = next_word(text);
  if (protocol != "tcp" && protocol != "udp") return wrong(protocol, "tcp or udp");
  const std::string_view destination = next_word(text);
  auto dst = parse_endpoint(destination);
  if (!dst) return fail(std::move(dst).error().wrap("packet destination"));
  if (!dst->port) return wrong(destination, "DST:PORT");

  Packet packet{
      .direction = direction == "in" ? Direction::In : Direction::Out,
      .protocol = protocol == "tcp" ? Protocol::Tcp : Protocol::Udp,
      .dst = dst->address,
      .dst_port = *dst->port,
      .src = std::nullopt,
      .src_port = std::nullopt,
      .uid = {},
      .gid = {},
      .interface = dst->address.is_loopback() ? IfName::loopback() : IfName::parse("eth0").value(),
  };
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    RETURN_IF_ERROR(parse_option(word, packet));
  }
  return packet;
}

}  // namespace sluice
