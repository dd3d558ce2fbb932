#include "rules/base/json.h"

namespace sluice {
namespace {

using nlohmann::json;

const json& null() {
  static const json kNull;
  return kNull;
}

}  // namespace

const json& at_path(const json& document, JsonPath path) {
  const json* at = &document;
  for (const std::string_view name : path) {
    at = member(*at, name);
    if (at == nullptr) return null();
  }
  return *at;
}

const json& at_pointer(const json& document, std::string_view pointer) {
  const json::json_pointer where{std::string(pointer)};
  return document.contains(where) ? document.at(where) : null();
}

const std::string* string_at(const json& document, JsonPath path) {
  return at_path(document, path).get_ptr<const std::string*>();
}

std::string text_at(const json& document, JsonPath path) {
  const std::string* text = string_at(document, path);
  return text == nullptr ? std::string() : *text;
}

std::string dump_compact(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace sluice
