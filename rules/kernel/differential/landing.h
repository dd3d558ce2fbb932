#pragma once

// Where a packet lands: what a decision promises, and what the sockets saw.

#include <optional>
#include <string>

#include "rules/kernel/differential/sockets.h"
#include "rules/policy/decide.h"

namespace sluice::differential {

enum class Place { Nowhere, Pod, Peer };

struct Landing {
  Place place = Place::Nowhere;
  std::uint16_t listener = 0;                   ///< the port it is bound to
  Endpoint local{IpAddress::loopback_v4(), 0};  ///< which it has for its own address
  std::optional<Endpoint> source;               ///< as the listener sees it
  std::optional<Endpoint> original;             ///< SO_ORIGINAL_DST
  bool answered = false;                        ///< bytes went there and back
  std::string note;                             ///< what the client was told
};

/// A policy's proxy may be up, or not yet.
enum class Proxy { Listens, Absent };

/// Where `packet` should land if the kernel does what `decision` says.
[[nodiscard]] Landing expected_landing(const RedirectPolicy& policy, const Packet& packet,
                                       const Decision& decision, Proxy proxy);

[[nodiscard]] bool agree(const Packet& packet, const Landing& expected, const Landing& seen);
[[nodiscard]] std::string to_string(const Landing& landing);

/// Whether one of the proxy's listeners has this port.
[[nodiscard]] bool is_proxy_port(const RedirectPolicy& policy, Port port);

/// Whether the pod may send `packet` from an address that is not its own, as a TPROXY proxy does
/// that keeps its client's address.
[[nodiscard]] bool may_be_foreign(const RedirectPolicy& policy, const Packet& packet);

/// Which interface the pod sends `packet` through.
[[nodiscard]] IfName route(const RedirectPolicy& policy, const Packet& packet);

}  // namespace sluice::differential
