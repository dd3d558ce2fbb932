// The one-line packets of `sluice explain --packet` and of the tests.

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "rules/policy/decide.h"

namespace sluice {
namespace {

Packet packet(std::string_view text) {
  auto parsed = parse_packet(text);
  REQUIRE_MESSAGE(parsed.has_value(), text, ": ", parsed ? "" : parsed.error().message);
  return *std::move(parsed);
}

TEST_CASE("a packet needs direction, protocol and destination; the rest has defaults") {
  const Packet p = packet("out tcp 10.0.0.5:443");
  CHECK(p.direction == Direction::Out);
  CHECK(p.protocol == Protocol::Tcp);
  CHECK(p.dst.to_string() == "10.0.0.5");
  CHECK(p.dst_port == Port{443});
  CHECK(!p.src);
  CHECK(!p.src_port);
  CHECK(p.uid == Uid{0});
  CHECK(p.gid == Gid{0});
  CHECK(p.interface.text() == "eth0");
  CHECK(p.mark == Mark{0});
  CHECK(p.state == ConnState::New);
}

TEST_CASE("every option is read, in any order, with any spacing") {
  const Packet p =
      packet("  in  udp [fd00::9]:53  mark=1337 invalid if=net1 gid=7 uid=8 src=[::6]:15053 ");
  CHECK(p.direction == Direction::In);
  CHECK(p.protocol == Protocol::Udp);
  CHECK(p.dst.to_string() == "fd00::9");
  CHECK(p.src->to_string() == "::6");
  CHECK(p.src_port == Port{15053});
  CHECK(p.uid == Uid{8});
  CHECK(p.gid == Gid{7});
  CHECK(p.interface.text() == "net1");
  CHECK(p.mark == Mark{1337});
  CHECK(p.state == ConnState::Invalid);
}

TEST_CASE("loopback destinations go through lo unless told otherwise") {
  CHECK(packet("out tcp 127.0.0.1:80").interface.text() == "lo");
  CHECK(packet("out tcp 127.9.9.9:80").interface.text() == "lo");
  CHECK(packet("out tcp [::1]:80").interface.text() == "lo");
  CHECK(packet("out tcp [::2]:80").interface.text() == "eth0");
  CHECK(packet("out tcp 127.0.0.1:80 if=eth1").interface.text() == "eth1");
}

TEST_CASE("a source may come without a port") {
  const Packet p = packet("out tcp 10.0.0.5:443 src=127.0.0.6");
  CHECK(p.src->to_string() == "127.0.0.6");
  CHECK(!p.src_port);
}

TEST_CASE("what is no packet is refused, with the word that is wrong") {
  struct Bad {
    std::string_view text;
    std::string_view names;
  };
  const std::vector<Bad> rows{
      {"", "in or out"},
      {"through tcp 10.0.0.5:443", "through"},
      {"out icmp 10.0.0.5:443", "icmp"},
      {"out tcp", "address"},
      {"out tcp 10.0.0.5", "DST:PORT"},
      {"out tcp 10.0.0.5:", "port"},
      {"out tcp 10.0.0.5:0", "0"},
      {"out tcp 10.0.0.5:65536", "65536"},
      {"out tcp 10.0.0.5:443x", "443x"},
      {"out tcp 10.0.0:443", "10.0.0"},
      {"out tcp fd00::1:443", "fd00"},
      {"out tcp [fd00::1:443", "bracket"},
      {"out tcp [fd00::1]443", "ADDR:PORT"},
      {"out tcp [10.0.0.5]:443", "brackets"},
      {"out tcp example.org:443", "example.org"},
      {"out tcp 10.0.0.5:443 uid=", "uid="},
      {"out tcp 10.0.0.5:443 uid=-1", "uid=-1"},
      {"out tcp 10.0.0.5:443 gid=4294967295", "gid=4294967295"},
      {"out tcp 10.0.0.5:443 mark=many", "mark=many"},
      {"out tcp 10.0.0.5:443 if=a/b", "a/b"},
      {"out tcp 10.0.0.5:443 if=sixteen-letters-", "sixteen-letters-"},
      {"out tcp 10.0.0.5:443 src=[::1]", "family"},
      {"out tcp 10.0.0.5:443 colour=blue", "colour=blue"},
      {"out tcp 10.0.0.5:443 valid", "valid"},
  };
  for (const Bad& row : rows) {
    CAPTURE(row.text);
    const auto parsed = parse_packet(row.text);
    REQUIRE(!parsed.has_value());
    CHECK(parsed.error().code == Errc::Invalid);
    CAPTURE(parsed.error().message);
    CHECK(parsed.error().message.find(row.names) != std::string::npos);
  }
}

}  // namespace
}  // namespace sluice
