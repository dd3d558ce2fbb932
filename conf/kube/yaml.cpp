#include "conf/kube/yaml.h"

#include <charconv>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace sluice::kube {
namespace {

using nlohmann::json;

constexpr int kGreatestDepth = 200;

std::optional<bool> as_bool(const std::string& text) {
  for (const char* yes :
       {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"}) {
    if (text == yes) return true;
  }
  for (const char* no :
       {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

template <class Number>
std::optional<Number> as_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (const auto boolean = as_bool(text)) return *boolean;
  if (const auto integer = as_number<std::int64_t>(text)) return *integer;
  // from_chars would take "inf" and "nan" too, which JSON cannot hold.
  const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  if (numeric) {
    if (const auto real = as_number<double>(text)) return *real;
  }
  return text;
}

json convert(const YAML::Node& node, int depth) {
  if (depth > kGreatestDepth) throw YAML::Exception(node.Mark(), "nested too deeply");
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return {};
    case YAML::NodeType::Scalar:
      // yaml-cpp tags quoted scalars "!" and plain ones "?".
      if (node.Tag() == "?") return plain_scalar(node.Scalar());
      return node.Scalar();
    case YAML::NodeType::Sequence: {
      json list = json::array();
      for (const YAML::Node& item : node) list.push_back(convert(item, depth + 1));
      return list;
    }
    case YAML::NodeType::Map: {
      json object = json::object();
      for (const auto& member : node) {
        const std::string key = member.first.Scalar();
        if (object.contains(key)) {
          throw YAML::Exception(member.first.Mark(), "key \"" + key + "\" is given twice");
        }
        object[key] = convert(member.second, depth + 1);
      }
      return object;
    }
  }
  return {};
}

/// JSON in which no object has a key twice and nothing is nested too deeply; discarded otherwise.
json parse_unambiguous(const std::string& text) {
  std::vector<std::set<std::string>> keys;
  bool good = true;
  json document = json::parse(
      text,
      [&](int depth, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end) keys.pop_back();
        if (event == json::parse_event_t::key) {
          good = good && keys.back().insert(parsed.get<std::string>()).second;
        }
        good = good && depth <= kGreatestDepth;
        return true;
      },
      false);
  return good ? document : json(json::value_t::discarded);
}

}  // namespace

Result<json> yaml_to_json(const std::string& text) {
  // JSON is YAML, and a parser of its own spares yaml-cpp, which takes an eighth of an ADD's
  // instructions for a kubeconfig. Whatever is wrong with the text, yaml-cpp says where.
  if (text.starts_with('{')) {
    json document = parse_unambiguous(text);
    if (!document.is_discarded()) return document;
  }
  try {
    return convert(YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    std::string where;
    if (!error.mark.is_null()) {
      where = " at line " + std::to_string(error.mark.line + 1) + ", column " +
              std::to_string(error.mark.column + 1);
    }
    return fail(Errc::Malformed, "not YAML" + where + ": " + error.msg);
  }
}

}  // namespace sluice::kube
