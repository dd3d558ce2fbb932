#include "injector/pod/patch.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/schema/pod.h"
#include "injector/pod/element.h"
#include "injector/pod/json_text.h"
#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;
using schema::Kind;
using schema::Type;

/// What tells an element of a list apart, and where it stands.
struct Identity {
  const json* key;  ///< nullptr: it has none
  std::string_view second;
  std::size_t at;
};

int compare(const Identity& a, const Identity& b) {
  if (a.key == nullptr || b.key == nullptr) return (a.key != nullptr) - (b.key != nullptr);
  if (a.key->is_string() && b.key->is_string()) {
    const int order =
        a.key->get_ref<const std::string&>().compare(b.key->get_ref<const std::string&>());
    if (order != 0) return order;
  } else if (*a.key != *b.key) {
    return *a.key < *b.key ? -1 : 1;
  }
  return a.second.compare(b.second);
}

/// The elements of a list, sorted so that equals of two lists can be found. Nothing if one has no
/// key, or two have the same.
std::optional<std::vector<Identity>> identities(const json& list, const ElementKey& key) {
  std::vector<Identity> all;
  all.reserve(list.size());
  for (const json& element : list)
    all.push_back({key.of(element), key.second(element), all.size()});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return compare(a, b) < 0; });
  const auto same = std::adjacent_find(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return compare(a, b) == 0; });
  // What has no key sorts first.
  if (same != all.end() || (!all.empty() && all.front().key == nullptr)) return std::nullopt;
  return all;
}

using Origins = std::vector<std::optional<std::size_t>>;

/// Where each element of a list stood in an older one; nothing where it is new.
Origins origins_of(const std::vector<Identity>& now, const std::vector<Identity>& old) {
  Origins origins(now.size());
  auto was = old.begin();
  for (const Identity& is : now) {
    while (was != old.end() && compare(*was, is) < 0) ++was;
    if (was != old.end() && compare(*was, is) == 0) origins[is.at] = was->at;
  }
  return origins;
}

/// Marks in `origins` (where each element of the new list came from) a longest ascending run: what
/// can stay where it is while all else is taken out and put in.
std::vector<bool> longest_ascent(const Origins& origins) {
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

/// Whether two values are equal to everyone who reads them: 1 and 1.0 are not.
bool alike(const json& a, const json& b) {
  if (a.is_object() && b.is_object()) {
    const auto& x = a.get_ref<const json::object_t&>();
    const auto& y = b.get_ref<const json::object_t&>();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& p, const auto& q) {
      return p.first == q.first && alike(p.second, q.second);
    });
  }
  if (a.is_array() && b.is_array()) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), alike);
  }
  return a == b && a.is_number_float() == b.is_number_float();
}

/// Writes the operations that turn one document into another.
class PatchWriter {
 public:
  std::string write(const json& before, const json& after, const Type* type) && {
    values(before, after, type, {});
    if (!out_.empty()) out_ += ']';
    return std::move(out_);
  }

 private:
  /// A place below the current one, for as long as this lives.
  class Step {
   public:
    Step(std::vector<Step*>& path, std::string_view key) : path_(path), key_(key) {
      path_.push_back(this);
    }
    Step(std::vector<Step*>& path, std::size_t index) : path_(path), index_(index) {
      path_.push_back(this);
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.pop_back(); }

    void write(std::string& out) const {
      out += '/';
      if (index_) {
        out += std::to_string(*index_);
        return;
      }
      const char* from = key_.data();
      const char* const end = from + key_.size();
      for (const char* at = from; at < end; ++at) {
        if (*at != '~' && *at != '/') continue;
        out.append(from, at) += *at == '~' ? "~0" : "~1";
        from = at + 1;
      }
      out.append(from, end);
    }

   private:
    std::vector<Step*>& path_;
    std::string_view key_;
    std::optional<std::size_t> index_;
  };

  void operation(std::string_view op, const json* value) {
    std::string pointer;
    for (const Step* step : path_) step->write(pointer);
    out_ += out_.empty() ? R"([{"op":")" : R"(,{"op":")";
    out_ += op;
    out_ += R"(","path":)";
    write_json_string(out_, pointer);
    if (value != nullptr) {
      out_ += R"(,"value":)";
      write_json(out_, *value);
    }
    out_ += '}';
  }

  void values(const json& before, const json& after, const Type* type, std::string_view merge_key) {
    while (type != nullptr && type->kind == Kind::Pointer) type = type->element;
    if (before.is_object() && after.is_object()) {
      objects(before.get_ref<const json::object_t&>(), after.get_ref<const json::object_t&>(),
              type);
    } else if (merge_key.empty() || !before.is_array() || !after.is_array()) {
      replace(before, after);
    } else {
      lists(before, after, type, ElementKey(merge_key));
    }
  }

  void replace(const json& before, const json& after) {
    if (!alike(before, after)) operation("replace", &after);
  }

  void objects(const json::object_t& before, const json::object_t& after, const Type* type) {
    auto old = before.begin();
    auto now = after.begin();
    while (old != before.end() || now != after.end()) {
      const int order = old == before.end()  ? 1
                        : now == after.end() ? -1
                                             : old->first.compare(now->first);
      const Step step(path_, order > 0 ? now->first : old->first);
      if (order < 0) {
        operation("remove", nullptr);
        ++old;
      } else if (order > 0) {
        operation("add", &now->second);
        ++now;
      } else {
        member(old->first, old->second, now->second, type);
        ++old;
        ++now;
      }
    }
  }

  void member(std::string_view key, const json& before, const json& after, const Type* type) {
    if (before.is_primitive() || after.is_primitive()) return replace(before, after);
    if (type == nullptr) return values(before, after, nullptr, {});
    if (type->kind == Kind::Map) return values(before, after, type->element, {});
    const schema::Field* field = field_by_json(*type, key);
    if (field == nullptr) return values(before, after, nullptr, {});
    values(before, after, field->type, field->merge_key);
  }

  void lists(const json& before, const json& after, const Type* type, const ElementKey& key) {
    if (alike(before, after)) return;  // most are, and need not be matched element by element
    const auto old = identities(before, key);
    const auto now = identities(after, key);
    if (!old || !now) return replace(before, after);
    const Origins origins = origins_of(*now, *old);
    const std::vector<bool> stays = longest_ascent(origins);
    std::vector<bool> kept(before.size());
    for (std::size_t i = 0; i < origins.size(); ++i) {
      if (stays[i]) kept[*origins[i]] = true;
    }
    for (std::size_t i = kept.size(); i-- > 0;) {
      const Step step(path_, i);
      if (!kept[i]) operation("remove", nullptr);
    }
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const Step step(path_, i);
      if (stays[i]) {
        values(before[*origins[i]], after[i], type->element, {});
      } else {
        operation("add", &after[i]);
      }
    }
  }

  std::string out_;
  std::vector<Step*> path_;
};

}  // namespace

std::string make_patch(const json& before, const json& after) {
  return PatchWriter().write(before, after, &schema::kPod);
}

}  // namespace sluice::injector
