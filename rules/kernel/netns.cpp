#include "rules/kernel/netns.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace sluice::kernel {
namespace {

tl::unexpected<Error> fail_errno(Errc code, const std::string& what) {
  const int error = errno;
  return fail(code, what + ": " + std::strerror(error), error);
}

/// Two handles on one namespace have the same device and inode (namespaces(7)).
Result<struct stat> identity(int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return fail_errno(Errc::Io, "stat of a network namespace");
  return status;
}

}  // namespace

Result<UniqueFd> own_namespace() {
  UniqueFd self(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (self) return self;
  // In an empty root there is no /proc; a socket knows its namespace too (Linux 3.14).
  const UniqueFd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (probe) self.reset(::ioctl(probe.get(), SIOCGSKNS));
  if (!self) return fail_errno(Errc::Io, "finding this process's own network namespace");
  return self;
}

Result<NetNamespace> NetNamespace::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    return fail_errno(absent ? Errc::NotFound : Errc::Io, "opening network namespace " + path);
  }
  if (::ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return fail(Errc::Invalid, path + " is not a network namespace");
  }
  ASSIGN_OR_RETURN(const struct stat there, identity(fd.get()));
  ASSIGN_OR_RETURN(const UniqueFd own, own_namespace());
  ASSIGN_OR_RETURN(const struct stat here, identity(own.get()));
  if (there.st_dev == here.st_dev && there.st_ino == here.st_ino) {
    return fail(Errc::HostNamespace,
                path + " is the network namespace of the host itself, which is never programmed");
  }
  return NetNamespace(std::move(fd), there.st_ino);
}

Result<UniqueFd> socket_in(const NetNamespace& ns, int domain, int type, int protocol) {
  ASSIGN_OR_RETURN(const UniqueFd own, own_namespace());
  if (::setns(ns.fd(), CLONE_NEWNET) != 0) {
    return fail_errno(errno == EPERM ? Errc::Denied : Errc::Kernel,
                      "entering the network namespace");
  }
  UniqueFd socket(::socket(domain, type | SOCK_CLOEXEC, protocol));
  const int error = errno;
  if (::setns(own.get(), CLONE_NEWNET) != 0) std::abort();
  errno = error;
  if (!socket) return fail_errno(Errc::Kernel, "opening a socket in the network namespace");
  return socket;
}

}  // namespace sluice::kernel
