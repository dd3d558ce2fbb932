#pragma once

// Entering a network namespace, for as long as it takes to open a socket there: the socket stays
// bound to the namespace wherever the thread goes afterwards.

#include "rules/kernel/kernel.h"

namespace sluice::kernel {

/// A handle on the calling thread's network namespace. Works without /proc.
[[nodiscard]] Result<UniqueFd> own_namespace();

/// A socket made as socket(2) does, in `ns`. Aborts when the thread cannot return: to go on in a
/// pod's namespace would be worse.
[[nodiscard]] Result<UniqueFd> socket_in(const NetNamespace& ns, int domain, int type,
                                         int protocol);

}  // namespace sluice::kernel
