#pragma once

// What a redirect needs to know of a Pod. conf/kube fills it from the Pod's JSON; here it is only
// read, so that everything that decides can be tested without Kubernetes.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// securityContext.runAsUser and runAsGroup, as written; absent where they are.
struct RunAs {
  std::optional<std::int64_t> user;
  std::optional<std::int64_t> group;
  bool operator==(const RunAs&) const = default;
};

enum class ContainerKind {
  App,            ///< spec.containers
  Init,           ///< spec.initContainers, runs to completion
  NativeSidecar,  ///< spec.initContainers with restartPolicy Always (Kubernetes 1.29)
};

struct Container {
  std::string name;
  ContainerKind kind = ContainerKind::App;
  std::vector<std::string> args{};
  std::map<std::string, std::string> env{};  ///< literal values only; valueFrom is left out
  RunAs run_as{};
  bool operator==(const Container&) const = default;
};

struct PodFacts {
  std::string namespace_name;
  std::string name;
  std::string uid;         ///< metadata.uid
  std::string mirror_uid;  ///< annotation kubernetes.io/config.mirror of a static pod, or empty
  std::map<std::string, std::string> annotations;
  std::map<std::string, std::string> labels;
  std::vector<Container> containers;  ///< init containers first, each list in its order
  RunAs run_as;                       ///< the pod's own securityContext
  bool host_network = false;
  bool operator==(const PodFacts&) const = default;
};

}  // namespace sluice
