#pragma once

// TCP connections: to a literal address or a name, and on one.

#include <chrono>
#include <cstdint>
#include <string>

#include "conf/kube/deadline.h"
#include "rules/base/result.h"
#include "rules/base/unique_fd.h"

namespace sluice::kube {

/// A connected, non-blocking socket. Tries every address of `host` in turn, each for at most
/// `per_address`, all before `deadline`. TryAgain with the errno of the last address tried; the
/// message names each and what happened.
///
/// A literal address is never looked up; for a name see lookup.h.
[[nodiscard]] Result<UniqueFd> connect_tcp(const std::string& host, std::uint16_t port,
                                           std::chrono::milliseconds per_address,
                                           Deadline deadline);

struct Listener {
  UniqueFd socket;  ///< blocking
  std::uint16_t port;
};

/// A TCP socket that listens on a literal address; port 0 takes any free one. Io with errno.
[[nodiscard]] Result<Listener> listen_tcp(const std::string& address, std::uint16_t port);

}  // namespace sluice::kube
