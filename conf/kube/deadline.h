#pragma once

// Waiting for a socket, never past a point in time.

#include <chrono>

#include "rules/base/result.h"

namespace sluice::kube {

using Deadline = std::chrono::steady_clock::time_point;

[[nodiscard]] inline Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

/// Waits until `fd` is ready for the poll(2) `events`, or has failed or been closed. TryAgain with
/// ETIMEDOUT at the deadline.
[[nodiscard]] Result<void> wait_for(int fd, short events, Deadline deadline);

/// What errno means, as part of a sentence: "connection refused".
[[nodiscard]] std::string describe_errno(int error);

}  // namespace sluice::kube
