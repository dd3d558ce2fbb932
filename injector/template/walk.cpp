#include "injector/template/walk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "injector/template/print.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using schema::Kind;

bool absent(const json* value) {
  return value == nullptr || value->is_null();
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Shape shape_of_view(const View& view) {
  switch (view.type->kind) {
    case Kind::Any:
      return view.json->is_array() ? Shape::Slice : Shape::Map;
    case Kind::List:
      return Shape::Slice;
    case Kind::Map:
      return Shape::Map;
    case Kind::Enum:
    case Kind::Int:
      return Shape::Int;
    case Kind::Message:
    case Kind::Pointer:
    case Kind::Wrapper:
    case Kind::Duration:
    case Kind::OneOf:
      return Shape::Pointer;
    default:
      return Shape::Struct;
  }
}

/// time.Time's own form of an RFC 3339 time, which the API always gives in UTC.
std::string time_text(const json* value) {
  if (absent(value) || !value->is_string()) return "0001-01-01 00:00:00 +0000 UTC";
  std::string text = value->get<std::string>();
  if (const auto at = text.find('T'); at != std::string::npos) text[at] = ' ';
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " +0000 UTC");
  return text;
}

std::string duration_text(const View& view) {
  const SecondsAndNanos parts = parts_of_duration(view);
  std::string out;
  if (parts.seconds != 0) out = "seconds:" + std::to_string(parts.seconds);
  if (parts.seconds != 0 && parts.nanos != 0) out += ' ';
  if (parts.nanos != 0) out += "nanos:" + std::to_string(parts.nanos);
  return out;
}

std::string proto_text(const Value& value);

/// What is zero is not written, not even in a wrapper.
std::string wrapper_text(const View& view) {
  const Value value = Value::view(view.json, element_type(*view.type));
  return value.truth() ? "value:" + proto_text(value) : "";
}

std::string snake_case(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') out += '_';
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  return out;
}

std::string message_text(const View& view);

/// Protobuf's text format of one field's value.
std::string proto_text(const Value& value) {
  if (const auto* text = value.string()) return quote(*text);
  const auto* view = std::get_if<View>(&value.held());
  if (view != nullptr && view->type->kind == Kind::Message) return "{" + message_text(*view) + "}";
  if (view != nullptr && shape_of(value) == Shape::Pointer) {
    return "{" + text_of_named(*view).value_or("") + "}";
  }
  return value.print();
}

/// On one line; fields that are not set are left out.
std::string message_text(const View& view) {
  std::string out;
  const auto append = [&](std::string_view json_name, const std::string& text) {
    if (!out.empty()) out += ' ';
    out += snake_case(json_name) + ":" + text;
  };
  for (const schema::Field& field : view.type->fields) {
    const json* member = member_of(view.json, field.json);
    if (absent(member)) continue;
    const Value value = Value::view(member, *field.type);
    const Shape shape = shape_of(value);
    if (shape == Shape::Slice) {
      each_element(value, [&](const Value& item) { append(field.json, proto_text(item)); });
    } else if (shape == Shape::Map) {
      each_member(value, [&](const std::string& key, const Value& item) {
        append(field.json, "{key:" + quote(key) + " value:" + proto_text(item) + "}");
      });
    } else {
      append(field.json, proto_text(value));
    }
  }
  return out;
}

}  // namespace

Shape shape_of(const Value& value) {
  static constexpr std::array<Shape, 8> ByIndex{Shape::Invalid, Shape::Nil,   Shape::Bool,
                                                Shape::Int,     Shape::Float, Shape::String,
                                                Shape::Slice,   Shape::Map};
  const auto* view = std::get_if<View>(&value.held());
  return view == nullptr ? ByIndex[value.held().index()] : shape_of_view(*view);
}

std::optional<std::size_t> length_of(const Value& value) {
  if (const auto* text = value.string()) return text->size();
  if (const auto* list = std::get_if<std::shared_ptr<List>>(&value.held())) return (*list)->size();
  if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&value.held())) return (*dict)->size();
  const auto* view = std::get_if<View>(&value.held());
  if (view == nullptr) return std::nullopt;
  const Shape shape = shape_of_view(*view);
  if (shape != Shape::Slice && shape != Shape::Map) return std::nullopt;
  const json* inside = content(*view);
  return inside == nullptr ? 0 : inside->size();
}

SecondsAndNanos parts_of_duration(const View& view) {
  if (absent(view.json) || !view.json->is_string()) return {};
  const double seconds = std::strtod(view.json->get_ref<const std::string&>().c_str(), nullptr);
  const double whole = std::trunc(seconds);
  return {static_cast<std::int64_t>(whole),
          static_cast<std::int64_t>(std::round((seconds - whole) * 1e9))};
}

std::optional<std::string> text_of_named(const View& view) {
  switch (view.type->kind) {
    case Kind::Enum:
      if (!absent(view.json)) return text_of(*view.json);
      return std::string(view.type->enumerators.empty() ? "" : view.type->enumerators.front());
    case Kind::Quantity:
    case Kind::IntOrString:
      return absent(view.json) ? "0" : text_of(*view.json);
    case Kind::Time:
      return time_text(view.json);
    case Kind::Duration:
      return absent(view.json) ? "<nil>" : duration_text(view);
    case Kind::Wrapper:
      return absent(view.json) ? "<nil>" : wrapper_text(view);
    case Kind::Message:
      return absent(view.json) ? "<nil>" : message_text(view);
    case Kind::Struct:
    case Kind::Int:
      if (const schema::Field* method = schema::method_by_name(*view.type, "String")) {
        return text_of(*member_of(view.json, *method));
      }
      return std::nullopt;
    case Kind::OneOf:
      if (const schema::Field* field = chosen(view)) {
        return "&{" + Value::view(member_of(view.json, *field), *field->type).print() + "}";
      }
      return "<nil>";
    default:
      return std::nullopt;
  }
}

const schema::Field* chosen(const View& view) {
  const auto at = std::ranges::find_if(view.type->fields, [&](const schema::Field& field) {
    return !absent(member_of(view.json, field));
  });
  return at == view.type->fields.end() ? nullptr : &*at;
}

std::int64_t named_number(const View& view) {
  if (view.type->kind == Kind::Int) return view.json->at(kNumber).get<std::int64_t>();
  const auto& names = view.type->enumerators;
  const auto at = std::find(names.begin(), names.end(), text_of_named(view).value_or(""));
  return at == names.end() ? -1 : at - names.begin();
}

}  // namespace sluice::tmpl
