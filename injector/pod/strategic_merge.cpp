#include "injector/pod/strategic_merge.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "injector/pod/element.h"
#include "injector/pod/list_order.h"

namespace sluice::injector {
namespace {

using nlohmann::json;
using schema::Kind;
using schema::Type;

// Members of a patch that say how to merge instead of what.
constexpr std::string_view kPatch = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kSetOrder = "$setElementOrder/";
constexpr std::string_view kDeleteScalars = "$deleteFromPrimitiveList/";

/// Members of which an object has one, or no API server takes it. Kubernetes' own merge knows
/// nothing of this.
struct OneOf {
  std::string_view type;
  std::array<std::string_view, 5> members;
};
constexpr std::array kOneOf{
    OneOf{"v1.EnvVar", {"value", "valueFrom"}},
    OneOf{"v1.EnvVarSource",
          {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"}},
    OneOf{"v1.Probe", {"exec", "httpGet", "tcpSocket", "grpc"}},
    OneOf{"v1.LifecycleHandler", {"exec", "httpGet", "tcpSocket", "sleep"}}};

bool is_directive(std::string_view key) {
  return key.starts_with('$') && (key == kPatch || key == kRetainKeys ||
                                  key.starts_with(kSetOrder) || key.starts_with(kDeleteScalars));
}

/// The type of the member `key`, and how lists of it are merged; no type where nobody knows it.
struct Place {
  const Type* type = nullptr;
  std::string_view merge_key;
};

Place place_of(const Type* type, std::string_view key) {
  while (type != nullptr && type->kind == Kind::Pointer) type = type->element;
  if (type == nullptr) return {};
  if (type->kind == Kind::Map) return {type->element, {}};
  const schema::Field* field = field_by_json(*type, key);
  if (field == nullptr) return {};
  return {field->type, field->merge_key};
}

/// Whether `value` is about what it names and is nothing itself: `$patch: delete`, or a directive
/// for the whole list that it is in.
bool deletes(const json& value) {
  const json* directive = member(value, kPatch);
  return directive != nullptr && (*directive == "delete" || value.size() == 1);
}

/// As drop_directives(), for what is new at its place: an object with `$patch` is about what is not
/// there, so it is nothing. False: all of `value` is.
bool keep_new(json& value) {
  if (value.is_array()) {
    auto& list = value.get_ref<json::array_t&>();
    std::erase_if(list, [](json& element) { return !keep_new(element); });
  } else if (value.is_object()) {
    if (value.contains(kPatch)) return false;
    for (auto at = value.begin(); at != value.end();) {
      if (at->is_null() || is_directive(at.key()) || !keep_new(*at)) {
        at = value.erase(at);
      } else {
        ++at;
      }
    }
  }
  return true;
}

/// Of such members the one that the patch has something in counts, and the others go.
void keep_one(json& original, const json& patch, const Type* type) {
  while (type != nullptr && type->kind == Kind::Pointer) type = type->element;
  if (type == nullptr) return;
  const auto* const one = std::ranges::find(kOneOf, type->name, &OneOf::type);
  if (one == kOneOf.end()) return;
  for (const std::string_view said : one->members) {
    const json* value = member(patch, said);
    if (value == nullptr || value->empty() || *value == "") continue;
    for (const std::string_view other : one->members) {
      if (other != said) original.erase(std::string(other));
    }
  }
}

/// Whether two values have one shape, so that one can go into the other.
bool alike(const json& a, const json& b) {
  return a.type() == b.type() || (a.is_number() && b.is_number());
}

Error at(Error error, std::string_view key) {
  const bool deeper = error.message.starts_with('.') || error.message.starts_with('[');
  error.message.insert(0, deeper ? "" : ": ").insert(0, key).insert(0, ".");
  return error;
}

Error at(Error error, std::size_t index) {
  const bool deeper = error.message.starts_with('.') || error.message.starts_with('[');
  error.message.insert(0, "[" + std::to_string(index) + "]" + (deeper ? "" : ": "));
  return error;
}

tl::unexpected<Error> wrong(std::string message) {
  return fail(Errc::Invalid, std::move(message));
}

Result<void> merge_object(json& original, json& patch, const Type* type);

/// The elements of a list while a patch goes into it. Their places never move, so that the index
/// over them holds; a key that is equal is not written again, for the same reason.
class ListMerge {
 public:
  ListMerge(json& original, json& patch, const Type* element, std::string_view merge_key)
      : target_(original),
        patch_(patch.get_ref<json::array_t&>()),
        element_(element),
        key_(merge_key),
        scalars_(merge_key == schema::kItself),
        in_patch_(key_),
        in_list_(key_) {}

  Result<void> run() {
    if (target_.empty() && patch_.empty()) return {};
    RETURN_IF_ERROR(check(target_.get_ref<json::array_t&>()));
    RETURN_IF_ERROR(check(patch_));
    ASSIGN_OR_RETURN(const bool replaced, obey_directives());
    if (replaced) return {};
    list_ = std::move(target_.get_ref<json::array_t&>());
    if (scalars_) drop_repeated(list_);
    list_.reserve(list_.size() + patch_.size());
    for (const json& element : list_) in_list_.add(element);
    for (const json& element : patch_) in_patch_.add(element);
    rank_originals();
    for (std::size_t i = 0; i < patch_.size(); ++i) {
      nths_.push_back(in_patch_.nth(i, ambiguous(patch_[i])));
    }
    RETURN_IF_ERROR(merge_elements());
    json::array_t out;
    out.reserve(list_.size());
    for (const std::size_t i : merged_order(ranks_)) out.push_back(std::move(list_[i]));
    target_ = std::move(out);
    return {};
  }

 private:
  Result<void> check(const json::array_t& list) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const bool fits =
          scalars_ ? list[i].is_primitive() && !list[i].is_null() : list[i].is_object();
      if (fits) continue;
      return fail(at(Error{Errc::Invalid, scalars_ ? "must be a scalar" : "must be an object"}, i));
    }
    return {};
  }

  /// `$patch` in an element: delete takes its like away; replace puts the patch in the list's place
  /// (true), and is all then.
  Result<bool> obey_directives() {
    if (scalars_) return false;
    auto& list = target_.get_ref<json::array_t&>();
    bool replace = false;
    for (const json& element : patch_) {
      const json* directive = member(element, kPatch);
      if (directive == nullptr) continue;
      if (*directive == "replace") {
        replace = true;
      } else if (*directive == "delete") {
        const json* key = key_.of(element);
        if (key == nullptr) return no_key(element);
        std::erase_if(list, [&](const json& other) {
          const json* its = key_.of(other);
          return its != nullptr && *its == *key &&
                 (!key_.says_second(element) || key_.second(other) == key_.second(element));
        });
      } else {
        return wrong(std::string(kPatch) + ": " + directive->dump() + " is not delete or replace");
      }
    }
    std::erase_if(patch_, [](const json& element) { return element.contains(kPatch); });
    if (!replace) return false;
    for (json& element : patch_) {
      if (key_.of(element) == nullptr) return no_key(element);
      drop_directives(element);
    }
    list = std::move(patch_);
    return true;
  }

  [[nodiscard]] tl::unexpected<Error> no_key(const json& element) const {
    return wrong("an element has no " + std::string(key_.name()) + ": " +
                 element.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 80));
  }

  static void drop_repeated(json::array_t& list) {
    json::array_t once;
    for (json& element : list) {
      if (std::find(once.begin(), once.end(), element) == once.end()) {
        once.push_back(std::move(element));
      }
    }
    list = std::move(once);
  }

  void rank_originals() {
    for (std::size_t i = 0; i < list_.size(); ++i) {
      const bool twins = ambiguous(list_[i]);
      const std::size_t nth = in_list_.nth(i, twins);
      if (const auto own = in_patch_.find(list_[i], twins, nth)) {
        ranks_.push_back({own, i});
      } else {
        const auto first = in_list_.find(list_[i], twins);
        ranks_.push_back({in_patch_.find(list_[i], twins), first ? *first : i});
      }
    }
  }

  [[nodiscard]] bool ambiguous(const json& element) const {
    return key_.has_second() && (in_list_.count(element) > 1 || in_patch_.count(element) > 1);
  }

  Result<void> merge_elements() {
    for (std::size_t i = 0; i < patch_.size(); ++i) {
      json& element = patch_[i];
      if (key_.of(element) == nullptr) return no_key(element);
      const bool twins = ambiguous(element);
      auto found = in_list_.find(element, twins, nths_[i]);
      if (!found && nths_[i] > 0) found = in_list_.find(element, twins);
      if (!found) {
        drop_directives(element);
        list_.push_back(std::move(element));
        in_list_.add(list_.back());
        ranks_.push_back({i, std::nullopt});
      } else if (!scalars_) {
        if (auto done = merge_object(list_[*found], element, element_); !done) {
          return fail(at(std::move(done).error(), *found));
        }
      }
    }
    return {};
  }

  json& target_;
  json::array_t& patch_;
  const Type* element_;
  ElementKey key_;
  bool scalars_;
  json::array_t list_;
  ElementIndex in_patch_;
  ElementIndex in_list_;
  std::vector<Rank> ranks_;
  /// Of the patch's elements. What both have twice, as environments may, stays two; what only the
  /// patch has twice goes into the one, or becomes one.
  std::vector<std::size_t> nths_;
};

/// A list of the patch over the one that is there.
Result<void> merge_list(json& original, json& patch, const Place& place) {
  if (place.merge_key.empty()) {
    drop_directives(patch);
    original = std::move(patch);
    return {};
  }
  return ListMerge(original, patch, place.type->element, place.merge_key).run();
}

/// `$retainKeys`: members of the original that it does not list go; the patch may have no others.
Result<void> retain_keys(json& original, json& patch) {
  const auto directive = patch.find(kRetainKeys);
  if (directive == patch.end()) return {};
  const json keys = std::move(*directive);
  patch.erase(directive);
  if (!keys.is_array()) return wrong(std::string(kRetainKeys) + ": must be a list");
  const auto listed = [&](const std::string& key) {
    return std::any_of(keys.begin(), keys.end(), [&](const json& k) { return k == key; });
  };
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null() || key.starts_with(kSetOrder) || key.starts_with(kDeleteScalars)) continue;
    if (!listed(key)) return wrong(std::string(kRetainKeys) + ": does not list " + key);
  }
  for (auto at = original.begin(); at != original.end();) {
    at = listed(at.key()) ? std::next(at) : original.erase(at);
  }
  return {};
}

/// `$deleteFromPrimitiveList/KEY`: these scalars go.
void delete_scalars(json& original, std::string_view key, const json& scalars) {
  json* list = member(original, key);
  if (list == nullptr || !list->is_array() || !scalars.is_array()) return;
  std::erase_if(list->get_ref<json::array_t&>(), [&](const json& element) {
    return std::find(scalars.begin(), scalars.end(), element) != scalars.end();
  });
}

/// One member of the patch that is no directive.
Result<void> merge_member(json& original, const std::string& key, json& value, const Type* type) {
  if (value.is_null()) {
    original.erase(key);
    return {};
  }
  json* there = member(original, key);
  if (there == nullptr || !alike(*there, value)) {
    if (!keep_new(value)) {
      original.erase(key);
    } else if (there != nullptr) {
      *there = std::move(value);
    } else {
      original.emplace(key, std::move(value));
    }
    return {};
  }
  if (there->is_object()) {
    return merge_object(*there, value, place_of(type, key).type);
  }
  if (there->is_array()) return merge_list(*there, value, place_of(type, key));
  if (*there != value) *there = std::move(value);
  return {};
}

/// Whether the elements of `patch` stand in `order`, in this order.
bool follows(const json::array_t& patch, const json& order, const ElementKey& key) {
  auto next = order.begin();
  for (const json& element : patch) {
    if (element.is_object() && element.contains(kPatch)) continue;
    const json* wanted = key.of(element);
    if (wanted == nullptr) return false;
    next = std::find_if(next, order.end(), [&](const json& other) {
      const json* its = key.of(other);
      return its != nullptr && *its == *wanted;
    });
    if (next == order.end()) return false;
    ++next;
  }
  return true;
}

/// Puts `list` into `order`, and what that does not name where it stood in `before`.
void reorder(json::array_t& list, const json& order, const json& before, const ElementKey& key) {
  const ElementIndex ordered(key, &order);
  const ElementIndex stood(key, &before);
  std::vector<Rank> ranks;
  for (const json& element : list) {
    ranks.push_back({ordered.find(element, false), stood.find(element, false)});
  }
  json::array_t out;
  for (const std::size_t i : merged_order(ranks)) out.push_back(std::move(list[i]));
  list = std::move(out);
}

/// `$setElementOrder/KEY`: the order of the whole list, in which elements are named by key alone.
/// Merges `patch`, the list itself, if there is one.
Result<void> set_order(json& original, const std::string& key, const json& order, json* patch,
                       const Type* type) {
  json* there = member(original, key);
  if (there == nullptr && patch == nullptr) return {};
  for (const json* list :
       {&order, static_cast<const json*>(there), static_cast<const json*>(patch)}) {
    if (list != nullptr && !list->is_array()) return wrong("must be a list to have an order");
  }
  const Place place = place_of(type, key);
  const ElementKey by(place.merge_key.empty() ? schema::kItself : place.merge_key);
  if (patch != nullptr && !order.empty() && !follows(patch->get_ref<json::array_t&>(), order, by)) {
    return wrong("elements are not in the order of " + std::string(kSetOrder) + key);
  }
  const json before = there == nullptr ? json::array() : *there;
  if (there == nullptr) {
    keep_new(*patch);
    there = &(original[key] = std::move(*patch));
  } else if (patch != nullptr) {
    RETURN_IF_ERROR(merge_list(*there, *patch, place));
  }
  reorder(there->get_ref<json::array_t&>(), order, before, by);
  return {};
}

Result<void> set_orders(json& original, json& patch, const Type* type) {
  auto& members = patch.get_ref<json::object_t&>();
  while (true) {
    const auto directive = members.lower_bound(kSetOrder);
    if (directive == members.end() || !directive->first.starts_with(kSetOrder)) return {};
    const std::string key = directive->first.substr(kSetOrder.size());
    const json order = std::move(directive->second);
    members.erase(directive);
    json* list = member(patch, key);
    if (auto done = set_order(original, key, order, list, type); !done) {
      return fail(at(std::move(done).error(), key));
    }
    if (list != nullptr) members.erase(key);
  }
}

Result<void> merge_object(json& original, json& patch, const Type* type) {
  if (const json* directive = member(std::as_const(patch), kPatch)) {
    if (*directive == "delete") {
      original = json::object();
    } else if (*directive == "replace") {
      drop_directives(patch);
      original = std::move(patch);
    } else {
      return wrong("." + std::string(kPatch) + ": " + directive->dump() +
                   " is not delete or replace");
    }
    return {};
  }
  RETURN_IF_ERROR(retain_keys(original, patch));
  RETURN_IF_ERROR(set_orders(original, patch, type));
  keep_one(original, patch, type);
  for (auto& [key, value] : patch.get_ref<json::object_t&>()) {
    if (key.starts_with(kDeleteScalars)) {
      delete_scalars(original, std::string_view(key).substr(kDeleteScalars.size()), value);
    } else if (auto done = merge_member(original, key, value, type); !done) {
      return fail(at(std::move(done).error(), key));
    }
  }
  return {};
}

}  // namespace

void drop_directives(json& value) {
  if (value.is_array()) {
    auto& list = value.get_ref<json::array_t&>();
    std::erase_if(list, deletes);
    for (json& element : list) drop_directives(element);
  } else if (value.is_object()) {
    for (auto at = value.begin(); at != value.end();) {
      if (at->is_null() || is_directive(at.key()) || deletes(*at)) {
        at = value.erase(at);
      } else {
        drop_directives(*at++);
      }
    }
  }
}

Result<void> strategic_merge(json& target, json patch, const schema::Type& type) {
  if (target.is_null()) target = json::object();
  if (!target.is_object()) return wrong("what is merged into must be an object");
  if (patch.is_null()) return {};
  if (!patch.is_object()) return wrong("a patch must be an object");
  auto done = merge_object(target, patch, &type);
  if (!done && done.error().message.starts_with('.')) done.error().message.erase(0, 1);
  return done;
}

}  // namespace sluice::injector
