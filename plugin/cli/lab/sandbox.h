#pragma once

// The lab's private corner of the machine: a network of its own, a directory of its own, and, for
// whoever is not root, a user namespace in which other users' ids exist.

#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

#include "rules/base/result.h"
#include "rules/base/unique_fd.h"

namespace sluice::lab {

/// Ids that must exist in the sandbox, beside root.
struct Ids {
  std::set<uid_t> uids;
  std::set<gid_t> gids;
};

/// A line of newuidmap(1): `count` ids from `inside` on are those from `outside` on.
struct IdRange {
  std::uint32_t inside;
  std::uint32_t outside;
  std::uint32_t count;
  bool operator==(const IdRange&) const = default;
};

/// A map in which 0 is the caller, 1 and up are the `count` subordinate ids from `first` on, and so
/// are the `wanted` that lie beyond them: OpenShift's begin at a thousand million. Unavailable when
/// there are more of those than subordinate ids.
[[nodiscard]] Result<std::vector<IdRange>> id_map(std::uint32_t caller, std::uint32_t first,
                                                  std::uint32_t count,
                                                  const std::set<std::uint32_t>& wanted);

/// Puts the process into namespaces of its own (network and mount; user as well without root, with
/// the caller's subordinate ids from newuidmap). Returns in the process that is to go on.
/// Unavailable names the package or file that is missing.
[[nodiscard]] Result<void> enter_sandbox(const Ids& ids);

/// Makes a network namespace and binds it to the file `path`, for as long as this process lives.
[[nodiscard]] Result<void> make_namespace(const std::string& path);

/// The current network namespace.
[[nodiscard]] Result<UniqueFd> current_namespace();

/// Writes a sysctl such as "net/ipv4/ip_forward" of the current network namespace.
[[nodiscard]] Result<void> set_sysctl(const std::string& name, const std::string& value);

}  // namespace sluice::lab
