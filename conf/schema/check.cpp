#include "conf/schema/check.h"

#include <nlohmann/json.hpp>

namespace sluice::schema {
namespace {

using nlohmann::json;

/// What a message calls a scalar kind.
const char* wanted(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return "true or false";
    case Kind::Int:
      return "a whole number";
    case Kind::Float:
      return "a number";
    case Kind::Quantity:
      return "a quantity";
    case Kind::IntOrString:
      return "a whole number or a string";
    default:
      return "a string";
  }
}

bool fits(const json& value, Kind kind) {
  switch (kind) {
    case Kind::Any:
      return true;
    case Kind::Bool:
      return value.is_boolean();
    case Kind::Int:
      return value.is_number_integer();
    case Kind::Float:
      return value.is_number();
    case Kind::Quantity:
      return value.is_string() || value.is_number();
    case Kind::IntOrString:
      return value.is_string() || value.is_number_integer();
    default:
      return value.is_string();
  }
}

tl::unexpected<Error> is_not(const std::string& path, const std::string& what, const json& value) {
  std::string shown = value.is_structured() ? value.type_name() : value.dump();
  if (shown.size() > 64) shown = shown.substr(0, 61) + "...";
  const bool quote = what == "a string" && value.is_primitive();
  return fail(Errc::Malformed,
              path + " is not " + what + ": " + shown + (quote ? " (quote it)" : ""));
}

Result<void> check_members(const json& object, const Type& type, const std::string& path) {
  for (const auto& [key, value] : object.items()) {
    const Type* inner = type.element;
    if (type.kind != Kind::Map) {
      const Field* field = field_by_json(type, key);
      if (field == nullptr) continue;
      inner = field->type;
    }
    const std::string name = type.kind == Kind::Map ? "[\"" + key + "\"]" : "." + key;
    RETURN_IF_ERROR(check_types(value, *inner, path + name));
  }
  return {};
}

}  // namespace

Result<void> check_types(const json& value, const Type& type, const std::string& path) {
  if (value.is_null()) return {};
  switch (type.kind) {
    case Kind::Pointer:
    case Kind::Wrapper:
      return check_types(value, *type.element, path);
    case Kind::List: {
      if (!value.is_array()) return is_not(path, "a list", value);
      std::size_t index = 0;
      for (const json& item : value) {
        RETURN_IF_ERROR(
            check_types(item, *type.element, path + "[" + std::to_string(index++) + "]"));
      }
      return {};
    }
    case Kind::Map:
    case Kind::Struct:
    case Kind::Message:
      if (!value.is_object()) return is_not(path, "a map", value);
      return check_members(value, type, path);
    default:
      if (fits(value, type.kind)) return {};
      return is_not(path, wanted(type.kind), value);
  }
}

}  // namespace sluice::schema
