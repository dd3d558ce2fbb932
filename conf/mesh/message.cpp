#include "conf/mesh/message.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "conf/mesh/duration.h"
#include "conf/mesh/messages.h"
#include "rules/base/json.h"
#include "rules/policy/quoted.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;
using schema::Field;
using schema::Kind;
using schema::Type;

tl::unexpected<Error> misfit(std::string_view path, const json& value, std::string_view wanted) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return fail(Errc::Malformed, std::string(path) + ": " +
                                   (value.is_string() ? in_quotes(text) : text.substr(0, 100)) +
                                   " is not " + std::string(wanted));
}

std::string snake_case(std::string_view camel) {
  std::string name;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      name += '_';
      name += static_cast<char>(c | 0x20);
    } else {
      name += c;
    }
  }
  return name;
}

/// The value of `field` in `document` by either of its names, or nullptr.
const json* field_in(const json& document, const Field& field) {
  if (const json* value = member(document, field.json)) return value;
  std::string_view odd = odd_proto_name(field.json);
  const std::string name = odd.empty() ? snake_case(field.json) : std::string(odd);
  return member(document, name);
}

struct Range {
  std::int64_t least;
  std::int64_t most;
};

Range range_of(const Type& type) {
  if (type.name == "int32")
    return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  if (type.name == "uint32") return {0, std::numeric_limits<std::uint32_t>::max()};
  return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
}

/// A whole number, also as a string.
std::optional<std::int64_t> whole(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  const std::size_t digits = text.starts_with('-') ? 1 : 0;
  if (text.size() > digits + 1 && text[digits] == '0') return {};
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return {};
  return number;
}

Result<json> read_int(const json& value, const Type& type, std::string_view path) {
  if (value.is_null()) return json(0);
  const auto number = whole(value);
  const Range range = range_of(type);
  if (!number || *number < range.least || *number > range.most) {
    return misfit(path, value, "a whole number (" + std::string(type.name) + ")");
  }
  return json(*number);
}

Result<json> read_float(const json& value, std::string_view path) {
  if (value.is_null()) return json(0.0);
  if (value.is_number()) return json(value.get<double>());
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && stop == text.data() + text.size() && std::isfinite(number)) {
      return json(number);
    }
  }
  return misfit(path, value, "a number");
}

Result<json> read_enum(const json& value, const Type& type, std::string_view path) {
  if (value.is_null()) return json(type.enumerators.front());
  if (value.is_string()) {
    for (const std::string_view name : type.enumerators) {
      if (name == value.get_ref<const std::string&>()) return value;
    }
    return misfit(path, value,
                  "one of " + joined(std::vector<std::string>(type.enumerators.begin(),
                                                              type.enumerators.end()),
                                     ", "));
  }
  const auto number = whole(value);
  if (!number || *number != static_cast<std::int32_t>(*number)) {
    return misfit(path, value, "an enumerator");
  }
  const std::string_view name = enumerator(type, *number);
  return name.empty() ? json(*number) : json(name);
}

Result<json> read_duration(const json& value, std::string_view path) {
  const auto nanoseconds =
      value.is_string() ? parse_duration(value.get_ref<const std::string&>()) : std::nullopt;
  if (!nanoseconds) return misfit(path, value, "a duration like 10s");
  return json(duration_text(*nanoseconds));
}

Result<json> read_value(const json& value, const Type& type, std::string_view path);

Result<json> read_list(const json& value, const Type& element, std::string_view path) {
  if (!value.is_array()) return misfit(path, value, "a list");
  json list = json::array();
  for (const json& item : value) {
    ASSIGN_OR_RETURN(
        json read,
        read_value(item, element, std::string(path) + "[" + std::to_string(list.size()) + "]"));
    list.push_back(std::move(read));
  }
  return list;
}

Result<json> read_map(const json& value, const Type& element, std::string_view path) {
  if (!value.is_object()) return misfit(path, value, "a map");
  json map = json::object();
  for (const auto& [key, item] : value.items()) {
    ASSIGN_OR_RETURN(json read, read_value(item, element, std::string(path) + "." + key_name(key)));
    map[key] = std::move(read);
  }
  return map;
}

Result<json> read_value(const json& value, const Type& type, std::string_view path) {
  switch (type.kind) {
    case Kind::Bool:
      if (value.is_null()) return json(false);
      if (!value.is_boolean()) return misfit(path, value, "true or false");
      return value;
    case Kind::Int:
      return read_int(value, type, path);
    case Kind::Float:
      return read_float(value, path);
    case Kind::Enum:
      return read_enum(value, type, path);
    case Kind::Duration:
      return read_duration(value, path);
    case Kind::Wrapper:
      return read_value(value, *type.element, path);
    case Kind::List:
      return read_list(value, *type.element, path);
    case Kind::Map:
      return read_map(value, *type.element, path);
    case Kind::Message: {
      json message = json::object();
      if (value.is_null()) return message;
      RETURN_IF_ERROR(read_message(value, type, path, message));
      return message;
    }
    case Kind::Any:
      if (!value.is_object()) return misfit(path, value, "a map");
      return value;
    default:
      if (value.is_null()) return json("");
      if (!value.is_string()) return misfit(path, value, "a string");
      return value;
  }
}

/// Whether a field of `type` that holds `value` is as if it were not set.
bool is_unset(const json& value, const Type& type) {
  switch (type.kind) {
    case Kind::Bool:
      return !value.get<bool>();
    case Kind::Int:
    case Kind::Float:
      return value == 0;
    case Kind::String:
    case Kind::List:
    case Kind::Map:
      return value.is_string() ? value.get_ref<const std::string&>().empty() : value.empty();
    case Kind::Enum:
      return value == type.enumerators.front();
    default:
      return false;
  }
}

bool is_one_of_several(const Type& type, const Field& field) {
  return type.one_of != nullptr && schema::field_by_json(*type.one_of, field.json) != nullptr;
}

}  // namespace

Result<void> read_message(const json& document, const Type& type, std::string_view path,
                          json& message) {
  if (!document.is_object()) return misfit(path, document, "a map");
  for (const Field& field : type.fields) {
    const json* value = field_in(document, field);
    if (value == nullptr || value->is_null()) continue;
    ASSIGN_OR_RETURN(json read, read_value(*value, *field.type,
                                           std::string(path) + "." + std::string(field.json)));
    const bool one_of_several = is_one_of_several(type, field);
    if (one_of_several) {
      for (const Field& other : type.one_of->fields) message.erase(std::string(other.json));
    }
    if (!one_of_several && is_unset(read, *field.type)) {
      message.erase(std::string(field.json));
    } else {
      message[std::string(field.json)] = std::move(read);
    }
  }
  return {};
}

}  // namespace sluice::mesh
