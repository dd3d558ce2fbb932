#include "injector/template/print.h"
#include "injector/template/printer.h"
#include "injector/template/unicode.h"
#include "rules/base/hex.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

void append_escaped(std::string& out, char32_t rune, char mark, bool ascii) {
  static constexpr std::string_view Letters = "abtnvfr";  // from \a, which is 7
  if (rune == static_cast<unsigned char>(mark) || rune == '\\') {
    out += '\\';
    out += static_cast<char>(rune);
  } else if (is_printable(rune) && (!ascii || rune < 0x80)) {
    append_rune(out, rune);
  } else if (rune >= 7 && rune < 7 + Letters.size()) {
    out += '\\';
    out += "abtnvfr"[rune - 7];
  } else if (rune < ' ' || rune == 0x7f) {
    append_hex(out += "\\x", rune, 2);
  } else if (rune < 0x10000) {
    append_hex(out += "\\u", rune, 4);
  } else {
    append_hex(out += "\\U", rune, 8);
  }
}

std::string quoted(std::string_view text, bool ascii) {
  std::string out = "\"";
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (rune.broken()) {
      append_hex(out += "\\x", static_cast<unsigned char>(text.front()), 2);
    } else {
      append_escaped(out, rune.value, '"', ascii);
    }
    text.remove_prefix(rune.size);
  }
  return out += '"';
}

}  // namespace

std::string quote(std::string_view text) {
  return quoted(text, false);
}

std::string quote_ascii(std::string_view text) {
  return quoted(text, true);
}

std::string quote_rune(char32_t rune, bool ascii) {
  if (!is_rune(rune)) rune = kRuneError;
  std::string out = "'";
  append_escaped(out, rune, '\'', ascii);
  return out += '\'';
}

bool can_backquote(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    const bool control = (rune.value < ' ' && rune.value != '\t') || rune.value == 0x7f;
    if (rune.broken() || control || rune.value == '`' || rune.value == 0xfeff) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

std::string_view first_runes(std::string_view text, int runes) {
  std::size_t at = 0;
  for (; runes > 0 && at < text.size(); --runes) at += first_rune(text.substr(at)).size;
  return text.substr(0, at);
}

}  // namespace sluice::tmpl
