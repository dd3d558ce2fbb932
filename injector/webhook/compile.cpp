#include "injector/webhook/compile.h"

#include <memory>
#include <utility>

#include "conf/mesh/inject_config.h"
#include "conf/mesh/mesh_config.h"
#include "injector/builtin.h"

namespace sluice::webhook {
namespace {

Result<injector::Configuration> parse(const Texts& texts) {
  injector::Configuration configuration;
  if (texts.inject) {
    auto inject = mesh::parse_inject_config(*texts.inject);
    if (!inject) return fail(std::move(inject).error().wrap("injection configuration"));
    configuration.inject = std::move(*inject);
    configuration.values = nlohmann::json::object();
  } else {
    configuration.inject = injector::builtin_config();
    configuration.values = injector::builtin_values();
  }
  if (texts.values) {
    auto values = mesh::parse_values(*texts.values);
    if (!values) return fail(std::move(values).error().wrap("values"));
    configuration.values =
        texts.inject ? std::move(*values) : injector::builtin_values_with(*values);
  }
  auto mesh_config = mesh::parse_mesh_config(texts.mesh.value_or(""));
  if (!mesh_config) return fail(std::move(mesh_config).error().wrap("mesh configuration"));
  configuration.mesh = std::move(*mesh_config);
  return configuration;
}

Result<Inject> with_settings(injector::Configuration configuration, bool native) {
  configuration.switches.native_sidecars = native;
  auto settings = injector::Settings::compile(std::move(configuration));
  if (!settings) return fail(std::move(settings).error().wrap("injection template"));
  return Inject([held = std::move(*settings)](const PodRequest& request) {
    return injector::inject(request, *held);
  });
}

}  // namespace

Result<Compiled> compile(const Texts& texts, const injector::Switches& switches,
                         NativeSidecars native) {
  ASSIGN_OR_RETURN(injector::Configuration configuration, parse(texts));
  configuration.switches = switches;
  // To the templates of a webhook every revision has a name; to those of a command this one has
  // none.
  if (configuration.switches.revision.empty()) configuration.switches.revision = "default";
  Compiled compiled;
  compiled.root_namespace =
      configuration.mesh.document.value("rootNamespace", std::string("istio-system"));
  if (native != NativeSidecars::Never) {
    ASSIGN_OR_RETURN(compiled.native, with_settings(configuration, true));
  }
  if (native != NativeSidecars::Always) {
    ASSIGN_OR_RETURN(compiled.ordinary, with_settings(std::move(configuration), false));
  }
  if (!compiled.native) compiled.native = compiled.ordinary;
  if (!compiled.ordinary) compiled.ordinary = compiled.native;
  return compiled;
}

}  // namespace sluice::webhook
