#include "injector/pod/list_order.h"

#include <algorithm>
#include <utility>

namespace sluice::injector {
namespace {

using nlohmann::json;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

}  // namespace

std::vector<std::size_t> merged_order(const std::vector<Rank>& ranks) {
  std::vector<std::size_t> patched;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < ranks.size(); ++i) (ranks[i].patch ? patched : kept).push_back(i);
  std::stable_sort(patched.begin(), patched.end(),
                   [&](auto a, auto b) { return *ranks[a].patch < *ranks[b].patch; });
  std::stable_sort(kept.begin(), kept.end(), [&](auto a, auto b) {
    return ranks[a].original && ranks[b].original && *ranks[a].original < *ranks[b].original;
  });
  std::vector<std::size_t> out;
  out.reserve(ranks.size());
  auto next = kept.begin();
  for (const std::size_t at : patched) {
    const auto& place = ranks[at].original;
    while (place && next != kept.end() && ranks[*next].original &&
           *ranks[*next].original < *place) {
      out.push_back(*next++);
    }
    out.push_back(at);
  }
  out.insert(out.end(), next, kept.end());
  return out;
}

void ElementIndex::add(const json& element) {
  const json* key = key_.of(element);
  const std::size_t at = elements_.size();
  if (key != nullptr && key->is_string()) {
    const auto [found, is_new] = ends_.try_emplace(key->get_ref<const std::string&>(), at, at);
    if (!is_new) next_[std::exchange(found->second.last, at)] = at;
  }
  elements_.push_back(&element);
  keys_.push_back(key);
  next_.push_back(kNone);
}

std::size_t ElementIndex::first(const json& key) const {
  if (!key.is_string()) return elements_.empty() ? kNone : 0;
  const auto found = ends_.find(key.get_ref<const std::string&>());
  return found == ends_.end() ? kNone : found->second.first;
}

std::size_t ElementIndex::next(std::size_t at, const json& key) const {
  if (key.is_string()) return next_[at];
  return at + 1 == elements_.size() ? kNone : at + 1;
}

bool ElementIndex::same(std::size_t at, const json& element, const json& key,
                        bool ambiguous) const {
  if (keys_[at] == nullptr || *keys_[at] != key) return false;
  return !ambiguous || key_.second(*elements_[at]) == key_.second(element);
}

std::optional<std::size_t> ElementIndex::find(const json& element, bool ambiguous,
                                              std::size_t nth) const {
  const json* key = key_.of(element);
  if (key == nullptr) return std::nullopt;
  for (std::size_t at = first(*key); at != kNone; at = next(at, *key)) {
    if (same(at, element, *key, ambiguous) && nth-- == 0) return at;
  }
  return std::nullopt;
}

std::size_t ElementIndex::nth(std::size_t at, bool ambiguous) const {
  const json* key = keys_[at];
  if (key == nullptr) return 0;
  std::size_t before = 0;
  for (std::size_t one = first(*key); one != at; one = next(one, *key)) {
    if (same(one, *elements_[at], *key, ambiguous)) ++before;
  }
  return before;
}

std::size_t ElementIndex::count(const json& element) const {
  const json* key = key_.of(element);
  if (key == nullptr) return 0;
  std::size_t all = 0;
  for (std::size_t at = first(*key); at != kNone; at = next(at, *key)) {
    if (same(at, element, *key, false)) ++all;
  }
  return all;
}

}  // namespace sluice::injector
