#pragma once

// The documents that templates rendered before Istio 1.9: lists at the top level, where a partial
// pod is now.

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// A document of lists as the partial pod that does to a pod what it did.
struct FromLists {
  nlohmann::json pod;
  /// Whether applications' probes go through the proxy; in these documents the template says so.
  bool rewrite_probes = false;
};
[[nodiscard]] FromLists pod_of_lists(nlohmann::json document);

/// Makes strings of numbers and booleans that stand where the type has strings, and empty ones of
/// nulls in lists of strings.
void coerce_scalars(nlohmann::json& pod);

}  // namespace sluice::injector
