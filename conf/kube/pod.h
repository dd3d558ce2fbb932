#pragma once

// From a Pod, as the Kubernetes API or a file gives it, to what a redirect needs to know of it.

#include <string>
#include <string_view>

#include "rules/base/result.h"
#include "rules/policy/pod.h"

namespace sluice::kube {

/// Reads the answer to a GET of one Pod. Malformed, with the path of the offending value, unless it
/// is JSON of kind Pod with name, namespace, uid and at least one container, and everything read of
/// it has its type in the API. Fields that are not read are not looked at.
///
/// An environment variable is what its last entry says, as for the kubelet: left out if that is a
/// `valueFrom`, empty if it has neither.
[[nodiscard]] Result<PodFacts> pod_facts(std::string_view json);

/// Reads a Pod that a person wrote, in YAML or JSON: as pod_facts(), but the namespace may be
/// absent ("default"), and so may the uid, and the name beside a `generateName`.
[[nodiscard]] Result<PodFacts> pod_facts_from_file_text(std::string_view yaml_or_json);

/// The path of a Pod in the API. Invalid unless both are names that Kubernetes gives (lower-case
/// letters, digits, '-', and '.' in Pod names), so that neither can lead to another path.
[[nodiscard]] Result<std::string> pod_path(std::string_view namespace_name, std::string_view name);

}  // namespace sluice::kube
