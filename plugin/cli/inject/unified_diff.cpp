#include "plugin/cli/inject/unified_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sluice::cli {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines out;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    out.push_back(text.substr(0, newline));
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  return out;
}

enum class Side { Both, Before, After };

struct Edit {
  Side side;
  std::string_view line;
};

/// Myers' greedy algorithm: with each number of edits, how far one gets on each diagonal (lines of
/// `before` less lines of `after`); then the way back through that.
class ShortestEdit {
 public:
  ShortestEdit(const Lines& before, const Lines& after) : a_(before), b_(after) {}

  std::vector<Edit> edits() {
    int needed = 0;
    while (!reaches_the_end(needed)) {
      // Memory goes with the square of the edits; nobody reads a diff that long.
      if (++needed > 2000) return replaced();
    }
    return way_back(needed);
  }

 private:
  using Reach = std::vector<int>;  // of diagonals -d to d, by index k + d

  /// The line of `before` that diagonal `k` is entered at, with d edits.
  struct Entry {
    int x;
    bool inserted;
  };
  [[nodiscard]] Entry entry(int d, int k) const {
    if (d == 0) return {0, false};
    const Reach& last = reached_[static_cast<std::size_t>(d - 1)];
    const auto at = [&](int diagonal) { return last[static_cast<std::size_t>(diagonal + d - 1)]; };
    const bool can_insert = k + 1 <= d - 1;
    const bool can_delete = k - 1 >= -(d - 1);
    if (can_insert && (!can_delete || at(k - 1) < at(k + 1))) return {at(k + 1), true};
    return {at(k - 1) + 1, false};
  }

  bool reaches_the_end(int d) {
    Reach reach(static_cast<std::size_t>(2 * d + 1), -1);
    for (int k = -d; k <= d; k += 2) {
      int x = entry(d, k).x;
      while (x < size(a_) && x - k >= 0 && x - k < size(b_) && a(x) == b(x - k)) ++x;
      reach[static_cast<std::size_t>(k + d)] = x;
      if (k == size(a_) - size(b_) && x == size(a_)) {
        reached_.push_back(std::move(reach));
        return true;
      }
    }
    reached_.push_back(std::move(reach));
    return false;
  }

  [[nodiscard]] std::vector<Edit> way_back(int d) const {
    std::vector<Edit> out;
    int x = size(a_);
    for (int k = size(a_) - size(b_);; --d) {
      const Entry from = entry(d, k);
      for (; x > from.x; --x) out.push_back({Side::Both, a(x - 1)});
      if (d == 0) break;
      if (from.inserted) {
        out.push_back({Side::After, b(x - k - 1)});
        ++k;
      } else {
        out.push_back({Side::Before, a(--x)});
        --k;
      }
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  [[nodiscard]] std::vector<Edit> replaced() const {
    std::vector<Edit> out;
    for (const auto line : a_) out.push_back({Side::Before, line});
    for (const auto line : b_) out.push_back({Side::After, line});
    return out;
  }

  static int size(const Lines& lines) { return static_cast<int>(lines.size()); }
  [[nodiscard]] std::string_view a(int i) const { return a_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] std::string_view b(int i) const { return b_[static_cast<std::size_t>(i)]; }

  const Lines& a_;
  const Lines& b_;
  std::vector<Reach> reached_;
};

/// Writes hunks: changes with three lines around them, those that would touch as one.
class Hunks {
 public:
  Hunks(const std::vector<Edit>& edits, Color color) : edits_(edits), color_(color) {}

  std::string text() {
    std::size_t at = 0;
    while (at < edits_.size()) {
      const std::size_t change = next_change(at);
      if (change == edits_.size()) break;
      const std::size_t begin = std::max(at, change > Context ? change - Context : 0);
      pass(at, begin);
      at = end_of_hunk(change);
      hunk(begin, at);
    }
    return std::move(out_);
  }

  void line(const char* paint, char sign, std::string_view text) {
    const bool painted = color_ == Color::Always && *paint != '\0';
    if (painted) out_ += paint;
    if (sign != '\0') out_ += sign;
    out_ += text;
    if (painted) out_ += "\033[0m";
    out_ += '\n';
  }

 private:
  static constexpr std::size_t Context = 3;

  [[nodiscard]] std::size_t next_change(std::size_t at) const {
    while (at < edits_.size() && edits_[at].side == Side::Both) ++at;
    return at;
  }

  [[nodiscard]] std::size_t end_of_hunk(std::size_t change) const {
    for (;;) {
      std::size_t end = change;
      while (end < edits_.size() && edits_[end].side != Side::Both) ++end;
      change = next_change(end);
      if (change == edits_.size() || change - end > 2 * Context) {
        return std::min(end + Context, edits_.size());
      }
    }
  }

  /// Counts lines that are not shown.
  void pass(std::size_t begin, std::size_t end) {
    for (; begin < end; ++begin) count(edits_[begin].side);
  }

  void count(Side side) {
    before_ += side == Side::After ? 0U : 1U;
    after_ += side == Side::Before ? 0U : 1U;
  }

  void hunk(std::size_t begin, std::size_t end) {
    const std::size_t first_before = before_;
    const std::size_t first_after = after_;
    pass(begin, end);
    line("\033[36m", '\0',
         "@@ -" + range(first_before, before_ - first_before) + " +" +
             range(first_after, after_ - first_after) + " @@");
    for (; begin < end; ++begin) {
      const Edit& edit = edits_[begin];
      if (edit.side == Side::Both) line("", ' ', edit.line);
      if (edit.side == Side::Before) line("\033[31m", '-', edit.line);
      if (edit.side == Side::After) line("\033[32m", '+', edit.line);
    }
  }

  /// Lines count from 1; an empty range names the line before it.
  static std::string range(std::size_t passed, std::size_t lines) {
    const std::size_t first = lines == 0 ? passed : passed + 1;
    return std::to_string(first) + (lines == 1 ? "" : "," + std::to_string(lines));
  }

  const std::vector<Edit>& edits_;
  Color color_;
  std::size_t before_ = 0;
  std::size_t after_ = 0;
  std::string out_;
};

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, const std::string& name,
                         Color color) {
  if (before == after) return {};
  const Lines a = lines_of(before);
  const Lines b = lines_of(after);
  const std::vector<Edit> edits = ShortestEdit(a, b).edits();
  Hunks hunks(edits, color);
  hunks.line("\033[1m", '\0', "--- " + name);
  hunks.line("\033[1m", '\0', "+++ " + name);
  return hunks.text();
}

}  // namespace sluice::cli
