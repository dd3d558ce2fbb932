#pragma once

// What is known of the forms that documents have had: bounded, and safe from many threads.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "injector/render/filler.h"

namespace sluice::injector {

class FormCache {
 public:
  /// What is known of a form: how to fill it, or why not; or nullptr.
  [[nodiscard]] std::shared_ptr<const Filler::Made> find(std::string_view form) const;
  /// Forgets the one that was used longest ago when there are too many or they are too large.
  void insert(std::string_view form, Filler::Made made);

  /// Whether `form` came by before, as far as is remembered. Making a filler costs several times
  /// what parsing does, so it is made for what comes twice.
  [[nodiscard]] bool seen(std::string_view form);

  [[nodiscard]] std::size_t count() const;

 private:
  struct Entry {
    std::shared_ptr<const Filler::Made> made;
    std::size_t size = 0;
    mutable std::atomic<std::uint64_t> used{0};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view form) const {
      return std::hash<std::string_view>()(form);
    }
  };

  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  std::size_t bytes_ = 0;
  mutable std::atomic<std::uint64_t> clock_{0};
  std::array<std::atomic<std::size_t>, 1024> seen_{};
};

}  // namespace sluice::injector
