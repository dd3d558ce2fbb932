#include "injector/pod/patch.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/schema/pod.h"
#include "injector/pod/element.h"

namespace sluice::injector {
namespace {

using nlohmann::json;
using schema::Kind;
using schema::Type;

/// Elements of two lists by what tells them apart, sorted, so that equals can be found.
class Identities {
 public:
  Identities(const json& list, const ElementKey& key) : list_(list), key_(key) {
    order_.resize(list.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [this](auto a, auto b) { return compare(a, b) < 0; });
  }

  /// Whether every element has a key that no other has.
  [[nodiscard]] bool usable() const {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (key_.of(list_[order_[i]]) == nullptr) return false;
      if (i > 0 && compare(order_[i - 1], order_[i]) == 0) return false;
    }
    return true;
  }

  [[nodiscard]] std::optional<std::size_t> find(const json& element) const {
    const auto at =
        std::lower_bound(order_.begin(), order_.end(), element,
                         [this](std::size_t a, const json& b) { return compare(list_[a], b) < 0; });
    if (at == order_.end() || compare(list_[*at], element) != 0) return std::nullopt;
    return *at;
  }

 private:
  [[nodiscard]] int compare(std::size_t a, std::size_t b) const {
    return compare(list_[a], list_[b]);
  }

  [[nodiscard]] int compare(const json& a, const json& b) const {
    const json* x = key_.of(a);
    const json* y = key_.of(b);
    if (x == nullptr || y == nullptr) return (x != nullptr) - (y != nullptr);
    if (x->is_string() && y->is_string()) {
      const int order = x->get_ref<const std::string&>().compare(y->get_ref<const std::string&>());
      if (order != 0) return order;
    } else if (*x != *y) {
      return *x < *y ? -1 : 1;
    }
    return key_.second(a).compare(key_.second(b));
  }

  const json& list_;
  const ElementKey& key_;
  std::vector<std::size_t> order_;
};

/// Marks in `origins` (where each element of the new list came from) a longest ascending run: what
/// can stay where it is while all else is taken out and put in.
std::vector<bool> longest_ascent(const std::vector<std::optional<std::size_t>>& origins) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> tails;  // of the best run of each length: the position of its last one
  std::vector<std::size_t> previous(origins.size(), kNone);
  for (std::size_t i = 0; i < origins.size(); ++i) {
    if (!origins[i]) continue;
    const auto at = std::lower_bound(
        tails.begin(), tails.end(), *origins[i],
        [&](std::size_t tail, std::size_t origin) { return *origins[tail] < origin; });
    if (at != tails.begin()) previous[i] = *std::prev(at);
    if (at == tails.end()) {
      tails.push_back(i);
    } else {
      *at = i;
    }
  }
  std::vector<bool> stays(origins.size());
  for (std::size_t i = tails.empty() ? kNone : tails.back(); i != kNone; i = previous[i]) {
    stays[i] = true;
  }
  return stays;
}

/// Writes the operations that turn one document into another. `Json` is const where the new
/// document is copied from, and not where it may be taken apart.
template <class Json>
class PatchWriter {
 public:
  json write(const json& before, Json& after, const Type* type) && {
    values(before, after, type, {});
    return std::move(operations_);
  }

 private:
  using Object = std::conditional_t<std::is_const_v<Json>, const json::object_t, json::object_t>;

  /// A place below the current one, for as long as this lives.
  class Step {
   public:
    Step(std::string& path, std::string_view key) : path_(path), length_(path.size()) {
      path_ += '/';
      for (const char c : key) {
        if (c == '~') {
          path_ += "~0";
        } else if (c == '/') {
          path_ += "~1";
        } else {
          path_ += c;
        }
      }
    }
    Step(std::string& path, std::size_t index) : Step(path, std::to_string(index)) {}
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.resize(length_); }

   private:
    std::string& path_;
    std::size_t length_;
  };

  void operation(const char* op) {
    json::object_t out;
    out.emplace("op", op);
    out.emplace("path", path_);
    operations_.emplace_back(std::move(out));
  }

  void operation(const char* op, Json& value) {
    operation(op);
    operations_.back()["value"] = std::move(value);  // copies what is const
  }

  void values(const json& before, Json& after, const Type* type, std::string_view merge_key) {
    while (type != nullptr && type->kind == Kind::Pointer) type = type->element;
    if (before.is_object() && after.is_object()) {
      objects(before.get_ref<const json::object_t&>(), after.template get_ref<Object&>(), type);
    } else if (merge_key.empty() || !before.is_array() || !after.is_array()) {
      replace(before, after);
    } else {
      lists(before, after, type, ElementKey(merge_key));
    }
  }

  void replace(const json& before, Json& after) {
    // 1 and 1.0 are equal here, but not to everyone who reads them.
    if (before != after || before.is_number_float() != after.is_number_float()) {
      operation("replace", after);
    }
  }

  void objects(const json::object_t& before, Object& after, const Type* type) {
    auto old = before.begin();
    auto now = after.begin();
    while (old != before.end() || now != after.end()) {
      const int order = old == before.end()  ? 1
                        : now == after.end() ? -1
                                             : old->first.compare(now->first);
      const Step step(path_, order > 0 ? now->first : old->first);
      if (order < 0) {
        operation("remove");
        ++old;
      } else if (order > 0) {
        operation("add", now->second);
        ++now;
      } else {
        member(old->first, old->second, now->second, type);
        ++old;
        ++now;
      }
    }
  }

  void member(std::string_view key, const json& before, Json& after, const Type* type) {
    if (before.is_primitive() || after.is_primitive()) return replace(before, after);
    if (type == nullptr) return values(before, after, nullptr, {});
    if (type->kind == Kind::Map) return values(before, after, type->element, {});
    const schema::Field* field = field_by_json(*type, key);
    if (field == nullptr) return values(before, after, nullptr, {});
    values(before, after, field->type, field->merge_key);
  }

  void lists(const json& before, Json& after, const Type* type, const ElementKey& key) {
    const Identities old(before, key);
    if (!old.usable() || !Identities(after, key).usable()) return replace(before, after);
    std::vector<std::optional<std::size_t>> origins;
    origins.reserve(after.size());
    for (const json& element : std::as_const(after)) origins.push_back(old.find(element));
    const std::vector<bool> stays = longest_ascent(origins);
    std::vector<bool> kept(before.size());
    for (std::size_t i = 0; i < origins.size(); ++i) {
      if (stays[i]) kept[*origins[i]] = true;
    }
    for (std::size_t i = kept.size(); i-- > 0;) {
      const Step step(path_, i);
      if (!kept[i]) operation("remove");
    }
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const Step step(path_, i);
      if (stays[i]) {
        values(before[*origins[i]], after[i], type->element, {});
      } else {
        operation("add", after[i]);
      }
    }
  }

  json operations_ = json::array();
  std::string path_;
};

}  // namespace

json make_patch(const json& before, const json& after) {
  return PatchWriter<const json>().write(before, after, &schema::kPod);
}

json make_patch(const json& before, json&& after) {
  return PatchWriter<json>().write(before, after, &schema::kPod);
}

}  // namespace sluice::injector
