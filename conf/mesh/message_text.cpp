#include <nlohmann/json.hpp>

#include "conf/mesh/message.h"
#include "conf/mesh/messages.h"
#include "conf/schema/go_json.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;
using schema::Field;
using schema::Kind;
using schema::Type;

void append_value(std::string& out, const json& value, const Type& type);

void append_message(std::string& out, const json& message, const Type& type) {
  out += '{';
  const char* comma = "";
  for (const Field& field : type.fields) {
    const auto at = message.find(field.json);
    if (at == message.end() || is_former_field(type, field.json)) continue;
    out += comma;
    schema::write_go_string(out, field.json);
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
      return schema::write_go_float(out, value.get<double>());
    case Kind::List:
    case Kind::Map: {
      out += type.kind == Kind::List ? '[' : '{';
      const char* comma = "";
      for (const auto& [key, item] : value.items()) {
        out += comma;
        if (type.kind == Kind::Map) {
          schema::write_go_string(out, key);
          out += ':';
        }
        append_value(out, item, *type.element);
        comma = ",";
      }
      out += type.kind == Kind::List ? ']' : '}';
      return;
    }
    default:
      return schema::write_go_json(out, &value, schema::kAny);
  }
}

}  // namespace

std::string message_text(const json& message, const Type& type) {
  std::string out;
  append_message(out, message, type);
  return out;
}

}  // namespace sluice::mesh
