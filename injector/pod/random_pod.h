#pragma once

// Pods for tests that hold for every pod: what the API server would send, with Istio's annotations
// at good and odd values, several containers, probes, init containers, native sidecars, a proxy of
// the user's own, and fields that nobody here knows.

#include <random>

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// A pod whose every container, volume and variable has a name of its own. Equal engines give equal
/// pods, with any standard library.
[[nodiscard]] nlohmann::json random_pod(std::mt19937_64& engine);

/// What a template may render for any pod: istio-proxy, perhaps as a native sidecar, perhaps an
/// istio-init beside it, volumes, annotations.
[[nodiscard]] nlohmann::json random_template_pod(std::mt19937_64& engine);

/// `pod` with a few things changed anywhere: members and elements added, removed, moved, replaced.
[[nodiscard]] nlohmann::json random_edit(std::mt19937_64& engine, nlohmann::json pod);

}  // namespace sluice::injector
