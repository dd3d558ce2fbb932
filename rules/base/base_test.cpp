#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "rules/base/address.h"
#include "rules/base/ids.h"
#include "rules/base/port.h"
#include "rules/base/trimmed.h"

using namespace sluice;

TEST_CASE("a port is a plain decimal number from 1 to 65535") {
  for (const char* text : {"1", "80", "65535"}) CHECK(Port::parse(text).has_value());
  for (const char* text : {"", "0", "65536", "-1", "+80", " 80", "80 ", "080", "0x50", "8e1",
                           "99999999999999999999"}) {
    CAPTURE(text);
    REQUIRE_FALSE(Port::parse(text).has_value());
    CHECK(Port::parse(text).error().code == Errc::Invalid);
  }
}

TEST_CASE("a port range is one port or first-last") {
  CHECK(to_string(parse_port_range("80").value()) == "80");
  CHECK(to_string(parse_port_range("8000-8100").value()) == "8000-8100");
  CHECK(to_string(parse_port_range("7-7").value()) == "7");
  for (const char* text : {"-", "1-", "-1", "9-8", "1-2-3", "0-5", "80-65536"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_port_range(text).has_value());
  }
}

TEST_CASE("ranges that overlap or touch become one") {
  const PortSet set({parse_port_range("20-30").value(), parse_port_range("1-5").value(),
                     parse_port_range("6").value(), parse_port_range("25-40").value(),
                     parse_port_range("65535").value()});
  std::string text;
  for (const PortRange& range : set.ranges()) text += to_string(range) + " ";
  CHECK(text == "1-6 20-40 65535 ");
  for (const char* in : {"1", "6", "20", "40", "65535"})
    CHECK(set.contains(Port::parse(in).value()));
  for (const char* out : {"7", "19", "41", "65534"})
    CHECK_FALSE(set.contains(Port::parse(out).value()));
}

TEST_CASE("a set of ranges contains exactly what its ranges contain") {
  std::mt19937 engine(7);
  const auto random = [&] { return static_cast<int>(engine() >> 1); };
  for (int round = 0; round < 200; ++round) {
    std::vector<PortRange> ranges;
    for (int i = random() % 8; i > 0; --i) {
      const auto a = Port::from_number(1 + random() % 40).value();
      const auto b = Port::from_number(1 + random() % 40).value();
      ranges.push_back({std::min(a, b), std::max(a, b)});
    }
    const PortSet set(ranges);
    for (int n = 1; n <= 41; ++n) {
      const Port port = Port::from_number(n).value();
      const bool expected = std::any_of(ranges.begin(), ranges.end(), [&](const PortRange& r) {
        return r.first <= port && port <= r.last;
      });
      CHECK(set.contains(port) == expected);
    }
    for (std::size_t i = 1; i < set.ranges().size(); ++i) {
      CHECK(set.ranges()[i - 1].last.number() + 1 < set.ranges()[i].first.number());
    }
  }
}

TEST_CASE("addresses of both families are read and written in their usual form") {
  CHECK(IpAddress::parse("10.0.0.1").value().to_string() == "10.0.0.1");
  CHECK(IpAddress::parse("FD00:0:0::1").value().to_string() == "fd00::1");
  for (const char* text :
       {"", "10.0.0", "10.0.0.256", "010.0.0.1", "fe80::1%eth0", "::g", "1.2.3.4 "}) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::parse(text).has_value());
  }
  CHECK_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)).has_value());
}

TEST_CASE("loopback is 127.0.0.0/8 and ::1") {
  for (const char* text : {"127.0.0.1", "127.255.0.9", "::1"})
    CHECK(IpAddress::parse(text)->is_loopback());
  for (const char* text : {"128.0.0.1", "::", "::2", "::ffff:127.0.0.1"})
    CHECK_FALSE(IpAddress::parse(text)->is_loopback());
}

TEST_CASE("a CIDR loses its host bits and knows its last address") {
  const struct {
    const char* text;
    const char* network;
    const char* last;
  } rows[] = {
      {"10.1.2.3/8", "10.0.0.0/8", "10.255.255.255"},
      {"10.1.2.3/32", "10.1.2.3/32", "10.1.2.3"},
      {"0.0.0.0/0", "0.0.0.0/0", "255.255.255.255"},
      {"192.168.77.1/20", "192.168.64.0/20", "192.168.79.255"},
      {"fd00::abcd/120", "fd00::ab00/120", "fd00::abff"},
      {"::/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  };
  for (const auto& row : rows) {
    const Cidr cidr = Cidr::parse(row.text).value();
    CHECK(cidr.to_string() == row.network);
    CHECK(cidr.last().to_string() == row.last);
  }
  for (const char* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1",
                           "::/129", "x/8", "*", ""}) {
    CAPTURE(text);
    CHECK_FALSE(Cidr::parse(text).has_value());
  }
}

TEST_CASE("the addresses of CIDRs are merged per family") {
  std::set<Cidr> cidrs;
  for (const char* text :
       {"10.0.1.0/24", "10.0.0.0/24", "10.0.0.128/25", "fd00::/64", "10.9.0.0/16"}) {
    cidrs.insert(Cidr::parse(text).value());
  }
  const AddressSet v4 = addresses_of(cidrs, Family::V4);
  REQUIRE(v4.ranges().size() == 2);
  CHECK(to_string(v4.ranges()[0]) == "10.0.0.0/23");
  CHECK(to_string(v4.ranges()[1]) == "10.9.0.0/16");
  CHECK(addresses_of(cidrs, Family::V6).ranges().size() == 1);
  CHECK(to_string(AddressRange{IpAddress::parse("10.0.0.1").value(),
                               IpAddress::parse("10.0.0.2").value()}) == "10.0.0.1-10.0.0.2");
}

TEST_CASE("an interface name is what the kernel and nft both take") {
  for (const char* text : {"eth0", "lo", "a", "veth.100", "abcdefghijklmno", "net1@x"})
    CHECK(IfName::parse(text).has_value());
  for (const char* text : {"", ".", "..", "a/b", "a:b", "a b", "abcdefghijklmnop", "e*", "a\"b",
                           "a\\", "\x01", "\xC3\xA9"}) {
    CAPTURE(text);
    CHECK_FALSE(IfName::parse(text).has_value());
  }
}

TEST_CASE("white space at the ends of a text goes") {
  CHECK(trimmed(" \t a b\n") == "a b");
  CHECK(trimmed("a\v\f\r") == "a");
  CHECK(trimmed(" \t").empty());
  CHECK(trimmed("").empty());
}
