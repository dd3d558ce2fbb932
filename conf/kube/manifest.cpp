#include "conf/kube/manifest.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "conf/kube/yaml.h"
#include "conf/kube/yaml_write.h"
#include "rules/base/hex.h"
#include "rules/base/utf8.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

constexpr std::string_view ByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view Blank = " \t\r\n";

/// A stretch of the text.
struct Span {
  std::size_t begin;
  std::size_t end;
};

std::string_view in_text(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

/// Where the line that begins at `at` ends, its line break included.
std::size_t line_end(std::string_view text, std::size_t at) {
  const auto newline = text.find('\n', at);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

/// Whether a line is `---` or `...` and not the beginning of a word.
bool is_marker(std::string_view line) {
  if (!line.starts_with("---") && !line.starts_with("...")) return false;
  return line.size() == 3 || Blank.find(line[3]) != std::string_view::npos;
}

/// Whether a line says nothing by itself: blank, a comment, or a directive such as `%YAML 1.2`.
bool is_silent(std::string_view line) {
  const auto first = line.find_first_not_of(Blank);
  return first == std::string_view::npos || line[first] == '#' || line[0] == '%';
}

/// The bodies between markers, empty ones too. What follows `---` on its line belongs to the body,
/// unless it is a comment.
std::vector<Span> bodies(std::string_view text) {
  std::vector<Span> out;
  std::size_t begin = 0;
  for (std::size_t at = text.starts_with(ByteOrderMark) ? ByteOrderMark.size() : 0;
       at < text.size();) {
    const std::size_t next = line_end(text, at);
    const std::string_view line = text.substr(at, next - at);
    if (is_marker(line)) {
      out.push_back({begin, at});
      const auto word = line.find_first_not_of(Blank, 3);
      const bool content = word != std::string_view::npos && line[word] != '#' && line[0] == '-';
      begin = content ? at + word : next;
    }
    at = next;
  }
  out.push_back({begin, text.size()});
  return out;
}

/// A body without the byte order mark and the silent lines at its head; empty if it has no others.
Span content_of(std::string_view text, Span body) {
  if (in_text(text, body).starts_with(ByteOrderMark)) body.begin += ByteOrderMark.size();
  while (body.begin < body.end) {
    const std::size_t next = std::min(line_end(text, body.begin), body.end);
    if (!is_silent(text.substr(body.begin, next - body.begin))) break;
    body.begin = next;
  }
  return body;
}

/// The end of the JSON object or array that begins at `at`, by its brackets alone.
std::size_t json_end(std::string_view text, Span body) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = body.begin; at < body.end; ++at) {
    const char c = text[at];
    if (quoted) {
      at += c == '\\' ? 1U : 0U;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return body.end;
}

class Reader {
 public:
  explicit Reader(Manifest& manifest) : manifest_(manifest), text_(manifest.text) {}

  Result<void> read() {
    for (const Span& body : bodies(text_)) {
      const Span content = content_of(text_, body);
      if (content.begin == content.end) continue;
      if (!read_json(content)) RETURN_IF_ERROR(read_yaml(content));
    }
    return {};
  }

 private:
  /// False, and nothing read, unless all of the content is JSON objects.
  bool read_json(Span content) {
    const std::size_t before = manifest_.documents.size();
    for (;;) {
      content.begin = std::min(text_.find_first_not_of(Blank, content.begin), content.end);
      if (content.begin == content.end) return true;
      const Span object{content.begin, json_end(text_, content)};
      auto value = text_[content.begin] == '{' ? parse_json(in_text(text_, object))
                                               : fail(Errc::Malformed, {});
      if (!value) {
        manifest_.documents.resize(before);
        return false;
      }
      add(object, Form::Json, std::move(*value));
      content.begin = object.end;
    }
  }

  Result<void> read_yaml(Span content) {
    const std::string_view text = in_text(text_, content);
    auto value = json_or_yaml(text);
    if (!value) {
      // Once more with the lines before it, so that the message counts lines as an editor does.
      const std::string padded =
          std::string(static_cast<std::size_t>(line_at(content.begin) - 1), '\n') +
          std::string(text);
      auto again = json_or_yaml(padded);
      Error error = again ? std::move(value).error() : std::move(again).error();
      return fail(std::move(error).wrap("document " + std::to_string(next_number())));
    }
    add(content, Form::Yaml, std::move(*value));
    return {};
  }

  void add(Span content, Form form, json value) {
    manifest_.documents.push_back({next_number(), line_at(content.begin), content.begin,
                                   content.end, form, std::move(value), std::nullopt});
  }

  [[nodiscard]] int next_number() const { return static_cast<int>(manifest_.documents.size()) + 1; }

  /// Called with places in rising order, but for JSON that turns out to be none.
  int line_at(std::size_t at) {
    if (at < counted_) {
      counted_ = 0;
      line_ = 1;
    }
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted_ = at;
    return line_;
  }

  Manifest& manifest_;
  std::string_view text_;
  std::size_t counted_ = 0;
  int line_ = 1;
};

void append(std::string& out, const Manifest& manifest) {
  const std::string_view text = manifest.text;
  std::size_t at = out.empty() || !text.starts_with(ByteOrderMark) ? 0 : ByteOrderMark.size();
  for (const Document& document : manifest.documents) {
    if (!document.rewritten) continue;
    out += text.substr(at, document.begin - at);
    // `--- {kind: Pod}`: what is written instead begins on a line of its own.
    if (document.form == Form::Yaml && !out.empty() && out.back() != '\n' && out != ByteOrderMark) {
      out += '\n';
    }
    out += *document.rewritten;
    at = document.end;
  }
  out += text.substr(at);
}

/// The characters that JSON allows in strings and YAML does not, or takes for line breaks.
std::string readable_as_yaml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view from = text;
    const Rune rune = take_rune(text);
    const bool control = rune.value >= 0x7F && rune.value < 0xA0;  // NEL is one
    const bool separator = rune.value == 0x2028 || rune.value == 0x2029;
    const bool nothing = rune.value == 0xFEFF || rune.value == 0xFFFE || rune.value == 0xFFFF;
    if (!control && !separator && !nothing) {
      out += from.substr(0, rune.size);
      continue;
    }
    append_hex(out += "\\u", rune.value, 4);
  }
  return out;
}

std::string json_like(std::string_view text, std::size_t newline, const json& value) {
  if (newline == std::string_view::npos) return readable_as_yaml(value.dump());
  const auto word = text.find_first_not_of(' ', newline + 1);
  const auto indent = word == std::string_view::npos ? 4 : word - newline - 1;
  return readable_as_yaml(value.dump(static_cast<int>(indent)));
}

/// YAML takes a line break for a line feed, however it is written.
std::string with_dos_line_breaks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

Result<Manifest> read_manifest(std::string text) {
  Manifest manifest{std::move(text), {}};
  RETURN_IF_ERROR(Reader(manifest).read());
  return manifest;
}

std::string compose(const std::vector<Manifest>& manifests) {
  std::string out;
  for (const Manifest& manifest : manifests) {
    if (manifest.text.empty()) continue;
    if (!out.empty()) {
      // What begins as JSON is JSON to the end for kubectl, which then stumbles over a marker.
      if (out.front() == '{') out.insert(0, "---\n");
      if (out.back() != '\n') out += '\n';
      const bool marked =
          is_marker(std::string_view(manifest.text).substr(0, 4)) && manifest.text.starts_with('-');
      if (!marked) out += "---\n";
    }
    append(out, manifest);
  }
  return out;
}

std::string written_like(const Manifest& manifest, const Document& document, const json& value) {
  const std::string_view text =
      std::string_view(manifest.text).substr(document.begin, document.end - document.begin);
  const auto newline = text.find('\n');
  if (document.form == Form::Json) return json_like(text, newline, value);
  std::string yaml = to_yaml(value);
  const bool dos = newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r';
  return dos ? with_dos_line_breaks(yaml) : yaml;
}

}  // namespace sluice::kube
