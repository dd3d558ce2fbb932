#pragma once

// Network namespaces for tests: made with unshare(2), known by their descriptors alone, so that
// nothing is left behind whatever becomes of the test.

#include <cstdint>
#include <string>

#include "rules/base/result.h"
#include "rules/base/unique_fd.h"

namespace sluice::differential {

/// A namespace of its own, with lo down as a runtime leaves it.
class Namespace {
 public:
  [[nodiscard]] static Result<Namespace> create();
  /// One that belongs to a new user namespace, whose ids are those of this one from `first_id` on,
  /// as a pod with `hostUsers: false` has it.
  [[nodiscard]] static Result<Namespace> create_for_user_namespace(std::uint32_t first_id);
  /// The namespace the calling thread is in.
  [[nodiscard]] static Result<Namespace> own();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Other processes of this user can open it by this while this process lives.
  [[nodiscard]] std::string path() const;

 private:
  explicit Namespace(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// The calling thread is in `ns` while this lives. Aborts when it cannot get in or back.
class Inside {
 public:
  explicit Inside(const Namespace& ns);
  ~Inside();
  Inside(const Inside&) = delete;
  Inside(Inside&&) = delete;
  Inside& operator=(const Inside&) = delete;
  Inside& operator=(Inside&&) = delete;

 private:
  UniqueFd back_;
};

/// Runs a program with `input` on its standard input, in the calling thread's namespaces; what it
/// says goes to standard error.
[[nodiscard]] Result<void> run(const std::string& command, const std::string& input);

/// What a program prints, whatever becomes of it.
[[nodiscard]] std::string output_of(const std::string& command);

/// /proc/sys/net/NAME of the calling thread's namespace.
[[nodiscard]] Result<void> write_sysctl(const std::string& name, const std::string& value);

/// How many uids and gids this process's user namespace has, from 0 on.
[[nodiscard]] std::uint64_t id_count();

enum class Privilege { Enough, Lacking };

/// Root over its network namespaces and over many uids. Whoever is not root runs the program again
/// in a user namespace that is, with subordinate ids by newuidmap; Lacking where that cannot be.
[[nodiscard]] Privilege become_root(char** argv);

}  // namespace sluice::differential
