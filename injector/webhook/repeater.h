#pragma once

// A step that is repeated on a thread of its own: when there is news, when its time has come, and,
// after a failure, at pauses that grow.

#include <chrono>
#include <functional>
#include <memory>

#include "rules/base/result.h"

namespace sluice::webhook {

class Repeater {
 public:
  using Step = std::function<Result<void>()>;
  using Failed = std::function<void(const Error&)>;

  Repeater(std::chrono::milliseconds interval, Step step, Failed failed);
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;
  ~Repeater();  ///< waits for a step that is under way

  /// There is news: repeat soon.
  void poke();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace sluice::webhook
