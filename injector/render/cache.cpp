#include "injector/render/cache.h"

#include <algorithm>
#include <mutex>

namespace sluice::injector {
namespace {

constexpr std::size_t kMostForms = 256;
constexpr std::size_t kMostBytes = 32u << 20;

std::size_t size_of(std::string_view form, const Filler::Made& made) {
  const auto* filler = std::get_if<Filler>(&made);
  // A node takes a few times its text.
  return form.size() + (filler == nullptr ? 0 : 4 * filler->size());
}

}  // namespace

std::shared_ptr<const Filler::Made> FormCache::find(std::string_view form) const {
  const std::shared_lock lock(mutex_);
  const auto at = entries_.find(form);
  if (at == entries_.end()) return nullptr;
  at->second.used.store(clock_.fetch_add(1, std::memory_order_relaxed), std::memory_order_relaxed);
  return at->second.made;
}

void FormCache::insert(std::string_view form, Filler::Made made) {
  const std::size_t size = size_of(form, made);
  if (size > kMostBytes / 4) return;
  const std::unique_lock lock(mutex_);
  const auto [at, added] = entries_.try_emplace(std::string(form));
  if (!added) return;
  at->second.made = std::make_shared<const Filler::Made>(std::move(made));
  at->second.size = size;
  at->second.used = clock_.fetch_add(1, std::memory_order_relaxed);
  bytes_ += size;
  while (entries_.size() > kMostForms || bytes_ > kMostBytes) {
    const auto oldest = std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    bytes_ -= oldest->second.size;
    entries_.erase(oldest);
  }
}

bool FormCache::seen(std::string_view form) {
  const std::size_t hash = Hash()(form);
  return seen_[hash % seen_.size()].exchange(hash, std::memory_order_relaxed) == hash;
}

std::size_t FormCache::count() const {
  const std::shared_lock lock(mutex_);
  return entries_.size();
}

}  // namespace sluice::injector
