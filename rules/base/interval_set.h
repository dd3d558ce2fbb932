#pragma once

// Sets kept as sorted, disjoint, non-adjacent closed ranges: the form in which nf_tables interval
// sets hold them, so that overlapping input can neither fail nor be counted twice.

#include <algorithm>
#include <compare>
#include <utility>
#include <vector>

namespace sluice {

/// A closed range, both ends included.
template <class T>
struct Range {
  T first;
  T last;
  auto operator<=>(const Range&) const = default;
};

/// T needs a total order and `next(T)`, found by argument-dependent lookup, for any value that is
/// not the greatest.
template <class T>
class IntervalSet {
 public:
  IntervalSet() = default;

  explicit IntervalSet(std::vector<Range<T>> ranges) {
    std::sort(ranges.begin(), ranges.end());
    for (const Range<T>& range : ranges) append(range);
  }

  [[nodiscard]] bool contains(const T& value) const {
    auto after = std::upper_bound(ranges_.begin(), ranges_.end(), value,
                                  [](const T& v, const Range<T>& r) { return v < r.first; });
    return after != ranges_.begin() && !(std::prev(after)->last < value);
  }

  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] const std::vector<Range<T>>& ranges() const& { return ranges_; }
  [[nodiscard]] std::vector<Range<T>> ranges() && { return std::move(ranges_); }

  bool operator==(const IntervalSet&) const = default;

 private:
  void append(const Range<T>& range) {
    if (!ranges_.empty() && touches(ranges_.back(), range)) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }

  static bool touches(const Range<T>& left, const Range<T>& right) {
    return !(left.last < right.first) || next(left.last) == right.first;
  }

  std::vector<Range<T>> ranges_;
};

}  // namespace sluice
