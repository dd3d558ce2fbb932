// sprig's functions on strings as such.

#include "injector/template/functions/bind.h"
#include "injector/template/functions/letters.h"
#include "injector/template/functions/text.h"
#include "injector/template/print.h"
#include "injector/template/walk.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

using std::string;

bool in_cutset(std::u32string_view cutset, const Rune& rune) {
  return cutset.find(rune.value) != std::u32string_view::npos;
}

/// strings.Trim: runes of the cutset, at both ends.
string trim_all(std::string_view cutset, std::string_view text) {
  const std::u32string runes = to_runes(cutset);
  while (!text.empty() && in_cutset(runes, first_rune(text))) take_rune(text);
  while (!text.empty() && in_cutset(runes, last_rune(text))) {
    text.remove_suffix(last_rune(text).size);
  }
  return string(text);
}

Result<string> repeat(std::int64_t count, const string& text) {
  if (count < 0) return go_error("strings: negative Repeat count");
  if (text.empty() || count == 0) return string();
  if (static_cast<std::uint64_t>(count) > kMostBytes / text.size()) return too_large();
  if (text.size() == 1) return string(static_cast<std::size_t>(count), text.front());
  string out;
  for (std::int64_t i = 0; i < count; ++i) out += text;
  return out;
}

Result<string> indented(std::int64_t spaces, const string& text) {
  ASSIGN_OR_RETURN(const string pad, repeat(spaces, " "));
  ASSIGN_OR_RETURN(const string rest, replace_all(text, "\n", "\n" + pad));
  return pad + rest;
}

Result<string> on_new_line(std::int64_t spaces, const string& text) {
  ASSIGN_OR_RETURN(const string lines, indented(spaces, text));
  return "\n" + lines;
}

/// The first `count` bytes, or the last where it is negative.
string truncate(std::int64_t count, const string& text) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (count < 0 && size + count > 0) return text.substr(static_cast<std::size_t>(size + count));
  if (count >= 0 && size > count) return text.substr(0, static_cast<std::size_t>(count));
  return text;
}

/// text[from:to], with Go's words for bounds that are none.
Result<string> sliced(const string& text, std::int64_t from, std::int64_t to, bool open_end) {
  const auto size = static_cast<std::int64_t>(text.size());
  const string bounds = std::to_string(from) + ":";
  if (open_end) to = size;
  if (to < 0 || to > size) {
    const string shown = to < 0 ? "" : " with length " + std::to_string(size);
    return go_error("runtime error: slice bounds out of range [:" + std::to_string(to) + "]" +
                    shown);
  }
  if (from < 0 || from > to) {
    return go_error("runtime error: slice bounds out of range [" + bounds + std::to_string(to) +
                    "]");
  }
  return text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
}

Result<string> substring(std::int64_t start, std::int64_t end, const string& text) {
  if (start < 0) return sliced(text, 0, end, false);
  if (end < 0 || end > static_cast<std::int64_t>(text.size())) return sliced(text, start, 0, true);
  return sliced(text, start, end, false);
}

Result<string> quoted(const Rest<Value>& values, bool single) {
  Strings parts;
  for (const Value& value : values.items) {
    if (is_nil_interface(value)) continue;
    parts.push_back(single ? "'" + value.print() + "'" : quote(text_of(value)));
  }
  return join(parts, " ");
}

/// All of them, a space between each two. The outer spaces that go are those of the first and last
/// separator, so text keeps its own.
Result<string> concatenated(const Rest<Value>& values) {
  Strings parts;
  for (const Value& value : values.items) {
    if (!is_nil_interface(value)) parts.push_back(value.print());
  }
  return join(parts, " ");
}

Result<StringMap> numbered(const Result<Strings>& parts) {
  if (!parts) return fail(parts.error());
  StringMap map;
  for (std::size_t i = 0; i < parts->size(); ++i) map["_" + std::to_string(i)] = (*parts)[i];
  return map;
}

void add_affixes(Binder& binder) {
  binder
      .bind("trimSuffix",
            [](const string& suffix, const string& text) {
              const bool there = text.ends_with(suffix);
              return there ? text.substr(0, text.size() - suffix.size()) : text;
            })
      .bind("trimPrefix",
            [](const string& prefix, const string& text) {
              return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
            })
      .bind("hasPrefix",
            [](const string& prefix, const string& text) { return text.starts_with(prefix); })
      .bind("hasSuffix",
            [](const string& suffix, const string& text) { return text.ends_with(suffix); })
      .bind("contains",
            [](const string& part, const string& text) { return text.find(part) != string::npos; });
}

void add_parts(Binder& binder) {
  binder.bind("split", [](const string& separator, const string& text) {
    return numbered(split(text, separator));
  });
  binder.bind("splitn", [](const string& separator, std::int64_t most, const string& text) {
    return numbered(split(text, separator, most));
  });
  binder.bind("splitList",
              [](const string& separator, const string& text) { return split(text, separator); });
  binder.bind("join", [](const string& separator, const Value& list) {
    return join(texts_of(list), separator);
  });
  binder.bind("toStrings", [](const Value& list) { return texts_of(list); });
}

}  // namespace

void add_strings(FunctionTable& table) {
  Binder binder(table);
  binder.bind("hello", [] { return string("Hello!"); });
  binder.bind("trim", [](const string& text) { return trim_space(text); });
  binder.bind("trimAll",
              [](const string& cutset, const string& text) { return trim_all(cutset, text); });
  binder.alias("trimall", "trimAll");
  binder.bind("upper", [](const string& text) { return map_runes(text, to_upper); });
  binder.bind("lower", [](const string& text) { return map_runes(text, to_lower); });
  binder.bind("repeat", repeat);
  binder.bind("trunc", truncate);
  binder.bind("substr", substring);
  binder.bind("indent", indented);
  binder.bind("nindent", on_new_line);
  binder.bind("replace", [](const string& old, const string& replacement, const string& text) {
    return replace_all(text, old, replacement);
  });
  binder.bind("quote", [](const Rest<Value>& values) { return quoted(values, false); });
  binder.bind("squote", [](const Rest<Value>& values) { return quoted(values, true); });
  binder.bind("cat", concatenated);
  binder.bind("plural", [](const string& one, const string& many, std::int64_t count) {
    return count == 1 ? one : many;
  });
  binder.bind("toString", text_of);
  add_affixes(binder);
  add_parts(binder);
}

}  // namespace sluice::tmpl
