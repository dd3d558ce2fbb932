#include "injector/pod/json_text.h"

#include <nlohmann/json.hpp>

#include "rules/base/json.h"

namespace sluice::injector {

using nlohmann::json;

void write_json_string(std::string& out, std::string_view text) {
  out += '"';
  const char* from = text.data();
  const char* const end = from + text.size();
  for (;;) {
    const char* const at = plain_end(from, end);
    out.append(from, at);
    if (at == end) break;
    if (*at == '"' || *at == '\\') {
      out += '\\';
      out += *at;
    } else if (*at == '\n') {
      out += "\\n";
    } else {
      // Rare enough to leave the rest of the string to the library.
      const std::string rest = dump_compact(std::string(at, end));
      out.append(rest, 1);
      return;
    }
    from = at + 1;
  }
  out += '"';
}

void write_json(std::string& out, const json& value) {
  if (value.is_object()) {
    char before = '{';
    for (const auto& [key, member] : value.get_ref<const json::object_t&>()) {
      out += before;
      write_json_string(out, key);
      out += ':';
      write_json(out, member);
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
  } else if (value.is_array()) {
    char before = '[';
    for (const json& element : value) {
      out += before;
      write_json(out, element);
      before = ',';
    }
    out += before == '[' ? "[]" : "]";
  } else if (value.is_string()) {
    write_json_string(out, value.get_ref<const std::string&>());
  } else {
    out += value.dump();
  }
}

}  // namespace sluice::injector
