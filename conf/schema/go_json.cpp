#include "conf/schema/go_json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "rules/base/hex.h"
#include "rules/base/json.h"
#include "rules/base/utf8.h"

namespace sluice::schema {
namespace {

using nlohmann::json;

void write_byte(std::string& out, char c, Html html) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      if (static_cast<unsigned char>(c) < 0x20 ||
          (html == Html::Escape && (c == '<' || c == '>' || c == '&'))) {
        append_hex(out += "\\u", static_cast<unsigned char>(c), 4);
      } else {
        out += c;
      }
  }
}

/// What `omitempty` leaves out; a struct never, which quantities are too.
bool empty(const json* value, const Type& type) {
  if (value == nullptr || value->is_null()) {
    return type.kind != Kind::Struct && type.kind != Kind::Quantity &&
           type.kind != Kind::IntOrString;
  }
  switch (type.kind) {
    case Kind::Pointer:
    case Kind::Struct:
    case Kind::Quantity:
    case Kind::IntOrString:
      return false;
    case Kind::List:
    case Kind::Map:
      return value->empty();
    default:
      return *value == "" || *value == 0 || *value == false;
  }
}

void write_members(std::string& out, const json* value, const Type& type, bool& first) {
  for (const Field& field : type.fields) {
    if (embedded(field)) {
      write_members(out, value, *field.type, first);
      continue;
    }
    const json* inside = value == nullptr ? nullptr : member(*value, field.json);
    if (!is_written(field, inside)) continue;
    out += first ? "" : ",";
    first = false;
    write_go_string(out, field.json);
    out += ':';
    write_go_json(out, inside, *field.type);
  }
}

void write_zero(std::string& out, const Type& type) {
  switch (type.kind) {
    case Kind::String:
      out += "\"\"";
      break;
    case Kind::Quantity:
      out += "\"0\"";
      break;
    case Kind::Bool:
      out += "false";
      break;
    case Kind::Int:
    case Kind::Float:
    case Kind::IntOrString:
      out += '0';
      break;
    default:
      out += "null";
      break;
  }
}

void write_list(std::string& out, const json& list, const Type& element) {
  out += '[';
  for (const json& value : list) {
    if (&value != &list.front()) out += ',';
    write_go_json(out, &value, element);
  }
  out += ']';
}

void write_map(std::string& out, const json& map, const Type& element) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : map.get_ref<const json::object_t&>()) {
    out += first ? "" : ",";
    first = false;
    write_go_string(out, key);
    out += ':';
    write_go_json(out, &value, element);
  }
  out += '}';
}

}  // namespace

bool is_written(const Field& field, const json* value) {
  return field.always || !empty(value, *field.type);
}

void write_go_string(std::string& out, std::string_view text, Html html) {
  out += '"';
  while (!text.empty()) {
    const std::string_view from = text;
    const Rune rune = take_rune(text);
    if (rune.broken()) {
      out += "\\ufffd";
    } else if (rune.size == 1) {
      write_byte(out, from.front(), html);
    } else if (rune.value == 0x2028 || rune.value == 0x2029) {
      append_hex(out += "\\u", rune.value, 4);
    } else {
      out += from.substr(0, rune.size);
    }
  }
  out += '"';
}

void write_go_float(std::string& out, double value) {
  std::array<char, 400> buffer{};
  const auto written = [&](std::chars_format format) {
    return std::string(buffer.data(),
                       std::to_chars(buffer.begin(), buffer.end(), value, format).ptr);
  };
  const double size = std::abs(value);
  std::string scientific = written(std::chars_format::scientific);
  if (size != 0 && (size < 1e-6 || size >= 1e21)) {
    if (scientific.ends_with("e-0" + scientific.substr(scientific.size() - 1))) {
      scientific.erase(scientific.size() - 2, 1);
    }
    out += scientific;
    return;
  }
  const std::string fixed = written(std::chars_format::fixed);
  constexpr double Exact = 9007199254740992.0;
  if (size <= Exact) {
    out += fixed;
    return;
  }
  // The shortest digits that read back the same, filled up with zeros to the point.
  scientific.erase(scientific.find('e'));
  std::erase(scientific, '.');
  scientific.resize(fixed.size(), '0');
  out += scientific;
}

void drop_zero_values(json& value, const Type& type) {
  if (type.kind == Kind::Pointer) return drop_zero_values(value, *type.element);
  if (type.element != nullptr && value.is_structured()) {
    for (json& element : value) drop_zero_values(element, *type.element);
  }
  if (type.kind != Kind::Struct || !value.is_object()) return;
  for (auto at = value.begin(); at != value.end();) {
    const Field* field = field_by_json(type, at.key());
    if (field == nullptr) {
      ++at;
    } else if (at->is_null() || !is_written(*field, &*at)) {
      at = value.erase(at);
    } else {
      drop_zero_values(*at++, *field->type);
    }
  }
}

void write_go_json(std::string& out, const json* value, const Type& type) {
  if (type.kind == Kind::Struct) {
    bool first = true;
    out += '{';
    write_members(out, value, type, first);
    out += '}';
  } else if (value == nullptr || value->is_null()) {
    write_zero(out, type);
  } else if (type.kind == Kind::Pointer) {
    write_go_json(out, value, *type.element);
  } else if (value->is_string()) {
    write_go_string(out, value->get_ref<const std::string&>());
  } else if (value->is_array()) {
    write_list(out, *value, type.element == nullptr ? kAny : *type.element);
  } else if (value->is_object()) {
    write_map(out, *value, type.element == nullptr ? kAny : *type.element);
  } else if (value->is_number() && (type.kind == Kind::Any || value->is_number_float())) {
    write_go_float(out, value->get<double>());
  } else {
    out += value->dump();
  }
}

}  // namespace sluice::schema
