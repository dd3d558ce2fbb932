#include "injector/pod/list_order.h"

#include <algorithm>

namespace sluice::injector {

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

void ElementIndex::add(const nlohmann::json& element) {
  const nlohmann::json* key = key_.of(element);
  if (key != nullptr && key->is_string()) {
    first_.emplace(key->get_ref<const std::string&>(), elements_.size());
  }
  elements_.push_back(&element);
  keys_.push_back(key);
}

bool ElementIndex::same(std::size_t at, const nlohmann::json& element, const nlohmann::json& key,
                        bool ambiguous) const {
  if (keys_[at] == nullptr || *keys_[at] != key) return false;
  return !ambiguous || key_.second(*elements_[at]) == key_.second(element);
}

std::optional<std::size_t> ElementIndex::find(const nlohmann::json& element, bool ambiguous) const {
  const nlohmann::json* key = key_.of(element);
  if (key == nullptr) return std::nullopt;
  std::size_t at = 0;
  if (key->is_string()) {
    const auto first = first_.find(key->get_ref<const std::string&>());
    if (first == first_.end()) return std::nullopt;
    at = first->second;
  }
  for (; at < elements_.size(); ++at) {
    if (same(at, element, *key, ambiguous)) return at;
  }
  return std::nullopt;
}

std::size_t ElementIndex::count(const nlohmann::json& element) const {
  const nlohmann::json* key = key_.of(element);
  if (key == nullptr) return 0;
  return static_cast<std::size_t>(std::count_if(
      keys_.begin(), keys_.end(),
      [&](const nlohmann::json* other) { return other != nullptr && *other == *key; }));
}

}  // namespace sluice::injector
