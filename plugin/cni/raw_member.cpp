#include "plugin/cni/raw_member.h"

#include <nlohmann/json.hpp>

namespace sluice::cni {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t skip_space(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kSpace, at), text.size());
}

/// `at` is on the opening quote; returns the place behind the closing one.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

/// The place behind the value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0 && (c == ',' || kSpace.find(c) != std::string_view::npos)) {
      return at;
    } else {
      ++at;
      continue;
    }
    if (depth == 0) return at;
  }
  return at;
}

bool is_key(std::string_view literal, std::string_view key) {
  // Escapes in a key are rare enough to let the parser have them.
  return nlohmann::json::parse(literal, nullptr, false) == nlohmann::json(key);
}

}  // namespace

std::string_view raw_member(std::string_view text, std::string_view key) {
  std::string_view found;
  std::size_t at = skip_space(text, 0);
  if (at >= text.size() || text[at] != '{') return found;
  at = skip_space(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    const std::size_t key_end = skip_string(text, at);
    const std::string_view literal = text.substr(at, key_end - at);
    const std::size_t colon = skip_space(text, key_end);
    const std::size_t value = skip_space(text, colon + 1);
    const std::size_t end = skip_value(text, value);
    if (end > text.size() || value >= text.size()) return found;
    if (is_key(literal, key)) found = text.substr(value, end - value);
    at = skip_space(text, end);
    if (at < text.size() && text[at] == ',') at = skip_space(text, at + 1);
  }
  return found;
}

bool nested_deeper_than(std::string_view text, int limit) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    at = c == '"' ? skip_string(text, at) : at + 1;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > limit) return true;
  }
  return false;
}

}  // namespace sluice::cni
