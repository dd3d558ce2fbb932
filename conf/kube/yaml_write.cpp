#include "conf/kube/yaml_write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/yaml_text.h"
#include "rules/base/hex.h"
#include "rules/base/utf8.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

constexpr int Indent = 2;
constexpr int Width = 80;             // a line is folded at the first space after this column
constexpr std::size_t LongKey = 128;  // bytes; a longer key is written with "? "

enum class Style { Plain, Single, Double, Literal };

bool is_break(char32_t rune) {
  return rune == U'\n';
}
bool is_line_separator(char32_t rune) {
  return rune == 0x2028 || rune == 0x2029;
}
bool is_blank(char32_t rune) {
  return rune == U' ' || rune == U'\t';
}

bool is_printable(char32_t rune) {
  return rune == U'\n' || (rune >= 0x20 && rune <= 0x7E) || (rune >= 0xA0 && rune <= 0xD7FF) ||
         (rune >= 0xE000 && rune <= 0xFFFD && rune != 0xFEFF);
}

/// In which styles a text can be written at all.
struct Forms {
  bool plain = true;
  bool single = true;
  bool literal = true;
};

/// Whether `runes[at]`, printable and no break, would end or begin something if it stood bare.
bool is_indicator(std::u32string_view runes, std::size_t at) {
  const bool blank_after = at + 1 >= runes.size() || is_blank(runes[at + 1]) ||
                           is_break(runes[at + 1]) || is_line_separator(runes[at + 1]);
  const bool blank_before = at == 0 || is_blank(runes[at - 1]);
  if (runes[at] == U'#') return blank_before;
  if (runes[at] == U':') return blank_after;
  if (at > 0) return false;
  if (runes[at] == U'?' || runes[at] == U'-') return blank_after;
  return std::u32string_view(U",[]{}&*!|>'\"%@`").find(runes[at]) != std::u32string_view::npos;
}

Forms forms_of(std::u32string_view runes) {
  Forms forms;
  if (runes.starts_with(U"---") || runes.starts_with(U"...")) forms.plain = false;
  if (runes.front() == U' ' || runes.back() == U' ') forms.plain = false;
  if (runes.back() == U' ') forms.literal = false;
  for (std::size_t at = 0; at < runes.size(); ++at) {
    const char32_t rune = runes[at];
    const char32_t before = at == 0 ? U'x' : runes[at - 1];
    if (!is_printable(rune) || is_line_separator(rune)) return {false, false, false};
    if (is_break(rune)) {
      forms.plain = false;
      if (before == U' ') return {false, false, false};
    } else if (rune == U' ' && is_break(before)) {
      forms.plain = forms.single = false;
    } else if (is_indicator(runes, at)) {
      forms.plain = false;
    }
  }
  return forms;
}

enum class Place { Root, Item, Key, QueriedKey, Value };

Style style_of(std::string_view text, std::u32string_view runes, Place place) {
  if (runes.empty()) return Style::Double;
  const Forms forms = forms_of(runes);
  const bool several_lines = text.find('\n') != std::string_view::npos;
  if (several_lines) {
    return forms.literal && place != Place::Key ? Style::Literal : Style::Double;
  }
  if (plain_means_more(text)) return Style::Double;
  if (forms.plain) return Style::Plain;
  return forms.single ? Style::Single : Style::Double;
}

/// The shortest digits that read back the same: as an integer where Go's JSON, and then Go's YAML,
/// take it for one, else as Go's %g.
std::string float_text(double value) {
  if (!std::isfinite(value)) return "null";  // as JSON has it
  if (value == 0) return "0";
  std::array<char, 64> buffer{};
  const auto to_text = [&](std::chars_format format) {
    const auto end = std::to_chars(buffer.begin(), buffer.end(), value, format).ptr;
    return std::string(buffer.begin(), end);
  };
  const std::string scientific = to_text(std::chars_format::scientific);
  const std::size_t mark = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(mark + 1));
  constexpr double Largest = 18446744073709551616.0;
  constexpr double Smallest = -9223372036854775808.0;
  if (std::trunc(value) == value && value < Largest && value >= Smallest) {
    std::string digits = scientific.substr(0, mark);
    std::erase(digits, '.');
    const std::size_t sign = value < 0 ? 1 : 0;
    digits.resize(sign + static_cast<std::size_t>(exponent) + 1, '0');
    return digits;
  }
  if (exponent < -4 || exponent >= 6) return scientific;
  return to_text(std::chars_format::fixed);
}

/// Writes one document. Knows the column, which decides where lines are folded, and whether what is
/// on the line so far is only indentation, so that a nested list may begin on it: "- - a".
class Writer {
 public:
  std::string write(const json& document) {
    node(document, -1, Place::Root);
    break_line_unless_fresh(0);
    return std::move(out_);
  }

 private:
  void node(const json& value, int indent, Place place) {
    if (value.is_array() && !value.empty()) {
      list(value, indent, place);
    } else if (value.is_object() && !value.empty()) {
      map(value, indent);
    } else if (value.is_string()) {
      text(value.get_ref<const std::string&>(), indent, place);
    } else if (value.is_array()) {
      indicator("[]");
    } else if (value.is_object()) {
      indicator("{}");
    } else {
      indicator(value.is_number_float() ? float_text(value.get<double>()) : value.dump());
    }
  }

  void list(const json& items, int indent, Place place) {
    const bool under_key = (place == Place::Value || place == Place::QueriedKey) && !only_indent_;
    const int inner = indent < 0 ? 0 : under_key ? indent : indent + Indent;
    for (const json& item : items) {
      break_line_unless_fresh(inner);
      indicator("-", Begins::Block);
      node(item, inner, Place::Item);
    }
  }

  void map(const json& members, int indent) {
    struct Member {
      std::u32string runes;
      const std::string* key;
      const json* value;
    };
    std::vector<Member> sorted;
    for (const auto& [key, value] : members.items())
      sorted.push_back({to_runes(key), &key, &value});
    // Stable: the order is Go's, and nobody has shown that it is one for every set of keys.
    std::stable_sort(sorted.begin(), sorted.end(), [](const Member& a, const Member& b) {
      return natural_less(a.runes, b.runes);
    });
    const int inner = indent < 0 ? 0 : indent + Indent;
    for (const Member& member : sorted) {
      break_line_unless_fresh(inner);
      const bool breaks = std::any_of(member.runes.begin(), member.runes.end(), [](char32_t rune) {
        return is_break(rune) || rune == U'\r' || is_line_separator(rune);
      });
      if (breaks || member.key->size() > LongKey) {
        indicator("?", Begins::Block);
        text(*member.key, inner, Place::QueriedKey);
        break_line_unless_fresh(inner);
        indicator(":", Begins::Block);
      } else {
        text(*member.key, inner, Place::Key);
        out_ += ':';
        ++column_;
      }
      node(*member.value, inner, Place::Value);
    }
  }

  void text(const std::string& value, int indent, Place place) {
    const std::u32string runes = to_runes(value);
    const int inner = indent < 0 ? Indent : indent + Indent;
    const Style style = style_of(value, runes, place);
    switch (style) {
      case Style::Plain:
      case Style::Single:
        single(runes, inner, place, style == Style::Single ? "'" : "");
        break;
      case Style::Double:
        doubled(runes, inner, place);
        break;
      case Style::Literal:
        literal(runes, inner);
        break;
    }
  }

  /// Plain and single-quoted text, which differ by the quotes.
  void single(std::u32string_view runes, int indent, Place place, std::string_view quote) {
    indicator(quote);
    bool space_before = false;
    for (std::size_t at = 0; at < runes.size(); ++at) {
      const bool space = runes[at] == U' ';
      const bool inside = at > 0 && at + 1 < runes.size() && runes[at + 1] != U' ';
      if (space && !space_before && inside && may_fold(place)) {
        new_line(indent);
      } else {
        if (runes[at] == U'\'' && !quote.empty()) put(U'\'');
        put(runes[at]);
      }
      space_before = space;
    }
    out_ += quote;
    column_ += static_cast<int>(quote.size());
  }

  void doubled(std::u32string_view runes, int indent, Place place) {
    indicator("\"");
    bool space_before = false;
    for (std::size_t at = 0; at < runes.size(); ++at) {
      const char32_t rune = runes[at];
      const bool space = rune == U' ';
      if (space && !space_before && at > 0 && at + 1 < runes.size() && may_fold(place)) {
        new_line(indent);
        if (runes[at + 1] == U' ') put(U'\\');
      } else if (!is_printable(rune) || is_break(rune) || is_line_separator(rune) || rune == U'"' ||
                 rune == U'\\') {
        escape(rune);
      } else {
        put(rune);
      }
      space_before = space;
    }
    put(U'"');
  }

  void literal(std::u32string_view runes, int indent) {
    std::string header = "|";
    if (runes.front() == U' ' || is_break(runes.front())) {
      header += static_cast<char>('0' + Indent);
    }
    if (!is_break(runes.back())) {
      header += '-';
    } else if (runes.size() == 1 || is_break(runes[runes.size() - 2])) {
      header += '+';
    }
    indicator(header);
    new_line(0);
    for (std::size_t at = 0; at < runes.size(); ++at) {
      if (is_break(runes[at])) {
        new_line(0);
        continue;
      }
      if (column_ == 0) indent_to(indent);
      put(runes[at]);
    }
  }

  void escape(char32_t rune) {
    static constexpr std::array<std::pair<char32_t, char32_t>, 13> Short{{{0, U'0'},
                                                                          {7, U'a'},
                                                                          {8, U'b'},
                                                                          {U'\t', U't'},
                                                                          {U'\n', U'n'},
                                                                          {11, U'v'},
                                                                          {12, U'f'},
                                                                          {U'\r', U'r'},
                                                                          {0x1B, U'e'},
                                                                          {U'"', U'"'},
                                                                          {U'\\', U'\\'},
                                                                          {0x2028, U'L'},
                                                                          {0x2029, U'P'}}};
    put(U'\\');
    for (const auto& [special, letter] : Short) {
      if (special == rune) return put(letter);
    }
    const int digits = rune <= 0xFF ? 2 : rune <= 0xFFFF ? 4 : 8;
    put(digits == 2 ? U'x' : digits == 4 ? U'u' : U'U');
    append_hex(out_, rune, digits, HexCase::Upper);
    column_ += digits;
  }

  bool may_fold(Place place) const { return place != Place::Key && column_ > Width; }

  /// What begins on this line: a list or map, whose first entry may follow; or a scalar.
  enum class Begins { Block, Scalar };

  void indicator(std::string_view token, Begins begins = Begins::Scalar) {
    if (column_ > 0 && out_.back() != ' ') put(U' ');
    out_ += token;
    column_ += static_cast<int>(token.size());
    only_indent_ = only_indent_ && begins == Begins::Block;
  }

  void put(char32_t rune) {
    append_rune(out_, rune);
    ++column_;
    only_indent_ = false;
  }

  /// At the start of an entry: a new line, unless only indentation precedes it on this one.
  void break_line_unless_fresh(int indent) {
    if (!only_indent_ || column_ > indent) new_line(0);
    indent_to(indent);
  }

  void new_line(int indent) {
    out_ += '\n';
    column_ = 0;
    only_indent_ = true;
    indent_to(indent);
  }

  void indent_to(int indent) {
    for (; column_ < indent; ++column_) out_ += ' ';
  }

  std::string out_;
  int column_ = 0;
  bool only_indent_ = true;
};

}  // namespace

std::string to_yaml(const json& document) {
  return Writer().write(document);
}

}  // namespace sluice::kube
