// sprig's functions on dicts. `set`, `unset` and the merges change the one that they are given.

#include <algorithm>
#include <set>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/text.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using std::string;

/// Whether `dict` can be reached from `value`. Go lets a dict contain itself, and then dies of it.
bool reaches(const Value& value, const Dict* dict) {
  std::vector<const Value*> open{&value};
  std::set<const void*> seen;
  while (!open.empty()) {
    const Value& next = *open.back();
    open.pop_back();
    if (const auto* list = std::get_if<std::shared_ptr<List>>(&next.held())) {
      if (!seen.insert(list->get()).second) continue;
      for (const Value& item : **list) open.push_back(&item);
    } else if (const auto* inner = std::get_if<std::shared_ptr<Dict>>(&next.held())) {
      if (inner->get() == dict) return true;
      if (!seen.insert(inner->get()).second) continue;
      for (const auto& [name, member] : **inner) open.push_back(&member);
    }
  }
  return false;
}

Result<Value> set(const Value& given, const string& key, const Value& value) {
  const SharedDict shared = GoType<SharedDict>::from(given);
  if (is_nil_interface(given) || given.nil()) return go_error("assignment to entry in nil map");
  if (reaches(value, shared.dict.get())) return go_error("a dict cannot contain itself");
  shared.dict->insert_or_assign(key, value);
  if (shared.dict->size() > kMostElements) return too_large();
  return Value(shared.dict);
}

Value made_of(const Rest<Value>& parts) {
  Dict dict;
  for (std::size_t i = 0; i < parts.items.size(); i += 2) {
    const Value value = i + 1 < parts.items.size() ? parts.items[i + 1] : Value("");
    dict.insert_or_assign(text_of(parts.items[i]), value);
  }
  return dict;
}

Value picked(const Dict& dict, const Rest<string>& keys, bool keep) {
  Dict result;
  for (const auto& [name, member] : dict) {
    const bool named = std::find(keys.items.begin(), keys.items.end(), name) != keys.items.end();
    if (named == keep) result.emplace(name, member);
  }
  return result;
}

/// A conversion that fails, in Go's words.
tl::unexpected<Error> no_conversion(const Value& value, std::string_view wanted) {
  const bool nil = is_nil_interface(value);
  return go_error("interface conversion: interface {} is " +
                  (nil ? string("nil") : value.type_name()) + ", not " + string(wanted));
}

/// dig "a" "b" default dict: dict.a.b, or the default where it is missing.
Result<Value> dig(const Rest<Value>& given) {
  const auto& items = given.items;
  if (items.size() < 3) return go_error("dig needs at least three arguments");
  constexpr std::string_view AnyMap = "map[string]interface {}";
  const Value& root = items.back();
  if (root.type_name() != AnyMap) return no_conversion(root, AnyMap);
  for (std::size_t i = 0; i + 2 < items.size(); ++i) {
    if (items[i].string() == nullptr) return no_conversion(items[i], "string");
  }
  Value at = root;
  for (std::size_t i = 0; i + 2 < items.size(); ++i) {
    if (i > 0 && at.type_name() != AnyMap) return no_conversion(at, AnyMap);
    const Dict dict = at.members().value_or(Dict{});
    const auto member = dict.find(*items[i].string());
    if (member == dict.end()) return items[items.size() - 2];
    at = member->second;
  }
  return at;
}

/// Merges dicts as sprig's library does: dicts within dicts are merged, all else is filled in where
/// it is empty; or, overwriting, replaced.
class Merge {
 public:
  explicit Merge(bool overwrite) : overwrite_(overwrite) {}

  Result<void> into(Dict& target, const Dict& source, int depth = 0) {
    constexpr int Deepest = 200;
    for (const auto& [name, member] : source) {
      if (depth > Deepest || ++steps_ > kMostElements) return too_large();
      RETURN_IF_ERROR(one(target, name, member, depth));
    }
    return {};
  }

 private:
  Result<void> one(Dict& target, const string& name, const Value& member, int depth) {
    const auto at = target.find(name);
    if (is_nil_interface(member)) {
      if (overwrite_) target.insert_or_assign(name, member);
      return {};
    }
    if (at != target.end()) {
      if (shape_of(member) == Shape::Map && shape_of(at->second) == Shape::Map) {
        // What the target holds may be data, which is not changed: a copy then takes its place.
        const SharedDict inner = GoType<SharedDict>::from(at->second);
        at->second = inner.dict;
        return into(*inner.dict, member.members().value_or(Dict{}), depth + 1);
      }
      if (!overwrite_ && at->second.truth()) return {};
    }
    if (reaches(member, &target)) return go_error("a dict cannot contain itself");
    target.insert_or_assign(name, member);
    return {};
  }

  bool overwrite_;
  std::size_t steps_ = 0;
};

Result<Value> merged(const Value& target, const Rest<Dict>& sources, bool overwrite) {
  const SharedDict shared = GoType<SharedDict>::from(target);
  Merge merge(overwrite);
  for (const Dict& source : sources.items) {
    RETURN_IF_ERROR(merge.into(*shared.dict, source));
  }
  return Value(shared.dict);
}

/// A copy that shares nothing with what it is a copy of.
class DeepCopy {
 public:
  Result<Value> of(const Value& value, int depth = 0) {
    constexpr int Deepest = 200;
    if (depth > Deepest || ++steps_ > static_cast<int>(kMostElements)) return too_large();
    if (const auto* list = std::get_if<std::shared_ptr<List>>(&value.held())) {
      List copy;
      for (const Value& item : **list) {
        ASSIGN_OR_RETURN(Value copied, of(item, depth + 1));
        copy.push_back(std::move(copied));
      }
      return Value(std::move(copy));
    }
    if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&value.held())) {
      Dict copy;
      for (const auto& [name, member] : **dict) {
        ASSIGN_OR_RETURN(Value copied, of(member, depth + 1));
        copy.emplace(name, std::move(copied));
      }
      return Value(std::move(copy));
    }
    return value;
  }

 private:
  int steps_ = 0;
};

void add_merges(Binder& binder) {
  for (const auto& [name, overwrite] :
       {std::pair{"merge", false}, std::pair{"mergeOverwrite", true}}) {
    binder.bind(name, [overwrite = overwrite](const AnyMap& target, const Rest<Dict>& sources) {
      return merged(target.value, sources, overwrite);
    });
  }
  binder.alias("mustMerge", "merge").alias("mustMergeOverwrite", "mergeOverwrite");
}

}  // namespace

void add_dicts(FunctionTable& table) {
  Binder binder(table);
  binder.bind("dict", made_of);
  binder.bind("set", [](const AnyMap& dict, const string& key, const Value& value) {
    return set(dict.value, key, value);
  });
  binder.bind("unset", [](const SharedDict& shared, const string& key) {
    shared.dict->erase(key);
    return Value(shared.dict);
  });
  binder.bind("get", [](const AnyMap& dict, const string& key) {
    return member_at(dict.value, key).value_or(Value(""));
  });
  binder.bind("hasKey", [](const AnyMap& dict, const string& key) {
    return member_at(dict.value, key).has_value();
  });
  binder.bind("pluck", [](const string& key, const Rest<Dict>& dicts) {
    List found;
    for (const Dict& dict : dicts.items) {
      if (const auto at = dict.find(key); at != dict.end()) found.push_back(at->second);
    }
    return found;
  });
  binder.bind("keys", [](const Rest<Dict>& dicts) {
    Strings keys;
    for (const Dict& dict : dicts.items) {
      for (const auto& [name, member] : dict) keys.push_back(name);
    }
    return keys;
  });
  binder.bind("values", [](const Dict& dict) {
    List values;
    for (const auto& [name, member] : dict) values.push_back(member);
    return values;
  });
  binder.bind("pick",
              [](const Dict& dict, const Rest<string>& keys) { return picked(dict, keys, true); });
  binder.bind("omit",
              [](const Dict& dict, const Rest<string>& keys) { return picked(dict, keys, false); });
  binder.bind("dig", dig);
  add_merges(binder);
  binder.bind("deepCopy", [](const Value& value) -> Result<Value> {
    if (is_nil_interface(value)) {
      return go_error("reflect: call of reflect.Value.Type on zero Value");
    }
    return DeepCopy().of(value);
  });
  binder.alias("mustDeepCopy", "deepCopy");
}

}  // namespace sluice::tmpl
