#include "conf/schema/type.h"

#include <algorithm>

namespace sluice::schema {
namespace {

template <class Name>
const Field* find(const Type& type, Name name, std::string_view wanted) {
  // Few fields, and names that differ in length or first letter: no index would be quicker.
  const auto at = std::find_if(type.fields.begin(), type.fields.end(),
                               [&](const Field& field) { return field.*name == wanted; });
  if (at != type.fields.end()) return &*at;
  for (const Field& field : type.fields) {
    if (!embedded(field)) continue;
    if (const Field* inner = find(*field.type, name, wanted)) return inner;
  }
  return nullptr;
}

}  // namespace

const Field* field_by_json(const Type& type, std::string_view json) {
  return json.empty() ? nullptr : find(type, &Field::json, json);
}

const Field* field_by_name(const Type& type, std::string_view name) {
  return find(type, &Field::name, name);
}

const Field* method_by_name(const Type& type, std::string_view name) {
  const auto at = std::ranges::find(type.methods, name, &Field::name);
  return at == type.methods.end() ? nullptr : &*at;
}

constinit const Type kAny{.kind = Kind::Any, .name = "interface {}"};
constinit const Type kString{.kind = Kind::String, .name = "string"};
constinit const Type kBool{.kind = Kind::Bool, .name = "bool"};
constinit const Type kInt{.kind = Kind::Int, .name = "int64"};
constinit const Type kFloat{.kind = Kind::Float, .name = "float64"};
constinit const Type kStringMap{.kind = Kind::Map, .element = &kString};
constinit const Type kStringList{.kind = Kind::List, .element = &kString};

}  // namespace sluice::schema
