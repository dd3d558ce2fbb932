// sprig's functions on the words of a text: their case, their initials, where to break lines.

#include "injector/template/functions/bind.h"
#include "injector/template/functions/case.h"
#include "injector/template/functions/letters.h"
#include "injector/template/functions/text.h"
#include "injector/template/unicode.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

using std::string;

/// The text with "..." at its end, or where `offset` is more than 4, at both ends. Bytes count.
string abbreviate(std::string_view text, std::int64_t offset, std::int64_t width) {
  const auto size = static_cast<std::int64_t>(text.size());
  const auto part = [&](std::int64_t from, std::int64_t count) {
    return string(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(count)));
  };
  if (text.empty() || width < 4) return {};
  if (size <= width) return string(text);
  offset = std::min(offset, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  if (offset <= 4) return part(0, width - 3) + "...";
  if (width < 7) return {};
  if (offset + width - 3 < size) {
    return "..." + abbreviate(text.substr(static_cast<std::size_t>(offset)), 0, width - 3);
  }
  return "..." + part(size - (width - 3), width - 3);
}

/// Go's strings.Title: what is no letter, digit or underscore begins a word; beyond ASCII only
/// space does.
bool separates_words(char32_t rune) {
  if (rune < 0x80) return !is_word(rune);
  return !is_letter(rune) && !is_number(rune) && is_space(rune);
}

string title(std::string_view text) {
  string out;
  char32_t before = ' ';
  while (!text.empty()) {
    const char32_t rune = take_rune(text).value;
    append_rune(out, separates_words(before) ? to_title(rune) : rune);
    before = rune;
  }
  return out;
}

/// The first letter of each word in lower case.
string untitle(std::string_view text) {
  string out;
  bool first = true;
  while (!text.empty()) {
    const char32_t rune = take_rune(text).value;
    const bool space = is_space(rune);
    append_rune(out, first && !space ? to_lower(rune) : rune);
    first = space;
  }
  return out;
}

string swap_case(std::string_view text) {
  string out;
  bool at_start = true;
  while (!text.empty()) {
    const char32_t rune = take_rune(text).value;
    if (is_upper(rune) || is_title(rune)) {
      append_rune(out, to_lower(rune));
      at_start = false;
    } else if (is_lower(rune)) {
      append_rune(out, at_start ? to_title(rune) : to_upper(rune));
      at_start = false;
    } else {
      append_rune(out, rune);
      at_start = is_space(rune);
    }
  }
  return out;
}

/// Byte by byte, each taken for a rune, as the original does: beyond ASCII both give nonsense.
string without_space(std::string_view text) {
  string out;
  std::size_t kept = 0;
  for (const char c : text) {
    const auto rune = static_cast<unsigned char>(c);
    if (is_space(rune)) continue;
    append_rune(out, rune);
    ++kept;
  }
  return kept == text.size() ? string(text) : out;
}

string initials(std::string_view text) {
  string out;
  bool gap = true;
  for (const char c : text) {
    const auto rune = static_cast<unsigned char>(c);
    if (is_space(rune)) {
      gap = true;
    } else if (gap) {
      append_rune(out, rune);
      gap = false;
    }
  }
  return out;
}

/// Breaks lines at spaces, so that none is longer than `width` bytes; a longer word is cut, or
/// stays whole.
Result<string> wrap(std::string_view text, std::int64_t width_wanted, std::string_view line_break,
                    bool cut_words) {
  const auto width = static_cast<std::size_t>(std::max<std::int64_t>(width_wanted, 1));
  string out;
  const auto line = [&](std::size_t length, std::size_t skipped) {
    out += text.substr(0, length);
    out += line_break;
    text.remove_prefix(length + skipped);
  };
  while (text.size() > width) {
    if (out.size() > kMostBytes) return too_large();
    if (text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    if (const std::size_t space = text.substr(0, width + 1).rfind(' '); space != text.npos) {
      line(space, 1);
    } else if (cut_words) {
      line(width, 0);
    } else if (const std::size_t next = text.find(' ', width); next != text.npos) {
      line(next, 1);
    } else {
      break;
    }
  }
  return out += text;
}

}  // namespace

void add_words(FunctionTable& table) {
  Binder binder(table);
  binder.bind("abbrev", [](std::int64_t width, const string& text) {
    return width < 4 ? text : abbreviate(text, 0, width);
  });
  binder.bind("abbrevboth", [](std::int64_t left, std::int64_t right, const string& text) {
    if (right < 4 || (left > 0 && right < 7)) return text;
    return abbreviate(text, left, right);
  });
  binder.bind("title", [](const string& text) { return title(text); });
  binder.bind("untitle", [](const string& text) { return untitle(text); });
  binder.bind("swapcase", [](const string& text) { return swap_case(text); });
  binder.bind("snakecase", [](const string& text) { return connected_case(text, '_'); });
  binder.bind("kebabcase", [](const string& text) { return connected_case(text, '-'); });
  binder.bind("camelcase", [](const string& text) { return pascal_case(text); });
  binder.bind("nospace", [](const string& text) { return without_space(text); });
  binder.bind("initials", [](const string& text) { return initials(text); });
  binder.bind("wrap", [](std::int64_t width, const string& text) {
    return wrap(text, width, "\n", false);
  });
  binder.bind("wrapWith", [](std::int64_t width, const string& line_break, const string& text) {
    return wrap(text, width, line_break.empty() ? "\n" : line_break, true);
  });
}

}  // namespace sluice::tmpl
