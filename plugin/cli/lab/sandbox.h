#pragma once

// The lab's private corner of the machine: a network of its own, a directory of its own, and, for
// whoever is not root, a user namespace in which other users' ids exist.

#include <string>
#include <vector>

#include "rules/base/address.h"
#include "rules/base/result.h"
#include "rules/base/unique_fd.h"

namespace sluice::lab {

/// Puts the process into namespaces of its own (network and mount; user as well without root, with
/// the caller's subordinate ids from newuidmap). Returns in the process that is to go on.
/// Unavailable names the package or file that is missing.
[[nodiscard]] Result<void> enter_sandbox();

/// A directory that vanishes with this object, with everything mounted in it.
class Workspace {
 public:
  [[nodiscard]] static Result<Workspace> create();
  Workspace(Workspace&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  Workspace& operator=(Workspace&&) = delete;
  ~Workspace();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Makes a network namespace and binds it to `name` in the directory.
  [[nodiscard]] Result<std::string> add_namespace(const std::string& name);

 private:
  explicit Workspace(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::vector<std::string> mounts_;
};

/// The current network namespace.
[[nodiscard]] Result<UniqueFd> current_namespace();

/// lo up and, on it, these addresses, in the current network namespace.
[[nodiscard]] Result<void> own_addresses(const std::vector<IpAddress>& addresses);

/// Writes a sysctl such as "net/ipv4/ip_forward" of the current network namespace.
[[nodiscard]] Result<void> set_sysctl(const std::string& name, const std::string& value);

}  // namespace sluice::lab
