#pragma once

// Sockets as a test wants them: owned by whom it says, bound where it says, never blocking.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "rules/base/address.h"
#include "rules/base/ids.h"
#include "rules/base/result.h"
#include "rules/base/unique_fd.h"
#include "rules/kernel/socket_address.h"
#include "rules/policy/decide.h"

namespace sluice::differential {

struct Endpoint {
  IpAddress address;
  std::uint16_t port;
  bool operator==(const Endpoint&) const = default;
};

[[nodiscard]] std::string to_string(const Endpoint& endpoint);

[[nodiscard]] SocketAddress socket_address(const Endpoint& endpoint);
[[nodiscard]] std::optional<Endpoint> endpoint_of(const SocketAddress& address);

/// Who makes a socket: the kernel's `skuid` and `skgid`.
struct Owner {
  Uid uid;
  Gid gid;
};

[[nodiscard]] int domain(Family family);

/// `type` is SOCK_STREAM, SOCK_DGRAM or SOCK_RAW; never blocks.
[[nodiscard]] Result<UniqueFd> make_socket(Family family, int type, int protocol, Owner owner);
[[nodiscard]] Result<UniqueFd> make_socket(Family family, Protocol protocol, Owner owner);

[[nodiscard]] Result<void> set_option(const UniqueFd& socket, int level, int name, int value);
/// May have any address for its own.
[[nodiscard]] Result<void> make_transparent(const UniqueFd& socket, Family family);
[[nodiscard]] Result<void> bind_to(const UniqueFd& socket, const Endpoint& endpoint);

[[nodiscard]] std::optional<Endpoint> local_endpoint(const UniqueFd& socket);
/// SO_ORIGINAL_DST of an accepted connection; nothing where conntrack does not know it.
[[nodiscard]] std::optional<Endpoint> original_destination(const UniqueFd& socket, Family family);

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// Waits for one of poll(2)'s events; false when the deadline passes first.
[[nodiscard]] bool wait_for(const UniqueFd& socket, short events, Deadline deadline);
[[nodiscard]] int milliseconds_until(Deadline deadline);

}  // namespace sluice::differential
