#pragma once

// RedirectPolicy as JSON: for people, golden files, the attachment record and the annotation
// redirect.sluice.dev/policy. The schema is policy.schema.json beside this file.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "rules/policy/redirect_policy.h"

namespace sluice {

/// Absent keys take their defaults; unknown keys, wrong types and bad values are errors (Invalid;
/// Malformed for what is no JSON), named with their paths and joined by "; ".
[[nodiscard]] Result<RedirectPolicy> parse_policy(std::string_view json);
[[nodiscard]] Result<RedirectPolicy> policy_from_json(const nlohmann::json& json);

/// All keys, lists sorted.
[[nodiscard]] nlohmann::json policy_to_json(const RedirectPolicy& policy);

/// All keys, lists sorted, no white space: equal policies have equal text.
[[nodiscard]] std::string canonical_json(const RedirectPolicy& policy);

/// 16 hexadecimal digits that stand for canonical_json(); to recognise a policy, not to secure it.
[[nodiscard]] std::string policy_hash(const RedirectPolicy& policy);

}  // namespace sluice
