#pragma once

// The images that Istio's values and annotations name.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

/// "hub/image:tag-type". `section` of the values ("proxy", "proxy_init") names the image. `type` is
/// distroless, debug or another; "default" is none, "" what the values' variant says.
[[nodiscard]] std::string proxy_image(const nlohmann::json& values, const char* section,
                                      std::string_view type);

}  // namespace sluice::injector
