#pragma once

// A policy compiled to nftables: one table as typed values, in nft's own terms. Two printers show
// it (nft text, bytecode), rules/kernel sends it; none of them decides anything.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "rules/policy/steps.h"

namespace sluice::nft {

inline constexpr const char* kTableName = "sluice";  ///< family inet

/// The field a set's elements are of; named as nft names its data types.
enum class SetType { InetService, Ipv4Addr, Ipv6Addr, Uid, Gid, IfName };

using SetElements = std::variant<std::vector<PortRange>, std::vector<AddressRange>,
                                 std::vector<Uid>, std::vector<Gid>, std::vector<IfName>>;

/// A named constant set. Elements are sorted and disjoint.
struct Set {
  std::string name;
  SetType type;
  bool interval;  ///< some element is more than one value
  SetElements elements;
};

/// What a match loads.
enum class Selector {
  IifName,
  OifName,
  L4Proto,
  NfProto,
  TcpDport,
  TcpSport,
  UdpDport,
  UdpSport,
  IpDaddr,
  IpSaddr,
  Ip6Daddr,
  Ip6Saddr,
  SkUid,
  SkGid,
  Mark,
  CtMark,
  CtState,
};

struct SetRef {
  std::string name;
};

using Operand = std::variant<SetRef, IfName, Protocol, Family, Port, IpAddress, Uid, Gid,
                             sluice::Mark, ConnState>;

/// `selector [!=] operand`.
struct Match {
  Selector selector;
  Operand operand;
  Sense sense = Sense::Is;
};

/// A chain's statement, after the counter.
struct Accept {};
struct DropPacket {};
struct RedirectToPort {
  Port port;
};
struct TproxyToPort {  ///< and `meta mark set`, accept; breaks off the rule when none listens
  Family family;
  Port port;
  sluice::Mark mark;
};
struct MarkAndAccept {
  sluice::Mark mark;
};
struct SaveMarkAndAccept {};
struct RestoreMarkAndAccept {};
struct ZoneAndAccept {
  Zone zone;
};
using Statement = std::variant<Accept, DropPacket, RedirectToPort, TproxyToPort, MarkAndAccept,
                               SaveMarkAndAccept, RestoreMarkAndAccept, ZoneAndAccept>;

/// A rule: all matches hold, then a counter counts and the statement acts.
struct Rule {
  std::vector<Match> matches;
  Statement statement;
  std::string comment;  ///< at most 128 bytes, the kernel's users' limit
};

enum class ChainType { Filter, Route, Nat };

struct Chain {
  std::string name;
  ChainType type;
  Hook hook;
  int priority;
  std::vector<Rule> rules;
};

struct Program {
  std::string comment;  ///< of the table: "sluice v1 HASH"
  std::vector<Set> sets;
  std::vector<Chain> chains;
};

/// The program of a policy. Total: every policy has one; Mode::None's has no chains.
[[nodiscard]] Program plan(const RedirectPolicy& policy);

/// What `nft -f` loads as it is.
[[nodiscard]] std::string to_nft(const Program& program);

/// What `nft --debug=netlink` shows of to_nft()'s text: sets with elements, then rules.
[[nodiscard]] std::string to_bytecode(const Program& program);

}  // namespace sluice::nft
