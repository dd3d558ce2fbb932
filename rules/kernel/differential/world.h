#pragma once

// The world a policy is judged in: a pod with three interfaces, and everything else.
//
//   pod                                    peer
//   lo    127.0.0.1 ::1
//   eth0  10.0.0.5 fd00::5 (and 10.0.0.6)  neth0  10.0.0.1 fd00::1      the network
//   net1  10.1.2.3 fd00::1:5               nnet1  10.1.2.1 fd00::1:1    a second network
//   a     10.2.0.5 fd00::2:5               na     10.2.0.1 fd00::2:1    a virtual machine
//
// The addresses and names are those that random_policy() likes best.
// The peer stands for every address there is: whatever reaches it, to any address and port, is
// accepted by one transparent listener, so that "left untouched" is something to be seen. In the
// same way the pod takes whatever comes in through its interfaces, to any address: a machine behind
// an interface sends to the whole world through the pod. Which interface the pod sends through
// follows from the source address, and in the peer from the socket's mark.

#include <array>
#include <string>
#include <vector>

#include "rules/base/address.h"
#include "rules/base/ids.h"
#include "rules/kernel/differential/namespaces.h"
#include "rules/kernel/kernel.h"

namespace sluice::differential {

struct Interface {
  const char* name;
  const char* pod_v4;
  const char* pod_v6;
  const char* peer_v4;
  const char* peer_v6;
};

inline constexpr std::array<Interface, 3> kInterfaces{{
    {"eth0", "10.0.0.5", "fd00::5", "10.0.0.1", "fd00::1"},
    {"net1", "10.1.2.3", "fd00::1:5", "10.1.2.1", "fd00::1:1"},
    {"a", "10.2.0.5", "fd00::2:5", "10.2.0.1", "fd00::2:1"},
}};
inline constexpr const char* kSecondAddress = "10.0.0.6";

/// Where the peer's transparent listeners are bound.
inline constexpr std::uint16_t kPeerPort = 7;

// DNS answers to these ports are dropped in the pod where conntrack takes them for something new,
// as a firewall of the pod's own might.
inline constexpr std::uint16_t kFirstGuardedPort = 60000;
inline constexpr std::uint16_t kLastGuardedPort = 60999;

[[nodiscard]] IpAddress address(const char* text);

/// The pod's own address on an interface, to which prerouting redirects.
[[nodiscard]] IpAddress pod_address(const IfName& interface, Family family);
[[nodiscard]] IpAddress peer_address(const IfName& interface, Family family);

/// Whether the kernel delivers `address` in the pod without any routing rule.
[[nodiscard]] bool is_local_to_pod(const IpAddress& address);

/// The mark by which a socket in the peer sends through its end of `interface`.
[[nodiscard]] Mark peer_mark(const IfName& interface);

class World {
 public:
  [[nodiscard]] static Result<World> create();

  [[nodiscard]] const Namespace& pod() const { return pod_; }
  [[nodiscard]] const Namespace& peer() const { return peer_; }
  /// The pod as rules/kernel takes it.
  [[nodiscard]] const kernel::NetNamespace& target() const { return target_; }

  /// Forgets the pod's connections, so that no packet finds an earlier one's.
  [[nodiscard]] Result<void> forget_connections();

 private:
  World(Namespace pod, Namespace peer, kernel::NetNamespace target, UniqueFd conntrack)
      : pod_(std::move(pod)),
        peer_(std::move(peer)),
        target_(std::move(target)),
        conntrack_(std::move(conntrack)) {}

  Namespace pod_;
  Namespace peer_;
  kernel::NetNamespace target_;
  UniqueFd conntrack_;
};

}  // namespace sluice::differential
