#include "plugin/cli/inject/sources.h"

#include "conf/mesh/inject_config.h"
#include "conf/mesh/mesh_config.h"
#include "injector/builtin.h"
#include "injector/decision/native.h"
#include "plugin/cli/files.h"

namespace sluice::cli {
namespace {

using nlohmann::json;

/// A file through its parser; errors name the option and the file.
template <class Parse>
auto parse_file(const char* option, const std::string& path, const Parse& parse)
    -> decltype(parse(std::string())) {
  auto text = read_input(path);
  if (!text) return fail(std::move(text).error().wrap(option));
  auto parsed = parse(*text);
  if (!parsed) return fail(std::move(parsed).error().wrap(std::string(option) + " " + path));
  return parsed;
}

/// Reads from the cluster what no file was given for.
class FromCluster {
 public:
  FromCluster(const Sources& sources, Cluster& cluster) : sources_(sources), cluster_(cluster) {}

  /// `option` is what a person could give instead.
  [[nodiscard]] Result<std::string> text(const std::string& map, const std::string& usual_map,
                                         const char* key, const char* option) const {
    const std::string& revision = sources_.switches.revision;
    const std::string suffix = revision.empty() ? "" : "-" + revision;
    auto found =
        cluster_.config(sources_.istio_namespace, map.empty() ? usual_map + suffix : map, key);
    if (found) return found;
    Error error = std::move(found).error();
    if (error.code == Errc::NotFound) error.message += "; -i and -r say where to look";
    error.message += "; give " + std::string(option) + " or --builtin to do without";
    return fail(std::move(error));
  }

  [[nodiscard]] Result<std::string> injector(const char* key, const char* option) const {
    return text(sources_.inject_config_map, "istio-sidecar-injector", key, option);
  }

 private:
  const Sources& sources_;
  Cluster& cluster_;
};

Result<mesh::InjectConfig> inject_config(const Sources& sources, const FromCluster& cluster) {
  if (!sources.inject_config_file.empty()) {
    return parse_file("--injectConfigFile", sources.inject_config_file,
                      mesh::parse_inject_config_or_template);
  }
  ASSIGN_OR_RETURN(const std::string text, cluster.injector("config", "--injectConfigFile"));
  return mesh::parse_inject_config(text);
}

Result<json> values(const Sources& sources, const FromCluster& cluster, mesh::Dialect dialect) {
  if (!sources.values_file.empty()) {
    return parse_file("--valuesFile", sources.values_file, mesh::parse_values);
  }
  if (dialect == mesh::Dialect::BracketLists) return json::object();  // they knew no values
  ASSIGN_OR_RETURN(const std::string text, cluster.injector("values", "--valuesFile"));
  return mesh::parse_values(text);
}

Result<mesh::MeshConfig> mesh_config(const Sources& sources, const FromCluster& cluster) {
  if (!sources.mesh_config_file.empty()) {
    return parse_file("--meshConfigFile", sources.mesh_config_file, mesh::parse_mesh_config);
  }
  if (sources.builtin) return mesh::parse_mesh_config("");
  ASSIGN_OR_RETURN(const std::string text,
                   cluster.text(sources.mesh_config_map, "istio", "mesh", "--meshConfigFile"));
  return mesh::parse_mesh_config(text);
}

Result<bool> native_sidecars(const Sources& sources, Cluster& cluster) {
  if (sources.native_sidecars != "auto") return sources.native_sidecars == "true";
  if (!cluster.is_meant()) return false;
  auto nodes = cluster.nodes();
  if (nodes) return injector::native_by_node(*nodes).everywhere;
  Error error = std::move(nodes).error();
  error.message += "; --nativeSidecars true or false does without";
  return fail(std::move(error));
}

}  // namespace

Result<injector::Configuration> read_configuration(const Sources& sources, Cluster& cluster) {
  const FromCluster from_cluster(sources, cluster);
  injector::Configuration configuration;
  if (sources.builtin) {
    configuration.inject = injector::builtin_config();
  } else {
    ASSIGN_OR_RETURN(configuration.inject, inject_config(sources, from_cluster));
  }
  if (!sources.builtin || !sources.values_file.empty()) {
    ASSIGN_OR_RETURN(configuration.values,
                     values(sources, from_cluster, configuration.inject.dialect));
  }
  if (sources.builtin) {
    configuration.values = injector::builtin_values_with(configuration.values);
  }
  ASSIGN_OR_RETURN(configuration.mesh, mesh_config(sources, from_cluster));
  configuration.switches = sources.switches;
  ASSIGN_OR_RETURN(configuration.switches.native_sidecars, native_sidecars(sources, cluster));
  return configuration;
}

Result<std::shared_ptr<const injector::Settings>> load_settings(const Sources& sources,
                                                                Cluster& cluster) {
  ASSIGN_OR_RETURN(auto configuration, read_configuration(sources, cluster));
  return injector::Settings::compile(std::move(configuration));
}

}  // namespace sluice::cli
