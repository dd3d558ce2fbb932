#include <algorithm>

#include "injector/pipeline/compiled.h"
#include "injector/pipeline/data.h"
#include "injector/pipeline/render_function.h"
#include "injector/template/functions.h"
#include "injector/template/template.h"
#include "rules/base/json.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using mesh::Dialect;
using nlohmann::json;

/// A switch of the values, and whatever is needed on the way to it.
void set_enabled(json& values, std::initializer_list<const char*> path, bool enabled) {
  json* at = &values;
  for (const char* name : path) {
    if (!at->is_object()) *at = json::object();
    at = &(*at)[name];
  }
  *at = enabled;
}

/// With a CNI plugin templates leave the redirect to it, and write the annotations that it reads.
json with_cni(const json& values, bool enabled) {
  json with = values.is_object() ? values : json::object();
  set_enabled(with, {"pilot", "cni", "enabled"}, enabled);
  set_enabled(with, {"istio_cni", "enabled"}, enabled);
  // A plugin at the end of the chain is asked for by no network annotation.
  if (!with["istio_cni"].contains("chained")) with["istio_cni"]["chained"] = true;
  return with;
}

/// The ProxyConfig of a pod that says nothing. Two fields are no more, but templates of their time
/// put them into the proxy's arguments.
json default_proxy_config(const Configuration& configuration) {
  json config = configuration.mesh.document.at("defaultConfig");
  if (configuration.inject.dialect == Dialect::Pod) return config;
  config.emplace("parentShutdownDuration", "60s");
  config.emplace("connectTimeout", "1s");
  return config;
}

Result<void> compile_templates(Settings::Compiled& compiled) {
  const mesh::InjectConfig& config = compiled.configuration.inject;
  const bool brackets = config.dialect == Dialect::BracketLists;
  const tmpl::Delimiters delimiters = brackets ? tmpl::Delimiters{"[[", "]]"} : tmpl::Delimiters{};
  const tmpl::FunctionTable& functions =
      config.dialect == Dialect::Lists ? functions_with_render() : tmpl::injection_functions();
  for (const auto& [name, text] : config.templates) {
    ASSIGN_OR_RETURN(tmpl::Template parsed,
                     tmpl::Template::parse(name, text, functions, delimiters));
    // Of the older dialects some are rendered a second time with other values.
    if (!compiled.lists) parsed.settle(compiled.common);
    compiled.templates.emplace(name, Renderer(std::move(parsed)));
  }
  return {};
}

bool knows_redirect_annotations(const mesh::InjectConfig& config) {
  return std::ranges::all_of(config.templates, [](const auto& entry) {
    return entry.second.find("podRedirectAnnot") != std::string::npos;
  });
}

/// Whether the agents that these templates start answer for the application's metrics too. They do
/// since there is a port 15021 (1.6 brought both).
bool merges_metrics(const mesh::InjectConfig& config) {
  return std::ranges::any_of(config.templates, [](const auto& entry) {
    return entry.second.find("15021") != std::string::npos;
  });
}

Configuration of_older_dialect(Configuration configuration, bool rewrite) {
  set_enabled(configuration.values, {"sidecarInjectorWebhook", "rewriteAppHTTPProbe"}, rewrite);
  if (!merges_metrics(configuration.inject)) {
    configuration.mesh.document["enablePrometheusMerge"] = false;
  }
  return configuration;
}

}  // namespace

Settings::Compiled::Compiled(Configuration from)
    : configuration(std::move(from)),
      values(with_cni(configuration.values, true)),
      init_values(with_cni(configuration.values, false)),
      proxy_config(default_proxy_config(configuration)),
      cluster(text_at(configuration.values, {"global", "multiCluster", "clusterName"})),
      network(text_at(configuration.values, {"global", "network"})),
      lists(configuration.inject.dialect != Dialect::Pod),
      ask_init(configuration.inject.dialect == Dialect::Lists &&
               !knows_redirect_annotations(configuration.inject)) {
  if (lists) {
    for (const bool rewrite : {false, true}) {
      by_rewrite.emplace(rewrite, of_older_dialect(configuration, rewrite));
    }
  }
  common = common_data(*this);
}

Settings::Settings(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Settings::~Settings() = default;

const Configuration& Settings::configuration() const {
  return compiled_->configuration;
}

Result<std::shared_ptr<const Settings>> Settings::compile(Configuration configuration) {
  const bool needs_values = configuration.inject.dialect != Dialect::BracketLists;
  if (needs_values && !configuration.values.is_object()) {
    return fail(Errc::Invalid, "the templates need values, and there are none");
  }
  auto compiled = std::make_unique<Compiled>(std::move(configuration));
  RETURN_IF_ERROR(compile_templates(*compiled));
  RETURN_IF_ERROR(probe(*compiled));
  return std::shared_ptr<const Settings>(new Settings(std::move(compiled)));
}

}  // namespace sluice::injector
