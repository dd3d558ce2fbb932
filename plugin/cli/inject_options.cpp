// The options of every command that injects.

#include <CLI/CLI.hpp>

#include "plugin/cli/command.h"
#include "plugin/cli/inject/sources.h"

namespace sluice::cli {

void add_source_options(CLI::App& command, Sources& sources) {
  auto* config = command.add_option("--injectConfigFile", sources.inject_config_file,
                                    "injection configuration, or a bare template named sidecar");
  command.add_option("--valuesFile", sources.values_file, "values of the templates, YAML or JSON");
  command.add_option("--meshConfigFile", sources.mesh_config_file, "mesh configuration");
  command
      .add_flag("--builtin", sources.builtin,
                "Sluice's own template and values, and a mesh configuration of defaults")
      ->excludes(config);
  command
      .add_option(
          "--nativeSidecars", sources.native_sidecars,
          "whether istio-proxy is a native sidecar where a pod does not say; auto: if every "
          "node of the cluster knows them, and not without a cluster")
      ->check(CLI::IsMember({"auto", "true", "false"}));
  command
      .add_option("--platform", sources.switches.platform,
                  "openshift: ids from the namespace's ranges")
      ->check(CLI::IsMember({"", "openshift", "gcp"}));
  command.add_option("--compliancePolicy", sources.switches.compliance_policy,
                     "what templates see as .CompliancePolicy, such as fips-140-2");
  command.add_flag("--seccomp-default", sources.switches.seccomp_default,
                   "RuntimeDefault for istio-proxy where neither pod nor template says");
  command.add_flag("--runtime-annotations", sources.switches.runtime_annotations,
                   "write the whole policy for podSource \"runtime\"");
}

}  // namespace sluice::cli
