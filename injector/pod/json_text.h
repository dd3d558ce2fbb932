#pragma once

// JSON as the library's dump() writes it, a few times as fast: a patch is some ten thousand bytes
// of it.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// The first byte from `at` on that is not plain, or `end`. Looks at eight bytes at a time.
[[nodiscard]] inline const char* plain_end(const char* at, const char* end) {
  constexpr std::uint64_t Each = 0x0101010101010101;
  constexpr std::uint64_t Highest = 0x80 * Each;
  for (; end - at >= 8; at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, 8);
    // A byte that is less than what is taken from it borrows, which shows in its highest bit; it
    // may spoil the bytes above it, but never the first one that counts.
    const std::uint64_t quote = (eight ^ '"' * Each) - Each;
    const std::uint64_t backslash = (eight ^ '\\' * Each) - Each;
    const std::uint64_t odd = (eight | (eight - ' ' * Each) | quote | backslash) & Highest;
    if (odd == 0) continue;
    if constexpr (std::endian::native == std::endian::little) return at + std::countr_zero(odd) / 8;
    break;
  }
  while (at < end && is_plain_in_json(*at)) ++at;
  return at;
}

/// Appends `value`; bytes that are no UTF-8 are replaced.
void write_json(std::string& out, const nlohmann::json& value);
void write_json_string(std::string& out, std::string_view text);

}  // namespace sluice::injector
