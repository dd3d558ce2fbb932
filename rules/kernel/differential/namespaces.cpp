#include "rules/kernel/differential/namespaces.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sluice::differential {
namespace {

tl::unexpected<Error> fail_errno(const std::string& what) {
  const int error = errno;
  return fail(Errc::Kernel, what + ": " + std::strerror(error), error);
}

UniqueFd open_own() {
  return UniqueFd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<Namespace> Namespace::create() {
  const UniqueFd back = open_own();
  if (::unshare(CLONE_NEWNET) != 0) return fail_errno("making a network namespace");
  UniqueFd fd = open_own();
  if (::setns(back.get(), CLONE_NEWNET) != 0) std::abort();
  if (!fd) return fail_errno("opening the new network namespace");
  return Namespace(std::move(fd));
}

Result<Namespace> Namespace::own() {
  UniqueFd fd = open_own();
  if (!fd) return fail_errno("opening the own network namespace");
  return Namespace(std::move(fd));
}

std::string Namespace::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_.get());
}

Inside::Inside(const Namespace& ns) : back_(open_own()) {
  if (!back_ || ::setns(ns.fd(), CLONE_NEWNET) != 0) std::abort();
}

Inside::~Inside() {
  if (::setns(back_.get(), CLONE_NEWNET) != 0) std::abort();
}

Result<void> run(const std::string& command, const std::string& input) {
  FILE* pipe = ::popen((command + " 1>&2").c_str(), "we");
  if (pipe == nullptr) return fail_errno("starting " + command);
  const bool written = std::fwrite(input.data(), 1, input.size(), pipe) == input.size();
  const int status = ::pclose(pipe);
  if (!written || status != 0) {
    return fail(Errc::Io, command + " failed with status " + std::to_string(status) +
                              " on this input:\n" + input);
  }
  return {};
}

Result<void> write_sysctl(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/net/" + name;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return fail_errno("opening " + path);
  if (::write(file.get(), value.data(), value.size()) < 0) return fail_errno("writing " + path);
  return {};
}

std::uint64_t id_count() {
  static const std::uint64_t count = [] {
    std::ifstream map("/proc/self/uid_map");
    std::uint64_t total = 0;
    for (std::uint64_t inside = 0, outside = 0, length = 0; map >> inside >> outside >> length;) {
      total += length;
    }
    return total;
  }();
  return count;
}

Privilege become_root(char** argv) {
  constexpr const char* kAgain = "SLUICE_IN_USER_NAMESPACE";
  if (::geteuid() == 0) return id_count() >= 65536 ? Privilege::Enough : Privilege::Lacking;
  if (std::getenv(kAgain) != nullptr) return Privilege::Lacking;
  ::setenv(kAgain, "1", 1);
  std::string self(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size());
  self.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  std::string arguments;
  for (char** argument = argv + 1; *argument != nullptr; ++argument) {
    arguments += std::string(" '") + *argument + "'";
  }
  // A network namespace too: nobody may come back to one that belongs to others.
  // Tried first, so that what fails is the namespace and not the test.
  const std::string unshare = "unshare --user --net --map-root-user --map-auto -- ";
  if (std::system((unshare + "true 2>/dev/null").c_str()) != 0) return Privilege::Lacking;
  const std::string again = "exec " + unshare + "'" + self + "'" + arguments;
  ::execl("/bin/sh", "sh", "-c", again.c_str(), nullptr);
  return Privilege::Lacking;
}

}  // namespace sluice::differential
