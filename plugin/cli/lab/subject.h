#pragma once

// Whom a lab is for: a pod out of a file, injected if it is not yet, and who lives in it.

#include <string>

#include <nlohmann/json.hpp>

#include "plugin/cli/inject/sources.h"
#include "plugin/cli/lab/probes.h"
#include "plugin/cli/lab/sandbox.h"
#include "rules/base/result.h"
#include "rules/policy/pod.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::lab {

/// The pod as its file has it, with what an API server would have filled in.
struct Subject {
  nlohmann::json document;
  PodFacts facts;
  RedirectPolicy policy;
  Cast cast;  ///< without addresses: it gets them from the chain
};

/// Reads the first workload in a file, of any kind, in a list or not. One that has no istio-proxy
/// yet is injected as `sources` says; why, or which pod this became, is told on stderr.
[[nodiscard]] Result<Subject> read_subject(const std::string& file, const cli::Sources& sources);

/// The ids under which the subject's processes run and its probes are sent.
[[nodiscard]] Ids ids_of(const Subject& subject);

}  // namespace sluice::lab
