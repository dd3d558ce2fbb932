#pragma once

// JSON as YAML, in the style of Kubernetes' tools: what `kubectl -o yaml` and Istio's toYaml print.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace sluice::kube {

/// One document in block style: keys in natural order (port9 before port10), lists not indented
/// under their key, text of several lines as a literal block, lines folded after 80 columns, a line
/// break at the end.
///
/// Letter for letter what sigs.k8s.io/yaml prints, but for text that it leaves bare although some
/// reader of YAML 1.1 or 1.2 would take it for something else (`=`, `<<`, numbers out of
/// range, dates that are none, line separators of Unicode): that is quoted here, so that every
/// reader reads what was written. Bytes that are not UTF-8 become U+FFFD, as in Go's JSON.
[[nodiscard]] std::string to_yaml(const nlohmann::json& document);

}  // namespace sluice::kube
