#pragma once

// For tests: what happens on another thread, soon.

#include <chrono>
#include <thread>

namespace sluice {

/// Whether `condition` comes true within ten seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace sluice
