#include "injector/pod/list_order.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace sluice::injector {
namespace {

using nlohmann::json;

/// The same for all keys that are equal, as 80 and 80.0 are.
std::string text_of(const json& key) {
  if (key.is_number_float()) {
    const double number = key.get<double>();
    if (std::trunc(number) == number && std::abs(number) < 9e15) {
      return std::to_string(static_cast<std::int64_t>(number));
    }
  }
  return key.dump();
}

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

ElementIndex::ElementIndex(const ElementKey& key, const json* list) : key_(key) {
  if (list == nullptr || !list->is_array()) return;
  for (const json& element : *list) add(element);
}

void ElementIndex::add(const json& element) {
  const json* key = key_.of(element);
  Nth& nth = nths_.emplace_back();
  if (key == nullptr) return;
  Group& group =
      key->is_string() ? strings_[key->get_ref<const std::string&>()] : others_[text_of(*key)];
  const std::size_t at = nths_.size() - 1;
  nth.of_key = group.all.size();
  group.all.add(at);
  if (!key_.has_second()) return;
  Places& same = group.by_second[std::string(key_.second(element))];
  nth.of_both = same.size();
  same.add(at);
}

std::optional<std::size_t> ElementIndex::Places::nth(std::size_t n) const {
  if (n >= size_) return std::nullopt;
  return n == 0 ? first_ : more_[n - 1];
}

const ElementIndex::Group* ElementIndex::group(const json& element) const {
  const json* key = key_.of(element);
  if (key == nullptr) return nullptr;
  const ByText<Group>& groups = key->is_string() ? strings_ : others_;
  const auto found = key->is_string() ? groups.find(key->get_ref<const std::string&>())
                                      : groups.find(text_of(*key));
  return found == groups.end() ? nullptr : &found->second;
}

std::optional<std::size_t> ElementIndex::find(const json& element, bool ambiguous,
                                              std::size_t nth) const {
  const Group* found = group(element);
  if (found == nullptr) return std::nullopt;
  if (!ambiguous || !key_.has_second()) return found->all.nth(nth);
  const auto same = found->by_second.find(key_.second(element));
  return same == found->by_second.end() ? std::nullopt : same->second.nth(nth);
}

std::size_t ElementIndex::nth(std::size_t at, bool ambiguous) const {
  return ambiguous && key_.has_second() ? nths_[at].of_both : nths_[at].of_key;
}

std::size_t ElementIndex::count(const json& element) const {
  const Group* found = group(element);
  return found == nullptr ? 0 : found->all.size();
}

}  // namespace sluice::injector
