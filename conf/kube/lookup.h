#pragma once

// Names into addresses, never past a deadline.

#include <string>
#include <vector>

#include "conf/kube/deadline.h"
#include "rules/base/address.h"
#include "rules/base/result.h"

namespace sluice::kube {

/// The addresses of a host name, IPv4 first: from /etc/hosts, else from the servers in
/// /etc/resolv.conf, with its search list. Never empty; TryAgain when there is none or, with
/// ETIMEDOUT, when nobody answered before the deadline.
///
/// getaddrinfo(3) would count in whole seconds for each server, name and try, and end when it is
/// through; so DNS is asked here, a datagram at a time, with glibc's own writer and parser of
/// messages. Nothing else of nsswitch.conf is followed: its other sources are shared objects of
/// the host's glibc, which a static program must not load.
[[nodiscard]] Result<std::vector<IpAddress>> look_up(const std::string& host, Deadline deadline);

}  // namespace sluice::kube
