#include "rules/base/utf8.h"

#include <algorithm>

namespace sluice {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool continues(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

}  // namespace

Rune first_rune(std::string_view text) {
  if (text.empty()) return {kRuneError, 0};
  const unsigned char lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(byte_at(text, i))) return {};
    value = value << 6U | (byte_at(text, i) & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  return overlong || !is_rune(value) ? Rune{} : Rune{value, size};
}

Rune last_rune(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t size = 1; size <= std::min(kLongest, text.size()); ++size) {
    const Rune rune = first_rune(text.substr(text.size() - size));
    if (rune.size == size && !rune.broken()) return rune;
  }
  return {kRuneError, text.empty() ? 0U : 1U};
}

Rune take_rune(std::string_view& text) {
  const Rune rune = first_rune(text);
  text.remove_prefix(rune.size);
  return rune;
}

std::u32string to_runes(std::string_view text) {
  std::u32string runes;
  runes.reserve(text.size());
  while (!text.empty()) runes += take_rune(text).value;
  return runes;
}

void append_rune(std::string& out, char32_t rune) {
  if (!is_rune(rune)) rune = kRuneError;
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&](unsigned shift) { put(0x80U | (rune >> shift & 0x3FU)); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xC0U | rune >> 6U);
    tail(0);
  } else if (rune < 0x10000) {
    put(0xE0U | rune >> 12U);
    tail(6);
    tail(0);
  } else {
    put(0xF0U | rune >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (take_rune(text).broken()) return false;
  }
  return true;
}

}  // namespace sluice
