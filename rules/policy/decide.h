#pragma once

// The reference semantics: what a policy does with a packet, without a kernel.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/policy/steps.h"

namespace sluice {

enum class Direction {
  In,   ///< arrives at the pod
  Out,  ///< made by a process of the pod
};

/// The first packet of a connection, as it enters the network stack.
struct Packet {
  Direction direction;
  Protocol protocol;
  IpAddress dst;
  Port dst_port;
  std::optional<IpAddress> src;
  std::optional<Port> src_port;
  Uid uid;           ///< of the socket's creator; Out only
  Gid gid;           ///< of the socket's creator; Out only
  IfName interface;  ///< through which it goes out or comes in
  Mark mark{};       ///< SO_MARK of the socket
  ConnState state = ConnState::New;
};

/// Reads `(in|out) (tcp|udp) DST:PORT [src=ADDR[:PORT]] [uid=N] [gid=N] [if=NAME] [mark=N]
/// [invalid]`, IPv6 addresses in brackets. Without `if=`, loopback addresses go through lo,
/// everything else through eth0; without ids the packet is of uid and gid 0.
[[nodiscard]] Result<Packet> parse_packet(std::string_view text);

enum class Verdict { Pass, Outbound, Inbound, Dns, Drop };
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// A step that was looked at, and whether all of its tests held.
struct Considered {
  Stage stage;
  Hook hook;
  Step step;
  bool matched;
};

struct Decision {
  Verdict verdict;
  std::string step;    ///< the step that decided, or "end of chain"
  std::string reason;  ///< what it says, and the annotation or default behind it
  std::vector<Considered> trace;
};

[[nodiscard]] Decision decide(const RedirectPolicy& policy, const Packet& packet);

}  // namespace sluice
