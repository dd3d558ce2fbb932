#pragma once

// Processes of the lab: children that live in a chosen network namespace under chosen ids, and die
// with the lab.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "rules/base/result.h"
#include "rules/base/unique_fd.h"

namespace sluice::lab {

/// Io with errno, and what was being done.
[[nodiscard]] tl::unexpected<Error> system_error(const std::string& what);

/// Who and where a child is.
struct Place {
  int netns_fd;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// A child process; killed when this goes.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

/// Forks a child into the namespace of `place`. There `prepare` runs as root (to open privileged
/// sockets), then `serve` under the ids; `prepare`'s success is waited for.
[[nodiscard]] Result<Child> start(const Place& place, const std::function<Result<void>()>& prepare,
                                  const std::function<void()>& serve);

/// Runs `work` in a child in `place` and gives what it returned.
[[nodiscard]] Result<std::string> ask(const Place& place, const std::function<std::string()>& work);

struct Finished {
  int status;  ///< exit status, or 128 and the signal
  std::string out;
};

/// Runs a program with exactly this environment and stdin; stderr is the lab's own.
[[nodiscard]] Result<Finished> run_program(const std::vector<std::string>& argv,
                                           const std::vector<std::string>& environment,
                                           const std::string& input);

}  // namespace sluice::lab
