#pragma once

// JSON as the library's dump() writes it, a few times as fast: a patch is some ten thousand bytes
// of it.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

/// Appends `value`; bytes that are no UTF-8 are replaced.
void write_json(std::string& out, const nlohmann::json& value);
void write_json_string(std::string& out, std::string_view text);

}  // namespace sluice::injector
