#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "conf/mesh/message.h"
#include "conf/mesh/messages.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;
using schema::Field;
using schema::Kind;
using schema::Type;

void append_escape(std::string& out, unsigned code) {
  constexpr std::string_view Digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += Digits[(code >> shift) & 0xFU];
}

/// A string as Go's encoding/json writes it: what HTML minds is escaped, and the two line
/// separators that JavaScript minds.
void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) {
      append_escape(out, rest[2] == '\xa8' ? 0x2028 : 0x2029);
      at += 2;
      continue;
    }
    switch (c) {
      case '"':
      case '\\':
        (out += '\\') += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '<':
      case '>':
      case '&':
        append_escape(out, static_cast<unsigned char>(c));
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          append_escape(out, static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

/// A float64 as Go's encoding/json writes it: without an exponent where that is readable, and an
/// exponent without a leading zero.
void append_float(std::string& out, double value) {
  std::array<char, 400> buffer{};
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  std::string text(buffer.data(), end);
  const std::size_t size_of = text.size();
  if (!plain && size_of >= 4 && text[size_of - 4] == 'e' && text[size_of - 3] == '-' &&
      text[size_of - 2] == '0') {
    text.erase(size_of - 2, 1);
  }
  out += text;
}

void append_any(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      out += '{';
      const char* comma = "";
      for (const auto& [key, item] : value.items()) {
        out += comma;
        append_string(out, key);
        out += ':';
        append_any(out, item);
        comma = ",";
      }
      out += '}';
      return;
    }
    case json::value_t::array: {
      out += '[';
      const char* comma = "";
      for (const json& item : value) {
        out += comma;
        append_any(out, item);
        comma = ",";
      }
      out += ']';
      return;
    }
    case json::value_t::string:
      append_string(out, value.get_ref<const std::string&>());
      return;
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      append_float(out, value.get<double>());
      return;
    default:
      out += value.dump();
  }
}

void append_value(std::string& out, const json& value, const Type& type);

void append_message(std::string& out, const json& message, const Type& type) {
  out += '{';
  const char* comma = "";
  for (const Field& field : type.fields) {
    const auto at = message.find(field.json);
    if (at == message.end() || is_former_field(type, field.json)) continue;
    out += comma;
    append_string(out, field.json);
    out += ':';
    append_value(out, *at, *field.type);
    comma = ",";
  }
  out += '}';
}

void append_value(std::string& out, const json& value, const Type& type) {
  switch (type.kind) {
    case Kind::Message:
      return append_message(out, value, type);
    case Kind::Wrapper:
      return append_value(out, value, *type.element);
    case Kind::Int:
      // Only int64 exceeds what a JavaScript number holds.
      out += type.name == "int64" ? '"' + value.dump() + '"' : value.dump();
      return;
    case Kind::Float:
      return append_float(out, value.get<double>());
    case Kind::List:
    case Kind::Map: {
      out += type.kind == Kind::List ? '[' : '{';
      const char* comma = "";
      for (const auto& [key, item] : value.items()) {
        out += comma;
        if (type.kind == Kind::Map) {
          append_string(out, key);
          out += ':';
        }
        append_value(out, item, *type.element);
        comma = ",";
      }
      out += type.kind == Kind::List ? ']' : '}';
      return;
    }
    default:
      return append_any(out, value);
  }
}

}  // namespace

std::string message_text(const json& message, const Type& type) {
  std::string out;
  append_message(out, message, type);
  return out;
}

}  // namespace sluice::mesh
