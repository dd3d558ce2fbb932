#pragma once

// Unsigned decimal numbers as configuration writes them.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

/// The number `text` spells, at most `max`; nothing for anything but plain digits: no sign, no
/// space, no leading zero, not empty.
[[nodiscard]] inline std::optional<std::uint64_t> parse_decimal(std::string_view text,
                                                                std::uint64_t max) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value > max) return std::nullopt;
  return value;
}

}  // namespace sluice
