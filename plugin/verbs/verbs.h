#pragma once

// What sluice-cni does for each CNI command. Each function gives what goes to stdout, which is
// nothing for most.

#include "plugin/cni/request.h"
#include "plugin/verbs/ports.h"

namespace sluice {

/// Programs the pod's redirect, or leaves the pod alone and logs why. Fails closed: without the
/// pod's definition there is no sandbox.
[[nodiscard]] Result<std::string> add(const cni::Call& call, const cni::Config& config,
                                      const Ports& ports);

/// Takes the redirect out of the namespace, where that is still there, and forgets the attachment.
/// Needs neither.
[[nodiscard]] Result<std::string> del(const cni::Call& call, const cni::Config& config,
                                      const Ports& ports);

/// Compares the kernel with what ADD recorded; never asks the API. Different names what differs.
[[nodiscard]] Result<std::string> check(const cni::Call& call, const cni::Config& config,
                                        const Ports& ports);

/// Unavailable when an ADD could not be served. Cheap: runtimes ask every few seconds.
[[nodiscard]] Result<std::string> status(const cni::Config& config, const Ports& ports);

/// Drops the records of attachments that the runtime no longer lists. Without a list: nothing.
[[nodiscard]] Result<std::string> gc(const cni::Config& config);

}  // namespace sluice
