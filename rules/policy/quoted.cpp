#include "rules/policy/quoted.h"

#include <algorithm>

#include "rules/base/hex.h"

namespace sluice {
namespace {

constexpr std::size_t kShown = 100;

void append_escaped(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (byte >= 0x20 && byte < 0x7F) {
    out += c;
  } else {
    append_hex(out += "\\x", byte, 2);
  }
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kShown)) append_escaped(out, c);
  out += '"';
  if (text.size() > kShown) out += "... (" + std::to_string(text.size()) + " bytes)";
  return out;
}

std::string key_name(std::string_view key) {
  const bool plain =
      !key.empty() && key.size() <= kShown && std::all_of(key.begin(), key.end(), is_word);
  return plain ? std::string(key) : in_quotes(key);
}

}  // namespace sluice
