#pragma once

// Chance, the same on every machine for the same seed: the standard's engines are, its
// distributions are not.

#include <cstdint>
#include <iterator>
#include <random>

namespace sluice::differential {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  /// 0 to `bound` - 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  [[nodiscard]] bool percent(unsigned chance) { return below(100) < chance; }

  template <class Values>
  [[nodiscard]] const auto& pick(const Values& values) {
    return values[below(std::size(values))];
  }

  /// One of the elements of a set that is not empty.
  template <class Set>
  [[nodiscard]] const auto& any_of(const Set& values) {
    auto chosen = values.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(below(values.size())));
    return *chosen;
  }

  [[nodiscard]] std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sluice::differential
