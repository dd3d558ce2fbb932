// sprig's functions on lists. They make new lists and leave those that they are given.

#include <algorithm>
#include <cmath>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/cast.h"
#include "injector/template/functions/text.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using std::string;

/// The elements, or Go's error: nil has no type to ask, and `refusal` names another kind.
Result<List> elements_of(const Value& value, std::string_view refusal) {
  if (is_nil_interface(value)) {
    return go_error("runtime error: invalid memory address or nil pointer dereference");
  }
  if (shape_of(value) != Shape::Slice) {
    return go_error(string(refusal) + " " + string(kind_of(value)));
  }
  if (length_of(value).value_or(0) > kMostElements) return too_large();
  return value.elements().value_or(List{});
}

/// Every function of lists exists twice in sprig: alone it panics, as must... it returns an error.
/// To a template both are the same error.
template <class F>
void bind_both(Binder& binder, std::string_view name, std::string_view must, F function) {
  binder.bind(name, std::move(function));
  binder.alias(must, name);
}

/// Go's nil slice where a list without elements would lose one.
Value list_or_nil(const List& list, std::ptrdiff_t from, std::ptrdiff_t dropped_at_end) {
  if (list.empty()) return nil_list();
  return List(list.begin() + from, list.end() - dropped_at_end);
}

Result<Value> element(const Value& value, std::string_view refusal, bool last) {
  ASSIGN_OR_RETURN(const List list, elements_of(value, refusal));
  if (list.empty()) return Value(Value::Nil{});
  return last ? list.back() : list.front();
}

Result<bool> contains(const List& list, const Value& wanted) {
  for (const Value& item : list) {
    ASSIGN_OR_RETURN(const bool equal, deep_equal(wanted, item));
    if (equal) return true;
  }
  return false;
}

/// Comparing each with each takes time by the square of the number.
bool too_many_pairs(std::size_t a, std::size_t b) {
  return a * b > 4'000'000;
}

Result<Value> unique(const Value& value) {
  ASSIGN_OR_RETURN(const List list, elements_of(value, "Cannot find uniq on type"));
  if (too_many_pairs(list.size(), list.size())) return too_large();
  List kept;
  for (const Value& item : list) {
    ASSIGN_OR_RETURN(const bool known, contains(kept, item));
    if (!known) kept.push_back(item);
  }
  return Value(std::move(kept));
}

Result<Value> without(const Value& value, const Rest<Value>& unwanted) {
  ASSIGN_OR_RETURN(const List list, elements_of(value, "Cannot find without on type"));
  if (too_many_pairs(list.size(), unwanted.items.size())) return too_large();
  List kept;
  for (const Value& item : list) {
    ASSIGN_OR_RETURN(const bool drop, contains(unwanted.items, item));
    if (!drop) kept.push_back(item);
  }
  return Value(std::move(kept));
}

Result<Value> has(const Value& needle, const Value& haystack) {
  if (is_nil_interface(haystack)) return Value(false);
  ASSIGN_OR_RETURN(const List list, elements_of(haystack, "Cannot find has on type"));
  ASSIGN_OR_RETURN(const bool found, contains(list, needle));
  return Value(found);
}

Result<Value> sliced(const Value& value, const Rest<Value>& bounds) {
  ASSIGN_OR_RETURN(const List list,
                   elements_of(value, "list should be type of slice or array but"));
  if (list.empty()) return Value(Value::Nil{});
  const auto size = static_cast<std::int64_t>(list.size());
  const std::int64_t from = bounds.items.empty() ? 0 : to_int64(bounds.items[0]);
  const std::int64_t to = bounds.items.size() < 2 ? size : to_int64(bounds.items[1]);
  if (from < 0 || from > to || to > size) {
    return go_error("reflect.Value.Slice: slice index out of bounds");
  }
  return Value(List(list.begin() + from, list.begin() + to));
}

Result<Value> chunks(std::int64_t size, const Value& value) {
  ASSIGN_OR_RETURN(const List list, elements_of(value, "Cannot chunk type"));
  if (size <= 0) {
    // Go computes the number of chunks in floating point: small lists get away with a negative
    // size.
    const auto last = static_cast<std::int64_t>(list.size()) - 1;
    if (size < -1 && last == 0) return Value(List{Value(list)});
    if (size < 0 && last > 0 && last + size <= 0) return Value(List{});
    return go_error("runtime error: makeslice: len out of range");
  }
  List made;
  for (std::size_t at = 0; at < list.size(); at += static_cast<std::size_t>(size)) {
    const std::size_t end = std::min(list.size(), at + static_cast<std::size_t>(size));
    made.emplace_back(List(list.begin() + static_cast<std::ptrdiff_t>(at),
                           list.begin() + static_cast<std::ptrdiff_t>(end)));
  }
  return Value(std::move(made));
}

Result<Value> concatenated(const Rest<Value>& lists) {
  if (lists.items.empty()) return nil_list();
  List all;
  for (const Value& value : lists.items) {
    if (!is_nil_interface(value) && shape_of(value) != Shape::Slice) {
      return go_error("Cannot concat type " + string(kind_of(value)) + " as list");
    }
    ASSIGN_OR_RETURN(const List list, elements_of(value, ""));
    if (all.size() + list.size() > kMostElements) return too_large();
    all.insert(all.end(), list.begin(), list.end());
  }
  return all.empty() ? nil_list() : Value(std::move(all));
}

void add_ends(Binder& binder) {
  bind_both(binder, "first", "mustFirst",
            [](const Value& list) { return element(list, "Cannot find first on type", false); });
  bind_both(binder, "last", "mustLast",
            [](const Value& list) { return element(list, "Cannot find last on type", true); });
  bind_both(binder, "rest", "mustRest", [](const Value& value) -> Result<Value> {
    ASSIGN_OR_RETURN(const List list, elements_of(value, "Cannot find rest on type"));
    return list_or_nil(list, 1, 0);
  });
  bind_both(binder, "initial", "mustInitial", [](const Value& value) -> Result<Value> {
    ASSIGN_OR_RETURN(const List list, elements_of(value, "Cannot find initial on type"));
    return list_or_nil(list, 0, 1);
  });
  bind_both(binder, "append", "mustAppend",
            [](const Value& value, const Value& item) -> Result<Value> {
              ASSIGN_OR_RETURN(List list, elements_of(value, "Cannot push on type"));
              list.push_back(item);
              return Value(std::move(list));
            });
  binder.alias("push", "append").alias("mustPush", "append");
  bind_both(binder, "prepend", "mustPrepend",
            [](const Value& value, const Value& item) -> Result<Value> {
              ASSIGN_OR_RETURN(List list, elements_of(value, "Cannot prepend on type"));
              list.insert(list.begin(), item);
              return Value(std::move(list));
            });
}

}  // namespace

void add_lists(FunctionTable& table) {
  Binder binder(table);
  binder.bind("list", [](const Rest<Value>& items) {
    return items.items.empty() ? Value(List{}) : Value(items.items);
  });
  binder.alias("tuple", "list");
  add_ends(binder);
  bind_both(binder, "reverse", "mustReverse", [](const Value& value) -> Result<Value> {
    ASSIGN_OR_RETURN(List list, elements_of(value, "Cannot find reverse on type"));
    std::reverse(list.begin(), list.end());
    return Value(std::move(list));
  });
  bind_both(binder, "compact", "mustCompact", [](const Value& value) -> Result<Value> {
    ASSIGN_OR_RETURN(List list, elements_of(value, "Cannot compact on type"));
    std::erase_if(list, [](const Value& item) { return !item.truth(); });
    return Value(std::move(list));
  });
  bind_both(binder, "uniq", "mustUniq", unique);
  bind_both(binder, "without", "mustWithout", without);
  bind_both(binder, "has", "mustHas", has);
  bind_both(binder, "slice", "mustSlice", sliced);
  bind_both(binder, "chunk", "mustChunk", chunks);
  binder.bind("concat", concatenated);
  binder.bind("sortAlpha", [](const Value& value) {
    Strings texts = shape_of(value) == Shape::Slice ? texts_of(value) : Strings{text_of(value)};
    std::sort(texts.begin(), texts.end());
    return texts;
  });
}

}  // namespace sluice::tmpl
