#pragma once

// The order of a list that was merged by key: what the patch names stands in the patch's order, and
// what only the original has stays before the first later element that both have.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
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

/// Finds elements by key in a list that may grow at its end, each in the same time however many
/// have its key: lists come from users. Elements that nothing tells apart, as two variables of one
/// name, count from 0.
class ElementIndex {
 public:
  /// Of a list, or of none yet.
  explicit ElementIndex(const ElementKey& key, const nlohmann::json* list = nullptr);

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
  /// Positions in the list, of which there is one as a rule.
  class Places {
   public:
    void add(std::size_t at) { size_++ == 0 ? void(first_ = at) : more_.push_back(at); }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::optional<std::size_t> nth(std::size_t n) const;

   private:
    std::size_t size_ = 0;
    std::size_t first_ = 0;
    std::vector<std::size_t> more_;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
  /// Elements of one key, and those of them that have the same second one too.
  struct Group {
    Places all;
    ByText<Places> by_second;
  };
  struct Nth {
    std::size_t of_key;
    std::size_t of_both;
  };
  [[nodiscard]] const Group* group(const nlohmann::json& element) const;

  const ElementKey& key_;
  ByText<Group> strings_;
  ByText<Group> others_;  ///< by their JSON text
  std::vector<Nth> nths_;
};

}  // namespace sluice::injector
