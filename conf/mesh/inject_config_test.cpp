#include "conf/mesh/inject_config.h"

#include <doctest/doctest.h>

using namespace sluice;
using mesh::Dialect;
using nlohmann::json;

namespace {

std::string error_of(std::string_view yaml) {
  const auto config = mesh::parse_inject_config(yaml);
  return config ? "" : config.error().message;
}

}  // namespace

TEST_CASE("every form of the config gives templates and a dialect") {
  const struct {
    const char* yaml;
    Dialect dialect;
    const char* templates;  ///< names, comma after each
  } rows[] = {
      {"policy: enabled\ntemplates: {sidecar: \"{{ .X }}\", gateway: \"\"}", Dialect::Pod,
       "gateway,sidecar,"},
      {"template: \"{{ Mismatched }}\"\ntemplates: {sidecar: \"spec:\"}", Dialect::Pod, "sidecar,"},
      {"policy: enabled\ntemplate: |-\n  containers:\n  - name: \"{{ .X }}\"", Dialect::Lists,
       "sidecar,"},
      {"policy: enabled\ntemplate: |-\n  containers:\n  - name: \"[[ .X ]]\"",
       Dialect::BracketLists, "sidecar,"},
      {"template: |-\n  containers:\n  - args: [[a]]\n    name: \"{{ .X }}{{ .Y }}\"",
       Dialect::Lists, "sidecar,"},
      {"template: |-\n  containers:\n  - name: istio-proxy", Dialect::BracketLists, "sidecar,"},
      {"template: \"\"", Dialect::BracketLists, "sidecar,"},
      {"policy: disabled", Dialect::Pod, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    const auto config = mesh::parse_inject_config(row.yaml);
    REQUIRE(config);
    std::string names;
    for (const auto& [name, text] : config->templates) names += name + ",";
    CHECK(names == row.templates);
    CHECK(config->dialect == row.dialect);
    CHECK(config->default_templates == std::vector<std::string>{"sidecar"});
  }
}

TEST_CASE("an older template is of the dialect whose delimiters are actions in it") {
  const struct {
    const char* text;
    Dialect dialect;
  } rows[] = {
      {"a: b", Dialect::BracketLists},
      {"a: [[1, 2], [3]]", Dialect::BracketLists},
      {"a: {{b: c}: d}}", Dialect::BracketLists},
      {"a: '{{'", Dialect::BracketLists},
      {"a: '}} {{ .X'", Dialect::BracketLists},
      {"a: [[ .X ]]\nb: '{{'", Dialect::BracketLists},
      {"a: [[ .X ]]\nb: {{b: c}: d}", Dialect::BracketLists},
      {"[[- if .X -]]\na: '{{ .Y }}'\n[[- end ]]", Dialect::BracketLists},
      {"[[/* c */]]a", Dialect::BracketLists},
      {"a: [[ \"x\" ]]", Dialect::BracketLists},
      {"a: {{ .X }}", Dialect::Lists},
      {"a: {{.X}}", Dialect::Lists},
      {"{{- with $x -}}a{{end}}", Dialect::Lists},
      {"a: {{ `x` | quote }}", Dialect::Lists},
      {"a: {{(index .X 1)}}", Dialect::Lists},
      {"a: {{ list }}", Dialect::Lists},
      {"a: {{ .X }}\nb: [[1, 2], [3]]", Dialect::Lists},
      {"a: {{ .X }}\nb: [[c, d], [e]]", Dialect::Lists},
      {"{{ if .X }}\na: 'if [[ $Y ]]; then'\n{{ end }}", Dialect::Lists},
      {"a: {{ .X }}\nb: '[[ .Y ]]'", Dialect::Lists},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto config = mesh::parse_inject_config(json{{"template", row.text}}.dump());
    REQUIRE(config);
    CHECK(config->dialect == row.dialect);
  }
}

TEST_CASE("all of the config is read") {
  const auto config = mesh::parse_inject_config(R"(
policy: disabled
defaultTemplates: [a, b]
aliases: {c: [a, d]}
neverInjectSelector:
- matchLabels: {job: x}
- {}
alwaysInjectSelector:
- matchExpressions:
  - {key: app, operator: In, values: [v]}
injectedAnnotations: {k: "v"}
templates: {a: one}
)")
                          .value();
  CHECK(config.policy == "disabled");
  CHECK(config.default_templates == std::vector<std::string>{"a", "b"});
  CHECK(config.aliases.at("c") == std::vector<std::string>{"a", "d"});
  CHECK(config.never_inject.size() == 2);
  CHECK(config.always_inject.size() == 1);
  CHECK(config.injected_annotations.at("k") == "v");
  CHECK(config.templates.at("a") == "one");
}

TEST_CASE("a config without a policy has none, which injects nothing") {
  CHECK(mesh::parse_inject_config("templates: {sidecar: x}")->policy.empty());
}

TEST_CASE("what does not fit the config is named") {
  const struct {
    const char* yaml;
    const char* message;
  } rows[] = {
      {"[]", "the injection config is no map"},
      {"policy: on", "injection config: policy: true is not a string"},
      {"templates: [x]", "injection config: templates: [\"x\"] is not a map of strings"},
      {"templates: {a: 1}", "injection config: templates.a: 1 is not a string"},
      {"template: {a: 1}", "injection config: template: {\"a\":1} is not a string"},
      {"defaultTemplates: x", "injection config: defaultTemplates: \"x\" is not a list of strings"},
      {"aliases: {a: b}", "injection config: aliases.a: \"b\" is not a list of strings"},
      {"neverInjectSelector: {}",
       "injection config: neverInjectSelector: {} is not a list of "
       "selectors"},
      {"neverInjectSelector: [x]",
       "injection config: neverInjectSelector[0]: \"x\" is not a "
       "selector"},
      {"neverInjectSelector: [{matchLabels: {a: 1}}]",
       "injection config: neverInjectSelector[0].matchLabels.a: 1 is not a string"},
      {"alwaysInjectSelector: [{matchExpressions: [{key: a}]}]",
       "injection config: alwaysInjectSelector[0].matchExpressions.operator: null is not a string"},
      {"injectedAnnotations: {a: true}",
       "injection config: injectedAnnotations.a: true is not a string"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    CHECK(error_of(row.yaml) == row.message);
  }
  CHECK(error_of("a: [").starts_with("injection config: not YAML as Kubernetes takes it"));
}

TEST_CASE("a file may be a config or a bare template of any dialect") {
  const struct {
    const char* text;
    Dialect dialect;
    const char* sidecar;
  } rows[] = {
      {"templates: {sidecar: x}", Dialect::Pod, "x"},
      {"template: \"[[ .X ]]\"", Dialect::BracketLists, "[[ .X ]]"},
      {"{{ .X }}\nspec:\n  containers: []\n", Dialect::Pod, nullptr},
      {"metadata: {}\n", Dialect::Pod, nullptr},
      {"{{ if .X }}\ncontainers:\n- name: a\n{{ end }}\n", Dialect::Lists, nullptr},
      {"initContainers:\n[[ if .X ]]\n- name: a\n[[ end ]]\n", Dialect::BracketLists, nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto config = mesh::parse_inject_config_or_template(row.text).value();
    CHECK(config.dialect == row.dialect);
    CHECK(config.templates.at("sidecar") == (row.sidecar == nullptr ? row.text : row.sidecar));
    CHECK(config.default_templates == std::vector<std::string>{"sidecar"});
  }
  CHECK(mesh::parse_inject_config_or_template("spec: {}")->policy == "enabled");
}

TEST_CASE("values are Go's: every number a float64") {
  const json values = mesh::parse_values("a: 15020\nb: [1, {c: 0x10}]\nd: \"1\"\ne: on").value();
  CHECK(values["a"].is_number_float());
  CHECK(values["a"] == 15020);
  CHECK(values["b"][1]["c"].is_number_float());
  CHECK(values["d"] == "1");
  CHECK(values["e"] == true);
  CHECK(mesh::parse_values(R"({"a":{"b":1}})")->at("a").at("b").is_number_float());
  CHECK(mesh::parse_values("")->is_null());
  CHECK(mesh::parse_values("[1]").error().message == "values: [1] is not a map");
}

TEST_CASE("selectors select as Kubernetes' do, but an empty one selects nothing") {
  const std::map<std::string, std::string> labels = {{"app", "a"}, {"tier", "web"}};
  const struct {
    const char* selector;
    bool selects;
  } rows[] = {
      {"{}", false},
      {R"({"matchLabels":{}})", false},
      {R"({"matchLabels":{"app":"a"}})", true},
      {R"({"matchLabels":{"app":"a","tier":"db"}})", false},
      {R"({"matchLabels":{"none":"a"}})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"In","values":["b","a"]}]})", true},
      {R"({"matchExpressions":[{"key":"none","operator":"In","values":["b","a"]}]})", false},
      {R"({"matchExpressions":[{"key":"app","operator":"NotIn","values":["a"]}]})", false},
      {R"({"matchExpressions":[{"key":"none","operator":"NotIn","values":["a"]}]})", true},
      {R"({"matchExpressions":[{"key":"app","operator":"Exists"}]})", true},
      {R"({"matchExpressions":[{"key":"none","operator":"Exists","values":[]}]})", false},
      {R"({"matchExpressions":[{"key":"none","operator":"DoesNotExist"}]})", true},
      {R"({"matchExpressions":[{"key":"app","operator":"DoesNotExist"}]})", false},
      {R"({"matchLabels":{"app":"a"},"matchExpressions":[{"key":"x","operator":"Exists"}]})",
       false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.selector);
    CHECK(mesh::selects({json::parse(row.selector)}, labels).value() == row.selects);
  }
}

TEST_CASE("a selector that means nothing is an error") {
  const struct {
    const char* expression;
    const char* message;
  } rows[] = {
      {R"({"key":"a","operator":"Is","values":["b"]})",
       "\"Is\" is no operator of a label selector"},
      {R"({"key":"a","operator":"In"})", "selector operator In for label \"a\" needs values"},
      {R"({"key":"a","operator":"Exists","values":["b"]})",
       "selector operator Exists for label \"a\" takes no values"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.expression);
    const json document = {{"matchLabels", {{"x", "y"}}},
                           {"matchExpressions", {json::parse(row.expression)}}};
    const auto selected = mesh::selects({document}, {});
    REQUIRE(!selected);
    CHECK(selected.error().code == Errc::Invalid);
    CHECK(selected.error().message == row.message);
  }
}
