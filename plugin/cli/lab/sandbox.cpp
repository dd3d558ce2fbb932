#include "plugin/cli/lab/sandbox.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/cli/lab/process.h"
#include "rules/base/decimal.h"

namespace sluice::lab {
namespace {

tl::unexpected<Error> system_error(const std::string& what) {
  const int error = errno;
  return fail(Errc::Io, what + ": " + std::strerror(error), error);
}

struct SubordinateIds {
  std::string first;
  std::string count;
};

/// The user's line in /etc/subuid or /etc/subgid: NAME-OR-UID:FIRST:COUNT (subuid(5)).
std::optional<SubordinateIds> subordinate_ids(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  const std::string uid = std::to_string(::getuid());
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string owner = line.substr(0, first);
    if (owner != name && owner != uid) continue;
    const std::string count = line.substr(second + 1);
    // The proxy's 1337 must be among them.
    if (parse_decimal(count, 1U << 31).value_or(0) < 10000) continue;
    return SubordinateIds{line.substr(first + 1, second - first - 1), count};
  }
  return std::nullopt;
}

/// newuidmap or newgidmap for process `pid`: 0 is the caller, 1 and up the subordinate ids.
Result<void> map_ids(const char* program, const char* file, pid_t pid, unsigned own) {
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
  ASSIGN_OR_RETURN(const Finished done,
                   run_program({path, std::to_string(pid), "0", std::to_string(own), "1", "1",
                                ids->first, ids->count},
                               {"PATH=/usr/bin:/bin"}, ""));
  if (done.status != 0) return fail(Errc::Unavailable, path + " refused");
  return {};
}

/// Into a user namespace. The maps can only be written from outside it, by a child left there.
Result<void> enter_user_namespace() {
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
    auto mapped = map_ids("newuidmap", "/etc/subuid", self, uid);
    if (mapped) mapped = map_ids("newgidmap", "/etc/subgid", self, gid);
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

struct Deleter {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  void operator()(nl_addr* address) const { nl_addr_put(address); }
  void operator()(rtnl_addr* address) const { rtnl_addr_put(address); }
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
template <class T>
using Ptr = std::unique_ptr<T, Deleter>;

Result<void> add_address(nl_sock* socket, const IpAddress& address) {
  const bool v4 = address.family() == Family::V4;
  const Ptr<nl_addr> local(
      nl_addr_build(v4 ? AF_INET : AF_INET6, address.bytes().data(), address.bytes().size()));
  const Ptr<rtnl_addr> wanted(rtnl_addr_alloc());
  rtnl_addr_set_local(wanted.get(), local.get());
  rtnl_addr_set_prefixlen(wanted.get(), v4 ? 32 : 128);
  rtnl_addr_set_ifindex(wanted.get(), 1);
  if (!v4) rtnl_addr_set_flags(wanted.get(), IFA_F_NODAD);
  const int error = rtnl_addr_add(socket, wanted.get(), NLM_F_CREATE);
  if (error < 0 && error != -NLE_EXIST) {
    return fail(Errc::Kernel, "adding " + address.to_string() + " to lo: " + nl_geterror(error));
  }
  return {};
}

}  // namespace

Result<void> enter_sandbox() {
  if (::geteuid() != 0) {
    RETURN_IF_ERROR(enter_user_namespace());
  } else if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return system_error("making namespaces");
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return system_error("making mounts private");
  }
  return {};
}

Result<Workspace> Workspace::create() {
  std::string path = "/tmp/sluice-lab-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return system_error("making " + path);
  return Workspace(path);
}

Workspace::~Workspace() {
  if (path_.empty()) return;
  for (const std::string& mount : mounts_) ::umount2(mount.c_str(), MNT_DETACH);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Result<std::string> Workspace::add_namespace(const std::string& name) {
  const std::string path = path_ + "/" + name;
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
  mounts_.push_back(path);
  return path;
}

Result<UniqueFd> current_namespace() {
  UniqueFd own(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!own) return system_error("/proc/self/ns/net");
  return own;
}

Result<void> own_addresses(const std::vector<IpAddress>& addresses) {
  const Ptr<nl_sock> socket(nl_socket_alloc());
  if (const int error = nl_connect(socket.get(), NETLINK_ROUTE); error < 0) {
    return fail(Errc::Kernel, std::string("rtnetlink: ") + nl_geterror(error));
  }
  const Ptr<rtnl_link> lo(rtnl_link_alloc());
  const Ptr<rtnl_link> up(rtnl_link_alloc());
  rtnl_link_set_ifindex(lo.get(), 1);
  rtnl_link_set_flags(up.get(), IFF_UP);
  if (const int error = rtnl_link_change(socket.get(), lo.get(), up.get(), 0); error < 0) {
    return fail(Errc::Kernel, std::string("bringing lo up: ") + nl_geterror(error));
  }
  for (const IpAddress& address : addresses) RETURN_IF_ERROR(add_address(socket.get(), address));
  return {};
}

Result<void> set_sysctl(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/" + name;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), value.data(), value.size()) < 0) return system_error(path);
  return {};
}

}  // namespace sluice::lab
