#include "plugin/cli/lab/sandbox.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/cli/lab/links.h"
#include "plugin/cli/lab/process.h"
#include "rules/base/decimal.h"

namespace sluice::lab {
namespace {

struct SubordinateIds {
  std::uint32_t first;
  std::uint32_t count;
};

/// The user's longest line in /etc/subuid or /etc/subgid: NAME-OR-UID:FIRST:COUNT (subuid(5)).
std::optional<SubordinateIds> subordinate_ids(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  const std::string uid = std::to_string(::getuid());
  std::optional<SubordinateIds> longest;
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string owner = line.substr(0, first);
    if (owner != name && owner != uid) continue;
    constexpr std::uint32_t kGreatest = 0xFFFFFFFE;
    const auto from = parse_decimal(line.substr(first + 1, second - first - 1), kGreatest);
    const auto count = parse_decimal(line.substr(second + 1), kGreatest);
    if (!from || !count || (longest && longest->count >= *count)) continue;
    longest = SubordinateIds{static_cast<std::uint32_t>(*from), static_cast<std::uint32_t>(*count)};
  }
  return longest;
}

/// newuidmap or newgidmap for process `pid`.
Result<void> map_ids(const char* program, const char* file, pid_t pid, std::uint32_t own,
                     const std::set<std::uint32_t>& wanted) {
  const passwd* user = ::getpwuid(::getuid());
  const std::string name = user == nullptr ? std::to_string(::getuid()) : user->pw_name;
  const auto ids = subordinate_ids(file, name);
  if (!ids) {
    return fail(Errc::Unavailable, std::string(file) + " gives " + name +
                                       " no subordinate ids: as root, add the line \"" + name +
                                       ":100000:65536\" (or run as root)");
  }
  const std::string path = std::string("/usr/bin/") + program;
  if (::access(path.c_str(), X_OK) != 0) {
    return fail(Errc::Unavailable,
                path + " is missing: install the package uidmap (or run as root)");
  }
  auto ranges = id_map(own, ids->first, ids->count, wanted);
  if (!ranges) return fail(std::move(ranges).error().wrap(file));
  std::vector<std::string> command{path, std::to_string(pid)};
  for (const IdRange& range : *ranges) {
    for (const std::uint32_t number : {range.inside, range.outside, range.count}) {
      command.push_back(std::to_string(number));
    }
  }
  ASSIGN_OR_RETURN(const Finished done, run_program(command, {"PATH=/usr/bin:/bin"}, ""));
  if (done.status != 0) return fail(Errc::Unavailable, path + " refused");
  return {};
}

/// Into a user namespace. The maps can only be written from outside it, by a child left there.
Result<void> enter_user_namespace(const Ids& ids) {
  std::array<int, 2> go{};
  if (::pipe2(go.data(), O_CLOEXEC) != 0) return system_error("pipe");
  const pid_t self = ::getpid();
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  const pid_t child = ::fork();
  if (child < 0) return system_error("fork");
  if (child == 0) {
    ::close(go[1]);
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1) ::_exit(1);
    auto mapped = map_ids("newuidmap", "/etc/subuid", self, uid, ids.uids);
    if (mapped) mapped = map_ids("newgidmap", "/etc/subgid", self, gid, ids.gids);
    if (!mapped) std::fprintf(stderr, "sluice: lab: %s\n", mapped.error().message.c_str());
    ::_exit(mapped ? 0 : 1);
  }
  ::close(go[0]);
  const bool entered = ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0;
  const int error = errno;
  if (entered && ::write(go[1], "g", 1) != 1) return system_error("pipe");
  ::close(go[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  errno = error;
  if (!entered) return system_error("making a user namespace (run as root, or allow them)");
  if (status != 0) return fail(Errc::Unavailable, "lab: without root, other users' ids are needed");
  if (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0) return system_error("becoming root");
  return {};
}

}  // namespace

Result<std::vector<IdRange>> id_map(std::uint32_t caller, std::uint32_t first, std::uint32_t count,
                                    const std::set<std::uint32_t>& wanted) {
  std::vector<std::uint32_t> beyond;  // each is taken from the end of the range, which it shortens
  std::uint32_t left = count;
  for (auto id = wanted.rbegin(); id != wanted.rend() && *id > left; ++id) {
    if (left == 0) {
      return fail(Errc::Unavailable, "the range of " + std::to_string(count) +
                                         " subordinate ids from " + std::to_string(first) +
                                         " is too short for id " + std::to_string(*id));
    }
    beyond.push_back(*id);
    --left;
  }
  std::vector<IdRange> map{{0, caller, 1}};
  if (left > 0) map.push_back({1, first, left});
  for (const std::uint32_t id : beyond) map.push_back({id, first + left++, 1});
  return map;
}

Result<void> enter_sandbox(const Ids& ids) {
  if (::geteuid() != 0) {
    RETURN_IF_ERROR(enter_user_namespace(ids));
  } else if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return system_error("making namespaces");
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return system_error("making mounts private");
  }
  return {};
}

Result<void> make_namespace(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  if (!file) return system_error("making " + path);
  ASSIGN_OR_RETURN(const UniqueFd own, current_namespace());
  if (::unshare(CLONE_NEWNET) != 0) return system_error("making a network namespace");
  // Duplicate address detection would make every IPv6 address wait for seconds.
  static_cast<void>(set_sysctl("net/ipv6/conf/default/accept_dad", "0"));  // absent without IPv6
  const auto up = own_addresses({});  // as runtimes have it done by the plugin loopback
  const bool bound = ::mount("/proc/self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr) == 0;
  const int error = errno;
  if (::setns(own.get(), CLONE_NEWNET) != 0) std::abort();
  errno = error;
  RETURN_IF_ERROR(up);
  if (!bound) return system_error("binding a network namespace to " + path);
  return {};
}

Result<UniqueFd> current_namespace() {
  UniqueFd own(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!own) return system_error("/proc/self/ns/net");
  return own;
}

Result<void> set_sysctl(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/" + name;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), value.data(), value.size()) < 0) return system_error(path);
  return {};
}

}  // namespace sluice::lab
