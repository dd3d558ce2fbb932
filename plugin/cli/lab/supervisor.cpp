#include "plugin/cli/lab/supervisor.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/base/unique_fd.h"

namespace sluice::lab {
namespace {

constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP};

sigset_t set_of(std::initializer_list<int> more = {}) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kEnding) sigaddset(&set, signal);
  for (const int signal : more) sigaddset(&set, signal);
  return set;
}

/// Removed with everything in it.
class Directory {
 public:
  Directory() {
    std::error_code none;
    path_ = (std::filesystem::temp_directory_path(none) / "sluice-lab-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

[[noreturn]] void be_the_lab(const std::function<cli::Ended(const std::string&)>& work,
                             const std::string& directory, const sigset_t& former) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::sigprocmask(SIG_SETMASK, &former, nullptr);
  const cli::Ended ended = work(directory);
  if (!ended) std::fprintf(stderr, "sluice: %s\n", ended.error().message.c_str());
  std::fflush(nullptr);
  ::_exit(static_cast<int>(ended ? *ended : cli::exit_of(ended.error())));
}

struct Death {
  int status = 0;   ///< as wait(2) gives it
  int told_by = 0;  ///< the signal that was passed on; 0: none
};

/// Waits for the child's end, with the ending signals and SIGCHLD blocked. The first signal asks
/// it to end, the second does not ask.
Death outlive(pid_t child) {
  const sigset_t awaited = set_of({SIGCHLD});
  Death death;
  for (;;) {
    if (::waitpid(child, &death.status, WNOHANG) == child) return death;
    const int signal = ::sigwaitinfo(&awaited, nullptr);
    if (signal <= 0 || signal == SIGCHLD) continue;
    ::kill(child, death.told_by == 0 ? SIGTERM : SIGKILL);
    death.told_by = signal;
  }
}

}  // namespace

cli::Ended supervise(const std::function<cli::Ended(const std::string& dir)>& work) {
  sigset_t former;
  const sigset_t awaited = set_of({SIGCHLD});
  ::sigprocmask(SIG_BLOCK, &awaited, &former);
  Death death;
  {
    const Directory directory;
    if (directory.path().empty()) {
      return fail(Errc::Io, std::string("making a directory: ") + std::strerror(errno), errno);
    }
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return fail(Errc::Io, std::string("fork: ") + std::strerror(errno), errno);
    if (child == 0) be_the_lab(work, directory.path(), former);
    death = outlive(child);
  }
  ::sigprocmask(SIG_SETMASK, &former, nullptr);
  if (WIFEXITED(death.status)) return static_cast<cli::Exit>(WEXITSTATUS(death.status));
  if (death.told_by != 0) {
    std::signal(death.told_by, SIG_DFL);
    std::raise(death.told_by);
  }
  return fail(Errc::Io,
              std::string("the lab's process died: ") + ::strsignal(WTERMSIG(death.status)));
}

void wait_until_told() {
  const sigset_t ending = set_of();
  ::sigprocmask(SIG_BLOCK, &ending, nullptr);
  const UniqueFd signals(::signalfd(-1, &ending, SFD_CLOEXEC));
  std::array<pollfd, 2> waiting{{{signals.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  const nfds_t count = ::isatty(STDIN_FILENO) == 1 ? 2 : 1;
  while (::poll(waiting.data(), count, -1) < 0 && errno == EINTR) {
  }
  // What comes after the first word to end has its usual effect.
  signalfd_siginfo told;
  if (waiting[0].revents != 0 && ::read(signals.get(), &told, sizeof(told)) < 0) return;
  ::sigprocmask(SIG_UNBLOCK, &ending, nullptr);
}

}  // namespace sluice::lab
