#pragma once

// The order of a list that was merged by key: what the patch names stands in the patch's order, and
// what only the original has stays before the first later element that both have.

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/pod/element.h"

namespace sluice::injector {

/// Where an element stood in the patch and in the original.
struct Rank {
  std::optional<std::size_t> patch;
  std::optional<std::size_t> original;
};

/// The positions of `ranks`, in the order that their elements are to have.
[[nodiscard]] std::vector<std::size_t> merged_order(const std::vector<Rank>& ranks);

/// Finds elements by key in a list that may grow at its end. Borrows the elements, which must stay
/// where they are. Elements that nothing tells apart, as two variables of one name, count from 0.
class ElementIndex {
 public:
  explicit ElementIndex(const ElementKey& key) : key_(key) {}

  void add(const nlohmann::json& element);
  /// The position of the first element that `element` is told to be the same as, or of the `nth`.
  /// Two elements of one key are told apart by the second one only where the key alone is
  /// `ambiguous`.
  [[nodiscard]] std::optional<std::size_t> find(const nlohmann::json& element, bool ambiguous,
                                                std::size_t nth = 0) const;
  /// Which of those that are the same the element at `at` is.
  [[nodiscard]] std::size_t nth(std::size_t at, bool ambiguous) const;
  /// How many elements have the key of `element`.
  [[nodiscard]] std::size_t count(const nlohmann::json& element) const;

 private:
  /// Those that may have the key: of strings, the ones that do.
  [[nodiscard]] std::size_t first(const nlohmann::json& key) const;
  [[nodiscard]] std::size_t next(std::size_t at, const nlohmann::json& key) const;
  [[nodiscard]] bool same(std::size_t at, const nlohmann::json& element, const nlohmann::json& key,
                          bool ambiguous) const;

  const ElementKey& key_;
  std::vector<const nlohmann::json*> elements_;
  std::vector<const nlohmann::json*> keys_;  ///< nullptr: has none, and is never found
  struct Ends {
    std::size_t first;
    std::size_t last;
  };
  std::unordered_map<std::string_view, Ends> ends_;  ///< of the elements of a string key
  std::vector<std::size_t> next_;                    ///< the next one of the same string key
};

}  // namespace sluice::injector
