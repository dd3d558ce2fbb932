#pragma once

// What an init container that programs the redirect would have been told, as the annotations that
// tell the plugin the same. Templates that know of no CNI plugin say it nowhere else.

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// The annotations that stand for the arguments of an istio-init container: an object of strings,
/// without what the plugin does anyway. An argument that is no flag of istio-iptables is passed
/// over.
[[nodiscard]] nlohmann::json annotations_of_init(const nlohmann::json& istio_init_container);

}  // namespace sluice::injector
