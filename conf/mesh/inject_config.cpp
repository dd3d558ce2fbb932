#include "conf/mesh/inject_config.h"

#include <algorithm>

#include "conf/kube/yaml.h"
#include "conf/mesh/proxy_config.h"
#include "rules/base/json.h"
#include "rules/policy/quoted.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;

constexpr const char* Sidecar = "sidecar";

tl::unexpected<Error> misfit(const std::string& field, const json& value, const char* wanted) {
  return fail(Errc::Malformed, "injection config: " + field + ": " + value.dump().substr(0, 100) +
                                   " is not " + wanted);
}

Result<std::vector<std::string>> strings(const json& value, const std::string& field) {
  std::vector<std::string> list;
  if (value.is_null()) return list;
  if (!value.is_array()) return misfit(field, value, "a list of strings");
  for (const json& item : value) {
    if (!item.is_string()) return misfit(field, item, "a string");
    list.push_back(item);
  }
  return list;
}

Result<std::map<std::string, std::string>> string_map(const json& value, const std::string& field) {
  std::map<std::string, std::string> map;
  if (value.is_null()) return map;
  if (!value.is_object()) return misfit(field, value, "a map of strings");
  for (const auto& [key, item] : value.items()) {
    if (!item.is_string()) return misfit(field + "." + key_name(key), item, "a string");
    map.emplace(key, item);
  }
  return map;
}

Result<void> check_expression(const json& expression, const std::string& field) {
  if (!expression.is_object()) return misfit(field, expression, "a map");
  for (const char* name : {"key", "operator"}) {
    const json& value = at_path(expression, {name});
    if (!value.is_string()) return misfit(field + "." + name, value, "a string");
  }
  RETURN_IF_ERROR(strings(at_path(expression, {"values"}), field + ".values"));
  return {};
}

/// Selectors whose shape is right; what an operator means is looked at where one is used.
Result<std::vector<Selector>> selectors(const json& value, const std::string& field) {
  std::vector<Selector> list;
  if (value.is_null()) return list;
  if (!value.is_array()) return misfit(field, value, "a list of selectors");
  for (const json& item : value) {
    const std::string name = field + "[" + std::to_string(list.size()) + "]";
    if (!item.is_object()) return misfit(name, item, "a selector");
    RETURN_IF_ERROR(string_map(at_path(item, {"matchLabels"}), name + ".matchLabels"));
    const json& expressions = at_path(item, {"matchExpressions"});
    if (!expressions.is_null() && !expressions.is_array()) {
      return misfit(name + ".matchExpressions", expressions, "a list");
    }
    for (const json& expression : expressions) {
      RETURN_IF_ERROR(check_expression(expression, name + ".matchExpressions"));
    }
    list.push_back({item});
  }
  return list;
}

/// Whether a line of `text` begins with one of `keys`.
bool has_top_level(std::string_view text, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (text.starts_with(key)) return true;
    if (text.find("\n" + std::string(key)) != std::string_view::npos) return true;
  }
  return false;
}

/// Whether what stands behind an opening delimiter begins an action, and not a list of lists or a
/// map of maps: a field, a variable, a quoted text, parentheses, a comment, or a word with nothing
/// behind it that YAML would have there.
bool begins_action(std::string_view text) {
  if (text.starts_with("- ")) text.remove_prefix(1);
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  if (text.starts_with("/*")) return true;
  if (std::string_view(".$`\"(").find(text.front()) != std::string_view::npos) return true;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const auto* const end = std::ranges::find_if_not(text, is_word);
  return end != text.begin() && end != text.end() && *end != ',' && *end != ':';
}

std::size_t count_actions(std::string_view text, std::string_view open, std::string_view close) {
  std::size_t count = 0;
  for (auto at = text.find(open); at != std::string_view::npos; at = text.find(open, at)) {
    at += open.size();
    const auto end = text.find(close, at);
    if (end == std::string_view::npos) break;
    if (begins_action(text.substr(at, end + close.size() - at))) ++count;
  }
  return count;
}

/// Which of the older forms the one template of a config is: the one whose actions it has. What has
/// none needs no values either.
Dialect older_dialect(std::string_view text) {
  const std::size_t braces = count_actions(text, "{{", "}}");
  const std::size_t brackets = count_actions(text, "[[", "]]");
  return braces == 0 || brackets > braces ? Dialect::BracketLists : Dialect::Lists;
}

Dialect dialect_of_bare(std::string_view text) {
  const bool pod = has_top_level(text, {"spec:", "metadata:"});
  const bool lists = has_top_level(text, {"containers:", "initContainers:", "volumes:"});
  return lists && !pod ? older_dialect(text) : Dialect::Pod;
}

/// The templates of any form. What a `template` says beside `templates` is there to fail loudly in
/// an injector too old to know the latter.
Result<void> read_templates(const json& document, InjectConfig& config) {
  ASSIGN_OR_RETURN(config.templates, string_map(at_path(document, {"templates"}), "templates"));
  const json& only = at_path(document, {"template"});
  if (!config.templates.empty() || only.is_null()) return {};
  if (!only.is_string()) return misfit("template", only, "a string");
  config.dialect = older_dialect(only.get_ref<const std::string&>());
  config.templates.emplace(Sidecar, only);
  return {};
}

Result<InjectConfig> read_config(const json& document) {
  if (!document.is_object()) return fail(Errc::Malformed, "the injection config is no map");
  InjectConfig config;
  const json& policy = at_path(document, {"policy"});
  if (!policy.is_null() && !policy.is_string()) return misfit("policy", policy, "a string");
  config.policy = policy.is_null() ? "" : policy.get<std::string>();
  RETURN_IF_ERROR(read_templates(document, config));
  ASSIGN_OR_RETURN(config.default_templates,
                   strings(at_path(document, {"defaultTemplates"}), "defaultTemplates"));
  if (config.default_templates.empty()) config.default_templates = {Sidecar};
  const json& aliases = at_path(document, {"aliases"});
  if (!aliases.is_null() && !aliases.is_object()) return misfit("aliases", aliases, "a map");
  for (const auto& [name, meaning] : aliases.items()) {
    ASSIGN_OR_RETURN(config.aliases[name], strings(meaning, "aliases." + key_name(name)));
  }
  ASSIGN_OR_RETURN(config.never_inject,
                   selectors(at_path(document, {"neverInjectSelector"}), "neverInjectSelector"));
  ASSIGN_OR_RETURN(config.always_inject,
                   selectors(at_path(document, {"alwaysInjectSelector"}), "alwaysInjectSelector"));
  ASSIGN_OR_RETURN(config.injected_annotations,
                   string_map(at_path(document, {"injectedAnnotations"}), "injectedAnnotations"));
  return config;
}

/// Numbers as encoding/json gives them to a map[string]any.
void make_floats(json& value) {
  if (value.is_number()) {
    value = value.get<double>();
  } else if (value.is_structured()) {
    for (json& item : value) make_floats(item);
  }
}

}  // namespace

Result<InjectConfig> parse_inject_config(std::string_view yaml) {
  auto document = kube::yaml_to_json(yaml);
  if (!document) return fail(std::move(document).error().wrap("injection config"));
  return read_config(*document);
}

Result<InjectConfig> parse_inject_config_or_template(std::string_view text) {
  const auto document = kube::yaml_to_json(text);
  if (document && document->is_object()) {
    const json& templates = at_path(*document, {"templates"});
    const bool current = templates.is_object() && !templates.empty();
    if (current || at_path(*document, {"template"}).is_string()) return read_config(*document);
  }
  InjectConfig config;
  config.dialect = dialect_of_bare(text);
  config.templates.emplace(Sidecar, text);
  config.default_templates = {Sidecar};
  return config;
}

Result<json> parse_values(std::string_view text) {
  ASSIGN_OR_RETURN(json values, yaml_or_nothing(text));
  if (!values.is_object() && !values.is_null()) {
    return fail(Errc::Malformed, "values: " + values.dump().substr(0, 100) + " is not a map");
  }
  make_floats(values);
  return values;
}

}  // namespace sluice::mesh
