#pragma once

// The caBundle of our own webhook configurations: without it the API server does not trust us.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace sluice::webhook {

/// What every webhook's name of ours ends with. Webhooks of other names in the same configuration
/// are an admin's, and are left alone.
inline constexpr std::string_view kOwnWebhooks = "injector.sluice.dev";

/// RFC 6902 operations that give our webhooks in `configuration` this caBundle and change nothing
/// else; an empty array when they have it, which may be among others where cert-manager is asked to
/// keep it: going over to its certificate, both must be trusted. They fail on the whole when
/// somebody has moved the webhooks meanwhile.
[[nodiscard]] nlohmann::json ca_bundle_patch(const nlohmann::json& configuration,
                                             std::string_view ca_pem);

}  // namespace sluice::webhook
