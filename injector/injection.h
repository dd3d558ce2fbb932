#pragma once

// The injector in one function: a pod and the settings in, the pod with its proxy out. It knows no
// HTTP and no files; `sluice inject` and the webhook are the two that call it.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/mesh/inject_config.h"
#include "conf/mesh/mesh_config.h"
#include "rules/base/result.h"

namespace sluice::injector {

/// What the installation decides, beside Istio's ConfigMaps.
struct Switches {
  bool native_sidecars = true;       ///< what a pod gets that does not say; see native.h for `auto`
  std::string revision;              ///< "" is the default revision
  std::string platform;              ///< "", "openshift" or "gcp"
  std::string compliance_policy;     ///< "" or "fips-140-2" ...
  bool seccomp_default = false;      ///< RuntimeDefault where neither pod nor template says
  bool runtime_annotations = false;  ///< write redirect.sluice.dev/policy for podSource `runtime`
};

struct Configuration {
  mesh::InjectConfig inject;
  nlohmann::json values;
  mesh::MeshConfig mesh;
  Switches switches;
};

/// A Configuration that was checked and compiled. Never changes: requests in flight share it, and a
/// reload makes another.
class Settings {
 public:
  /// Compiles every template and renders probe pods through it (plain, TPROXY, native sidecar on
  /// and off). Invalid or Malformed, naming template and line, or the value that was missing.
  [[nodiscard]] static Result<std::shared_ptr<const Settings>> compile(Configuration configuration);
  ~Settings();

  [[nodiscard]] const Configuration& configuration() const;
  struct Compiled;
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  explicit Settings(std::unique_ptr<const Compiled> compiled);
  std::unique_ptr<const Compiled> compiled_;
};

/// The object that makes the pods, as `.TypeMeta` and `.DeploymentMeta` name it.
struct Owner {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string namespace_name;
};

struct PodRequest {
  /// metadata and spec; of a workload, its pod template's. kube::settle_metadata() has seen it.
  nlohmann::json pod;
  /// What was found wrong with its types on the way here. Such a pod is refused whether it is to be
  /// injected or not, and what else is wrong with it is told in the same message.
  std::vector<std::string> faults;
  std::string namespace_name;  ///< where it will live; counts when the pod does not say
  /// A workload's identity. Absent: found from ownerReferences and labels, as Istio does.
  std::optional<Owner> owner;
  nlohmann::json namespace_object;  ///< null when unknown; OpenShift's ranges are read from it
  std::string cluster;              ///< ISTIO_META_CLUSTER_ID, of the webhook's path; "": values'
  std::string network;              ///< ISTIO_META_NETWORK, likewise
  std::map<std::string, std::string>
      proxy_env;  ///< the path's other parameters, names in upper case
  std::vector<mesh::ProxyConfigResource> proxy_configs;
};

/// Why a pod is injected or not. `why` is one of few words, for metrics ("host-network"); `text`
/// says it to a person and names label, annotation or selector.
struct Verdict {
  bool inject = false;
  std::string why;
  std::string text;
};

struct Injection {
  Verdict verdict;
  nlohmann::json pod;                 ///< null when not injected
  std::vector<std::string> warnings;  ///< of privileges taken away, values ignored
};

/// Decides, renders, merges, applies the proxy-only rule. Invalid, with all that is wrong with the
/// pod in one message, when it must be refused.
[[nodiscard]] Result<Injection> inject(const PodRequest& request, const Settings& settings);

}  // namespace sluice::injector
