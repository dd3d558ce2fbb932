#include "injector/template/escape.h"

#include "injector/template/unicode.h"
#include "rules/base/hex.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\0':
        append_rune(out, kRuneError);
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
        break;
    }
  }
  return out;
}

std::string escape_js(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    const char c = text.front();
    if (rune.value >= 0x80) {
      if (is_printable(rune.value)) {
        out += text.substr(0, rune.size);
      } else {
        append_hex(out += "\\u", rune.value,
                   rune.value > 0xffff ? (rune.value > 0xfffff ? 6 : 5) : 4, HexCase::Upper);
      }
    } else if (c == '\\' || c == '\'' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '<' || c == '>' || c == '&' || c == '=') {
      append_hex(out += "\\u", static_cast<unsigned char>(c), 4, HexCase::Upper);
    } else if (rune.value < ' ') {
      append_hex(out += "\\u", rune.value, 4, HexCase::Upper);
    } else {
      out += c;
    }
    text.remove_prefix(rune.size);
  }
  return out;
}

std::string escape_query(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char lower = static_cast<char>(c | 0x20);
    const bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_hex(out += '%', static_cast<unsigned char>(c), 2, HexCase::Upper);
    }
  }
  return out;
}

}  // namespace sluice::tmpl
