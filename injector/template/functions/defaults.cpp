// sprig's functions that choose between values, ask for their types, or give up.

#include <algorithm>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/text.h"

namespace sluice::tmpl {
namespace {

bool is_empty(const Value& value) {
  return !value.truth();
}

}  // namespace

void add_defaults(FunctionTable& table) {
  Binder binder(table);
  binder.bind("default", [](const Value& otherwise, const Rest<Value>& given) {
    return given.items.empty() || is_empty(given.items[0]) ? otherwise : given.items[0];
  });
  binder.bind("empty", is_empty);
  binder.bind("coalesce", [](const Rest<Value>& values) {
    for (const Value& value : values.items) {
      if (!is_empty(value)) return value;
    }
    return Value(Value::Nil{});
  });
  binder.bind("all", [](const Rest<Value>& values) {
    return std::none_of(values.items.begin(), values.items.end(), is_empty);
  });
  binder.bind("any", [](const Rest<Value>& values) {
    return !std::all_of(values.items.begin(), values.items.end(), is_empty);
  });
  binder.bind("ternary",
              [](const Value& yes, const Value& no, bool which) { return which ? yes : no; });
  binder.bind("fail",
              [](const std::string& message) -> Result<Value> { return go_error(message); });
}

void add_types(FunctionTable& table) {
  Binder binder(table);
  using std::string;
  binder.bind("typeOf", [](const Value& value) { return value.type_name(); });
  binder.bind("typeIs",
              [](const string& type, const Value& value) { return value.type_name() == type; });
  binder.bind("typeIsLike", [](const string& type, const Value& value) {
    const string name = value.type_name();
    return name == type || name == "*" + type;
  });
  binder.bind("kindOf", [](const Value& value) { return kind_of(value); });
  binder.bind("kindIs",
              [](const string& kind, const Value& value) { return kind_of(value) == kind; });
  binder.bind("deepEqual", deep_equal);
}

}  // namespace sluice::tmpl
