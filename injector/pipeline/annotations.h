#pragma once

// What Istio checks of a pod's annotations besides those that the redirect is made of.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::injector {

/// A Kubernetes quantity: "100m", "1.5Gi", "2e3".
[[nodiscard]] bool is_quantity(std::string_view text);

/// What is wrong with them, each with name and value.
[[nodiscard]] std::vector<std::string> annotation_problems(
    const std::map<std::string, std::string>& annotations);

/// Which of the values of Istio's charts stand in for annotations that `message` names and the
/// pod's `own` do not have, as a sentence to go behind it; empty when there are none of those.
[[nodiscard]] std::string where_else(std::string_view message,
                                     const std::map<std::string, std::string>& own);

}  // namespace sluice::injector
