#include "injector/webhook/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "conf/kube/deadline.h"
#include "rules/base/unique_fd.h"

namespace sluice::webhook {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kAnyway{60'000};
// A directory that never becomes quiet is looked at all the same.
constexpr milliseconds kAtLatest{1'000};
constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

std::set<std::string> directories_of(const std::vector<std::string>& paths) {
  std::set<std::string> directories;
  for (const std::string& path : paths) {
    const auto parent = std::filesystem::path(path).parent_path();
    directories.insert(parent.empty() ? "." : parent.string());
  }
  return directories;
}

}  // namespace

class FileWatch::Loop {
 public:
  Loop(std::set<std::string> directories, Changed changed, milliseconds settle)
      : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        directories_(std::move(directories)),
        changed_(std::move(changed)),
        settle_(settle) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  ~Loop() {
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) < 0) return;
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start() {
    if (!inotify_ || !stop_) return failed("inotify");
    for (const std::string& directory : directories_) {
      if (!add(directory)) return failed(directory);
    }
    thread_ = std::thread([this] { run(); });
    return {};
  }

 private:
  static tl::unexpected<Error> failed(const std::string& what) {
    const int error = errno;
    return fail(Errc::Io, "cannot watch " + what + ": " + kube::describe_errno(error), error);
  }

  bool add(const std::string& directory) {
    return ::inotify_add_watch(inotify_.get(), directory.c_str(), kEvents) >= 0;
  }

  void run() {
    // Of the events that nobody was told of yet. The first time is for what happened before.
    std::optional<Clock::time_point> first = Clock::now();
    for (;;) {
      const Clock::time_point now = Clock::now();
      milliseconds wait = kAnyway;
      if (first) {
        const auto left = std::chrono::duration_cast<milliseconds>(*first + kAtLatest - now);
        wait = std::clamp(left, milliseconds(0), settle_);
      }
      std::array<pollfd, 2> fds{{{stop_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
      const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(wait.count()));
      if (fds[0].revents != 0) return;
      if (ready < 0) continue;  // a signal
      if (ready > 0) {
        read_events();
        if (!first) first = Clock::now();
        if (Clock::now() < *first + kAtLatest) continue;
      }
      first.reset();
      // A directory may have been replaced by another of its name; adding one again does no harm.
      for (const std::string& directory : directories_) add(directory);
      changed_();
    }
  }

  void read_events() {
    std::array<char, 4096> events{};
    while (::read(inotify_.get(), events.data(), events.size()) > 0) continue;
  }

  UniqueFd inotify_;
  UniqueFd stop_;
  std::set<std::string> directories_;
  Changed changed_;
  milliseconds settle_;
  std::thread thread_;
};

FileWatch::FileWatch(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
FileWatch::FileWatch(FileWatch&&) noexcept = default;
FileWatch& FileWatch::operator=(FileWatch&&) noexcept = default;
FileWatch::~FileWatch() = default;

Result<FileWatch> FileWatch::start(const std::vector<std::string>& paths, Changed changed,
                                   milliseconds settle) {
  auto loop = std::make_unique<Loop>(directories_of(paths), std::move(changed), settle);
  RETURN_IF_ERROR(loop->start());
  return FileWatch(std::move(loop));
}

}  // namespace sluice::webhook
