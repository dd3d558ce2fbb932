#pragma once

// Injection of whatever a document holds: a workload of any kind, a list of them, or neither.

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/injection.h"
#include "rules/base/result.h"

namespace sluice::cli {

struct InjectionRules {
  /// injector::inject() with its settings.
  std::function<Result<injector::Injection>(const injector::PodRequest&)> inject;
  /// The Namespace of this name, or null when it is not known.
  std::function<Result<nlohmann::json>(const std::string&)> namespace_object;
  std::string default_namespace;  ///< of objects that name none
};

enum class Outcome {
  Injected,
  Unchanged,   ///< already as injection would leave it
  LeftAlone,   ///< a workload that is not to be injected
  NoWorkload,  ///< makes no pods
  Refused,     ///< cannot be injected: an error
};

/// What became of one object, and why.
struct Report {
  Outcome outcome;
  std::string object;  ///< "Deployment bookinfo/reviews"; in a list "items[3], Deployment ..."
  std::string why;
  std::vector<std::string> warnings = {};
};

/// Injects `document` in place. It is changed if and only if a report says Injected; with one that
/// says Refused it may be half done.
[[nodiscard]] std::vector<Report> inject_document(nlohmann::json& document,
                                                  const InjectionRules& rules);

[[nodiscard]] std::string_view to_string(Outcome outcome);

}  // namespace sluice::cli
