#pragma once

// The one impure step: a policy into a network namespace, and back out to be looked at.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "rules/base/result.h"
#include "rules/base/unique_fd.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::kernel {

/// An open network namespace other than the host's own. The calling thread enters it only to open
/// sockets; the program must be single-threaded or use one thread for all of this.
class NetNamespace {
 public:
  /// Opens a path such as /run/netns/x. HostNamespace when it is the one this process runs in;
  /// NotFound when there is nothing; Invalid when it is no network namespace (nsfs, NS_GET_NSTYPE).
  [[nodiscard]] static Result<NetNamespace> open(const std::string& path);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] ino_t inode() const { return inode_; }

 private:
  NetNamespace(UniqueFd fd, ino_t inode) : fd_(std::move(fd)), inode_(inode) {}
  UniqueFd fd_;
  ino_t inode_;
};

/// Makes the namespace redirect as `policy` says: lo up, ::6 on lo, TPROXY rules and routes, then
/// the table in one transaction. Idempotent; replaces another policy's table. Mode::None removes
/// what an earlier policy left.
[[nodiscard]] Result<void> apply(const NetNamespace& ns, const RedirectPolicy& policy);

/// What differs between the kernel and `policy`, one sentence for each object; empty when alike.
[[nodiscard]] Result<std::vector<std::string>> differences(const NetNamespace& ns,
                                                           const RedirectPolicy& policy);

/// What differs between the table and what was committed as it, without knowing the policy: the
/// table carries its own fingerprint. NotFound when there is no table.
[[nodiscard]] Result<std::vector<std::string>> tampering(const NetNamespace& ns);

/// Removes the table and the TPROXY rules and routes; fine when there are none. `lo` stays up.
[[nodiscard]] Result<void> remove(const NetNamespace& ns);

struct RuleCounter {
  std::string chain;
  std::string comment;
  std::uint64_t packets;
  std::uint64_t bytes;
};

/// The counters of all rules, in order. NotFound when there is no table.
[[nodiscard]] Result<std::vector<RuleCounter>> counters(const NetNamespace& ns);

/// Whether this kernel has nf_tables at all; cheap. Unavailable with the reason when not.
[[nodiscard]] Result<void> available();

}  // namespace sluice::kernel
