#pragma once

// What the ConfigMap istio-sidecar-injector says: which templates there are, and who gets them. All
// forms since Istio 1.0 become this one.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/base/result.h"

namespace sluice::mesh {

/// How the text of a template is written and what it renders.
enum class Dialect {
  Pod,           ///< since 1.9: {{ }}, a partial Pod, merged strategically
  Lists,         ///< 1.2 to 1.8: {{ }}, containers, initContainers, volumes ... at the top level
  BracketLists,  ///< 1.0 and 1.1: [[ ]] or no action at all, the same lists, and no values
};

/// A Kubernetes label selector, its own form kept; matches() is in selector.h.
struct Selector {
  nlohmann::json document;
};

struct InjectConfig {
  /// "enabled" or "disabled"; anything else injects nothing, as in Istio.
  std::string policy = "enabled";
  Dialect dialect = Dialect::Pod;
  std::map<std::string, std::string> templates;  ///< by name; the older forms': "sidecar"
  std::vector<std::string> default_templates;
  std::map<std::string, std::vector<std::string>> aliases;
  std::vector<Selector> never_inject;
  std::vector<Selector> always_inject;
  std::map<std::string, std::string> injected_annotations;
};

/// Reads the ConfigMap's `config`. Malformed or Invalid, naming field and value.
[[nodiscard]] Result<InjectConfig> parse_inject_config(std::string_view yaml);

/// Reads a file as --injectConfigFile takes it: a config, or else a bare template, named sidecar.
[[nodiscard]] Result<InjectConfig> parse_inject_config_or_template(std::string_view text);

/// Reads the ConfigMap's `values` (JSON or YAML) as Go would: every number a float64.
[[nodiscard]] Result<nlohmann::json> parse_values(std::string_view text);

/// Whether `labels` are selected. An empty selector selects nothing here, as in Istio's injector.
/// Invalid for an operator that does not exist.
[[nodiscard]] Result<bool> selects(const Selector& selector,
                                   const std::map<std::string, std::string>& labels);

}  // namespace sluice::mesh
