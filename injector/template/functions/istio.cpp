// Istio's own functions on strings, maps and JSON. Some replace sprig's of the same name.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "conf/kube/yaml_write.h"
#include "injector/template/functions/bind.h"
#include "injector/template/functions/go_json.h"
#include "injector/template/functions/letters.h"
#include "injector/template/functions/text.h"
#include "injector/template/walk.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using std::string;

/// As sprig's, but for the first line, which stays where it is.
Result<string> indented(std::int64_t spaces, const string& text) {
  // Go's %-*s: a negative width fills up on the other side of an empty text, which is the same.
  const auto bits = static_cast<std::uint64_t>(spaces);
  const std::uint64_t width = spaces < 0 ? ~bits + 1 : bits;
  if (width > kMostBytes) return too_large();
  return replace_all(text, "\n", "\n" + string(width, ' '));
}

/// YAML's readers take no control characters, so for these Istio gives an empty text.
bool has_control_characters(std::string_view text) {
  while (!text.empty()) {
    const char32_t rune = take_rune(text).value;
    if (rune == 0x7F || (rune >= 0x80 && rune < 0xA0 && rune != 0x85)) return true;
    if (rune == 0xFFFE || rune == 0xFFFF) return true;
  }
  return false;
}

/// As sigs.k8s.io/yaml, which marshals JSON and reads it as YAML.
Result<string> to_yaml_text(const Value& value) {
  ASSIGN_OR_RETURN(const string text, text_or(to_json_text(value), ""));
  if (has_control_characters(text)) return string();
  const json document = json::parse(text, nullptr, false);
  return document.is_discarded() ? string() : kube::to_yaml(document);
}

Result<string> marshal_or_braces(const Value& value) {
  if (is_nil_interface(value)) return string("{}");
  return text_or(to_json_text(value), "{}");
}

Result<string> marshal_map(const Value& map) {
  if (map.nil() || is_nil_interface(map)) return string("{}");
  return to_json_text(map);
}

string exclude_port(const Value& port, const string& ports) {
  const string wanted(trim_space(port.print()));
  if (wanted.empty() || wanted == "0") return ports;
  string out;
  for (const string& item : split(ports, ",").value_or(Strings{})) {
    if (item == wanted) return ports;
    const std::string_view trimmed = trim_space(item);
    if (!trimmed.empty()) out += string(trimmed) + ",";
  }
  return out + wanted;
}

/// Lists and maps without what is nil in them; nil itself if nothing is left. What has no nil in it
/// is not copied.
class OmitNil {
 public:
  Result<Value> from(const Value& value) {
    Value kept = without(value, 0);
    if (too_large_) return too_large();
    return kept;
  }

 private:
  Value without(const Value& value, int depth) {
    constexpr int Deepest = 200;
    if (depth > Deepest || ++steps_ > kMostElements) too_large_ = true;
    if (too_large_ || is_nil_interface(value)) return Value::Nil{};
    const string type = value.type_name();
    if (type == "map[string]interface {}") return of_map(value, depth);
    if (type == "[]interface {}") return of_list(value, depth);
    return value;
  }

  Value of_map(const Value& value, int depth) {
    Dict dict;
    const bool changed = changed_by([&] {
      each_member(value, [&](const string& name, const Value& member) {
        Value kept = without(member, depth + 1);
        note(kept);
        if (!is_nil_interface(kept)) dict.emplace(name, std::move(kept));
      });
    });
    if (!changed) return value;
    return dict.empty() ? Value(Value::Nil{}) : Value(std::move(dict));
  }

  Value of_list(const Value& value, int depth) {
    List list;
    const bool changed = changed_by([&] {
      each_element(value, [&](const Value& item) {
        Value kept = without(item, depth + 1);
        note(kept);
        if (!is_nil_interface(kept)) list.push_back(std::move(kept));
      });
    });
    if (!changed) return value;
    return list.empty() ? Value(Value::Nil{}) : Value(std::move(list));
  }

  /// Whether a nil was left out anywhere below.
  template <class F>
  bool changed_by(F visit) {
    const std::size_t before = omitted_;
    visit();
    return omitted_ != before;
  }
  void note(const Value& kept) { omitted_ += is_nil_interface(kept) ? 1U : 0U; }

  std::size_t steps_ = 0;
  std::size_t omitted_ = 0;
  bool too_large_ = false;
};

StringMap merged(const Rest<StringMap>& maps) {
  StringMap all;
  for (const StringMap& map : maps.items) {
    for (const auto& [name, value] : map) all.insert_or_assign(name, value);
  }
  return all;
}

StringMap string_dict(const Rest<string>& parts) {
  StringMap dict;
  for (std::size_t i = 0; i < parts.items.size(); i += 2) {
    dict.insert_or_assign(parts.items[i], i + 1 < parts.items.size() ? parts.items[i + 1] : "");
  }
  return dict;
}

StringMap without(const StringMap& map, const Rest<string>& keys) {
  StringMap rest = map;
  for (const string& key : keys.items) rest.erase(key);
  return rest;
}

void add_json_and_yaml(Binder& binder) {
  binder.bind("toJSON", [](const StringMapRef& map) { return marshal_map(map.value); });
  binder.bind("fromJSON", [](const string& text) {
    JsonRead read = from_json_text(text);
    return read.error.empty() ? std::move(read.value) : Value("{}");
  });
  binder.bind("structToJSON", marshal_or_braces);
  binder.bind("toYaml", to_yaml_text);
  binder.bind("toJsonMap", [](const Rest<StringMap>& maps) {
    return maps.items.empty() ? Result<string>("null") : to_json_text(made(merged(maps)));
  });
}

void add_maps(Binder& binder) {
  binder.bind("isset", [](const StringMapRef& map, const string& key) {
    return member_at(map.value, key).has_value();
  });
  binder.bind("omit", without);
  binder.bind("strdict", string_dict);
  binder.bind("mergeMaps", [](const Rest<StringMap>& maps) {
    return maps.items.empty() ? nil_string_map() : made(merged(maps));
  });
  binder.bind("omitNil", [](const Value& value) { return OmitNil().from(value); });
}

}  // namespace

void add_istio(FunctionTable& table) {
  Binder binder(table);
  add_json_and_yaml(binder);
  add_maps(binder);
  binder.bind("contains", [](const string& part, const string& text) {
    return text.find(part) != string::npos;
  });
  binder.bind("toLower", [](const string& text) { return map_runes(text, to_lower); });
  binder.bind("indent", indented);
  binder.bind("directory", [](const string& path) { return path.substr(0, path.rfind('/') + 1); });
  // The environment of whoever renders is no business of a pod.
  binder.bind("env", [](const string&, const string& otherwise) { return otherwise; });
  binder.bind("valueOrDefault", [](const Value& value, const Value& otherwise) {
    const bool empty = value.string() != nullptr && value.string()->empty();
    return empty || is_nil_interface(value) ? otherwise : value;
  });
  binder.bind("excludeInboundPort", exclude_port);
  for (const char* name : {"kubevirtInterfaces", "excludeInterfaces"}) {
    binder.bind(name, [](const string& interfaces) { return interfaces; });
  }
}

}  // namespace sluice::tmpl
