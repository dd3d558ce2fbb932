#pragma once

// protobuf's JSON by tables: reading it as leniently as Istio does, and writing it byte for byte as
// Istio writes it.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "conf/schema/type.h"
#include "rules/base/result.h"

namespace sluice::mesh {

/// Reads the fields of `document` over `message`, which becomes canonical: lowerCamelCase names,
/// enums by name, durations in seconds, and nothing that is zero. A field that is named replaces
/// what was there, null names none, of exclusive fields the last stays, unknown ones are dropped.
/// Malformed, with path and value, for what does not fit; `path` is what `message` is called.
[[nodiscard]] Result<void> read_message(const nlohmann::json& document, const schema::Type& type,
                                        std::string_view path, nlohmann::json& message);

/// Canonical `message` as text: fields in the order of declaration, maps by key, 64-bit integers
/// in quotes, `<`, `>` and `&` escaped.
[[nodiscard]] std::string message_text(const nlohmann::json& message, const schema::Type& type);

}  // namespace sluice::mesh
