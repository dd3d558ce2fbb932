#pragma once

// The order of the redirect, as data. steps() turns a policy into chains of steps, each a list of
// tests and one action; decide() interprets them on a packet, plan() compiles them to nftables. So
// what `sluice explain` says and what the kernel does cannot drift apart.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/policy/redirect_policy.h"

namespace sluice {

enum class Protocol : std::uint8_t { Tcp = 6, Udp = 17 };

/// The state conntrack gives a packet; New stands for the first packet of a connection.
enum class ConnState { New, Established, Invalid };

enum class Sense { Is, IsNot };

/// One test of one field of a packet. `list` names the policy's list the values come from, and is
/// empty for constants: a list may grow, so plan() makes it a set.
template <class Field, class Values>
struct Test {
  Values values;
  std::string_view list{};
  Sense sense = Sense::Is;
};

using InInterface = Test<struct InInterfaceField, std::set<IfName>>;
using OutInterface = Test<struct OutInterfaceField, std::set<IfName>>;
using OneProtocol = Test<struct ProtocolField, Protocol>;
using DstPort = Test<struct DstPortField, PortSet>;
using SrcPort = Test<struct SrcPortField, PortSet>;
using DstAddress = Test<struct DstAddressField, std::set<Cidr>>;
using SrcAddress = Test<struct SrcAddressField, std::set<Cidr>>;
using SocketUid = Test<struct SocketUidField, std::set<Uid>>;
using SocketGid = Test<struct SocketGidField, std::set<Gid>>;
using PacketMark = Test<struct PacketMarkField, Mark>;
using ConnMark = Test<struct ConnMarkField, Mark>;
using InState = Test<struct StateField, ConnState>;

using Match = std::variant<InInterface, OutInterface, OneProtocol, DstPort, SrcPort, DstAddress,
                           SrcAddress, SocketUid, SocketGid, PacketMark, ConnMark, InState>;

/// Every action ends its chain for the packet.
struct Pass {};
struct Drop {};
enum class Listener { Outbound, Inbound, Dns };
struct RedirectTo {  ///< NAT to the proxy's listener on this host
  Listener listener;
  Port port;
};
struct TproxyTo {  ///< hand to the proxy's transparent listener, marked; drop while none listens
  Port port;
  Mark mark;
};
struct SetMark {
  Mark mark;
};
struct SaveMark {};     ///< packet mark into the connection's
struct RestoreMark {};  ///< connection's mark into the packet's
struct SetZone {
  Zone zone;
};
using Action =
    std::variant<Pass, Drop, RedirectTo, TproxyTo, SetMark, SaveMark, RestoreMark, SetZone>;

struct Step {
  std::string name;         ///< as the design numbers it: "outbound 4a"
  std::string what;         ///< in words: "to an excluded port"
  std::string origin;       ///< the annotation or variable behind it, or "default"
  std::vector<Match> when;  ///< all must hold
  Action then;
};

enum class Hook { Prerouting, Output };

/// In the kernel's order at each hook.
enum class Stage { Raw, Mangle, Nat };

struct StepChain {
  Stage stage;
  Hook hook;
  std::vector<Step> steps;  ///< first match wins; without one the packet passes
};

/// The chains of a policy, in the kernel's order at each hook; none is empty, and Mode::None has
/// none.
[[nodiscard]] std::vector<StepChain> steps(const RedirectPolicy& policy);

}  // namespace sluice
