#pragma once

// The pod that a lab tries out.

#include <string>

#include <nlohmann/json.hpp>

#include "plugin/cli/lab/probes.h"
#include "plugin/cli/lab/sandbox.h"
#include "rules/policy/pod.h"

namespace sluice::lab {

/// The pod as its file has it, with what an API server would have filled in.
struct Subject {
  nlohmann::json document;
  PodFacts facts;
  RedirectPolicy policy;
  Cast cast;  ///< without addresses: it gets them from the chain
};

/// Reads a Pod as YAML or JSON. Invalid, with sluice-cni's own reason, for one that sluice-cni
/// would leave alone.
[[nodiscard]] Result<Subject> read_subject(const std::string& file);

/// The ids under which the subject's processes run and its probes are sent.
[[nodiscard]] Ids ids_of(const Subject& subject);

}  // namespace sluice::lab
