#pragma once

// Where the configuration of an injection comes from: files, the cluster's ConfigMaps, or Sluice.

#include <memory>
#include <optional>
#include <string>

#include "injector/injection.h"
#include "plugin/cli/inject/cluster.h"
#include "rules/base/result.h"

namespace sluice::cli {

/// As the command line gives them. An empty file name means: from the cluster.
struct Sources {
  std::string inject_config_file;
  std::string mesh_config_file;
  std::string values_file;
  std::string inject_config_map;  ///< empty: istio-sidecar-injector, and the revision behind it
  std::string mesh_config_map;    ///< empty: istio, likewise
  std::string istio_namespace = "istio-system";
  bool builtin = false;  ///< what files do not give is Sluice's own; no cluster is asked

  std::string native_sidecars = "auto";  ///< or "true", "false"
  injector::Switches switches;           ///< all but native_sidecars
};

/// Reads whatever is to be read. With "auto", sidecars are native if every node of the cluster
/// knows them; without a cluster they are not, which works everywhere.
[[nodiscard]] Result<injector::Configuration> read_configuration(const Sources& sources,
                                                                 Cluster& cluster);

/// Reads, checks and compiles.
[[nodiscard]] Result<std::shared_ptr<const injector::Settings>> load_settings(
    const Sources& sources, Cluster& cluster);

}  // namespace sluice::cli
