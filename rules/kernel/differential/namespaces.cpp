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

Result<Namespace> Namespace::create_for_user_namespace(std::uint32_t first_id) {
  int ready[2] = {-1, -1};
  int done[2] = {-1, -1};
  if (::pipe(ready) != 0 || ::pipe(done) != 0) return fail_errno("making a pipe");
  const UniqueFd ready_out(ready[0]);
  UniqueFd ready_in(ready[1]);
  const UniqueFd done_out(done[0]);
  UniqueFd done_in(done[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("forking");
  if (child == 0) {
    // Holds the namespaces until the parent has opened what it wants of them.
    done_in.reset();
    char byte = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? '+' : '-';
    if (::write(ready_in.get(), &byte, 1) != 1) std::_Exit(1);
    std::_Exit(::read(done_out.get(), &byte, 1) < 0 ? 1 : 0);
  }
  ready_in.reset();
  char byte = '-';
  const bool made = ::read(ready_out.get(), &byte, 1) == 1 && byte == '+';
  const std::string of_child = "/proc/" + std::to_string(child);
  const std::string map = "0 " + std::to_string(first_id) + " 5000";
  UniqueFd fd;
  if (made) {
    for (const char* name : {"/uid_map", "/gid_map"}) std::ofstream(of_child + name) << map;
    fd.reset(::open((of_child + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  }
  done_in.reset();
  ::waitpid(child, nullptr, 0);
  if (!fd) return fail(Errc::Kernel, "making a user namespace");
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

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return {};
  std::string text;
  char buffer[4096];
  for (std::size_t length = 0; (length = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    text.append(buffer, length);
  }
  ::pclose(pipe);
  return text;
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
