#pragma once

// Sending to the kernel over a netlink socket, and walking what it answers.

#include <cstdint>
#include <functional>
#include <span>

#include <linux/netlink.h>

#include "rules/base/result.h"

namespace sluice::kernel {

/// Sends all of `bytes` in one sendmsg, however many: the send buffer is made to fit.
[[nodiscard]] Result<void> send_to_kernel(int fd, std::span<const std::uint8_t> bytes);

/// Sends one message and calls `each` for every message of the answer, until its end: that of the
/// dump, or of the only message. The error has the kernel's errno; EINTR where the tables changed
/// during the dump.
[[nodiscard]] Result<void> request(int fd, const void* message, std::uint32_t seq,
                                   const std::function<void(const nlmsghdr*)>& each);

}  // namespace sluice::kernel
