#include "plugin/cli/lab/process.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sluice::lab {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return system_error("pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

/// The kernel knows a socket's owner by the filesystem ids under which it was made; these change
/// without losing the privilege to bind or to be transparent.
void own_new_sockets_as(const Place& place) {
  ::setfsgid(place.gid);
  ::setfsuid(place.uid);
}

bool become(const Place& place) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(place.gid, place.gid, place.gid) == 0 &&
         ::setresuid(place.uid, place.uid, place.uid) == 0;
}

/// Ids that a user namespace leaves out are as good as none.
std::string unable_to_become(const Place& place) {
  const int error = errno;
  std::string text = "taking on uid " + std::to_string(place.uid) + ", gid " +
                     std::to_string(place.gid) + ": " + std::strerror(error);
  if (error == EINVAL) text += ": it does not exist in this user namespace (user_namespaces(7))";
  return text;
}

/// In the child: dies with its parent, enters the namespace.
bool settle(const Place& place) {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::setns(place.netns_fd, CLONE_NEWNET) == 0;
}

/// The beginning of a serving child; gives what went wrong.
std::string set_out(const Place& place, const std::function<Result<void>()>& prepare) {
  if (!settle(place)) return std::string("entering the namespace: ") + std::strerror(errno);
  own_new_sockets_as(place);
  if (auto prepared = prepare(); !prepared) return prepared.error().message;
  if (!become(place)) return unable_to_become(place);
  return {};
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

tl::unexpected<Error> system_error(const std::string& what) {
  const int error = errno;
  return fail(Errc::Io, what + ": " + std::strerror(error), error);
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

Child::~Child() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_);
}

Result<Child> start(const Place& place, const std::function<Result<void>()>& prepare,
                    const std::function<void()>& serve) {
  ASSIGN_OR_RETURN(Pipe ready, make_pipe());
  const pid_t pid = ::fork();
  if (pid < 0) return system_error("fork");
  if (pid == 0) {
    ready.read.reset();
    const std::string problem = set_out(place, prepare);
    // Changing ids takes the parent-death signal off.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    write_all(ready.write.get(), problem.empty() ? "ok" : problem);
    ready.write.reset();
    if (problem.empty()) serve();
    ::_exit(problem.empty() ? 0 : 1);
  }
  Child child(pid);
  ready.write.reset();
  const std::string answer = read_all(ready.read.get());
  if (answer != "ok") return fail(Errc::Io, answer.empty() ? "a child died" : answer);
  return child;
}

Result<std::string> ask(const Place& place, const std::function<std::string()>& work) {
  ASSIGN_OR_RETURN(Pipe answer, make_pipe());
  const pid_t pid = ::fork();
  if (pid < 0) return system_error("fork");
  if (pid == 0) {
    std::string text;
    if (!settle(place)) {
      text = std::string("error: entering the namespace: ") + std::strerror(errno);
    } else {
      text = become(place) ? work() : "error: " + unable_to_become(place);
    }
    write_all(answer.write.get(), text);
    ::_exit(0);
  }
  answer.write.reset();
  std::string text = read_all(answer.read.get());
  wait_for(pid);
  return text;
}

Result<Finished> run_program(const std::vector<std::string>& argv,
                             const std::vector<std::string>& environment,
                             const std::string& input) {
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
  };
  ASSIGN_OR_RETURN(Pipe in, make_pipe());
  ASSIGN_OR_RETURN(Pipe out, make_pipe());
  const auto arguments = pointers(argv);
  const auto variables = pointers(environment);
  const pid_t pid = ::fork();
  if (pid < 0) return system_error("fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in.read.get(), STDIN_FILENO);
    ::dup2(out.write.get(), STDOUT_FILENO);
    ::execve(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
  }
  in.read.reset();
  out.write.reset();
  write_all(in.write.get(), input);
  in.write.reset();
  std::string text = read_all(out.read.get());
  return Finished{wait_for(pid), std::move(text)};
}

}  // namespace sluice::lab
