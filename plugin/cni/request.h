#pragma once

// A CNI call: what the runtime says in the environment and what the network configuration says on
// stdin. SPEC is containernetworking/cni's SPEC.md 1.1.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plugin/cni/version.h"

namespace sluice::cni {

enum class Verb { Add, Del, Check, Status, Gc, Version };

/// One interface of one container; identifies what ADD makes and DEL takes away.
struct Attachment {
  std::string container_id;
  std::string ifname;
  auto operator<=>(const Attachment&) const = default;
};

/// From CNI_ARGS, as kubelets set it; empty fields were not given.
struct PodArgs {
  std::string pod_namespace;
  std::string pod_name;
  std::string pod_uid;
};

/// The environment of a call. Fields that the verb does not use are empty.
struct Call {
  Verb verb;
  Attachment attachment;
  std::string netns;  ///< a path; for DEL it may be empty
  PodArgs pod;
};

using Environment = std::map<std::string, std::string>;

/// Reads CNI_* variables. Usage names every variable that is missing or wrong.
[[nodiscard]] Result<Call> parse_call(const Environment& environment);

enum class PodSource { Auto, Api, Runtime };
enum class LogLevel { Debug, Info, Warn, Error };

/// The network configuration; the keys are those of config.schema.json.
struct Config {
  SpecVersion version = kNewest;
  std::string network;  ///< "name"
  PodSource pod_source = PodSource::Auto;
  std::string kubeconfig;
  std::string agent_socket = "/run/sluice/agent.sock";
  std::string agent_pod;  ///< "NAMESPACE/NAME-PREFIX"
  std::string state_dir = "/run/sluice";
  std::vector<std::string> exclude_namespaces{"kube-system"};
  std::chrono::milliseconds timeout{10000};
  LogLevel log_level = LogLevel::Info;
  std::string log_file;

  std::string prev_result;  ///< the bytes of "prevResult" as they came; empty where there is none
  std::map<std::string, std::string>
      runtime_annotations;  ///< capability io.kubernetes.cri.pod-annotations
  std::optional<std::vector<Attachment>> valid_attachments;  ///< of GC
};

/// The version a configuration names, in which to complain of it; the newest where it names none.
[[nodiscard]] SpecVersion version_of(const std::string& text);

/// Reads stdin of a call. Malformed: no JSON object; Version; UnknownField: a key of no one's, with
/// its value; Invalid: a key's value.
[[nodiscard]] Result<Config> parse_config(const std::string& text);

}  // namespace sluice::cni
