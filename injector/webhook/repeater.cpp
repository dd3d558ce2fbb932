#include "injector/webhook/repeater.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace sluice::webhook {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLastPause{60'000};

}  // namespace

class Repeater::Loop {
 public:
  Loop(milliseconds interval, Step step, Failed failed)
      : interval_(interval),
        step_(std::move(step)),
        failed_(std::move(failed)),
        thread_([this] { run(); }) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    woken_.notify_all();
    thread_.join();
  }

  void poke() {
    {
      const std::lock_guard lock(mutex_);
      poked_ = true;
    }
    woken_.notify_all();
  }

 private:
  void run() {
    milliseconds pause = kFirstPause;
    while (wait_for_news(interval_)) {
      for (;;) {
        const auto done = step_();
        if (done) break;
        failed_(done.error());
        // News do not shorten the pause: they may be what a failing step makes itself.
        if (!sleep(pause)) return;
        pause = std::min(pause * 3, kLastPause);
      }
      pause = kFirstPause;
    }
  }

  /// False when it is time to end.
  bool wait_for_news(milliseconds time) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, time, [&] { return stopping_ || poked_; });
    poked_ = false;
    return !stopping_;
  }

  bool sleep(milliseconds time) {
    std::unique_lock lock(mutex_);
    return !woken_.wait_for(lock, time, [&] { return stopping_; });
  }

  milliseconds interval_;
  Step step_;
  Failed failed_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  bool poked_ = true;   // the first time is now
  std::thread thread_;  // last: it uses everything above
};

Repeater::Repeater(milliseconds interval, Step step, Failed failed)
    : loop_(std::make_unique<Loop>(interval, std::move(step), std::move(failed))) {}
Repeater::~Repeater() = default;

void Repeater::poke() {
  loop_->poke();
}

}  // namespace sluice::webhook
