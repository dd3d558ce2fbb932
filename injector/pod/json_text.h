#pragma once

// JSON as the library's dump() writes it, a few times as fast: a patch is some ten thousand bytes
// of it.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace sluice::injector {

/// By byte: whether it stands for itself in a JSON string, alone.
inline constexpr std::array<bool, 256> kPlainInJson = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

[[nodiscard]] inline bool is_plain_in_json(char c) {
  return kPlainInJson.data()[static_cast<unsigned char>(c)];
}

/// Appends `value`; bytes that are no UTF-8 are replaced.
void write_json(std::string& out, const nlohmann::json& value);
void write_json_string(std::string& out, std::string_view text);

}  // namespace sluice::injector
