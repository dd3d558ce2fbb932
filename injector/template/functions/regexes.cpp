// sprig's regular expressions: RE2's, which take time by the length of the text, whatever the
// expression.

#include <array>
#include <optional>

#include <re2/re2.h>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/letters.h"
#include "injector/template/functions/text.h"
#include "injector/template/print.h"
#include "injector/template/unicode.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

using std::string;

/// Go writes named groups (?<name>...) as well as (?P<name>...); this RE2 does not. And it has no
/// \C, any byte; here that becomes what RE2 refuses, with the same words.
string in_words_of_re2(std::string_view pattern) {
  string out;
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    out += pattern[at];
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      out += pattern[++at];
      if (!in_class && out.ends_with('C')) out.replace(out.size() - 2, 2, "[\\C]");
    } else if (pattern[at] == '[') {
      in_class = true;
    } else if (pattern[at] == ']') {
      in_class = false;
    } else if (!in_class && pattern.substr(at).starts_with("(?<")) {
      out += "?P";
      ++at;
    }
  }
  return out;
}

std::string_view go_words(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    default:
      return "expression too large";
  }
}

struct Match {
  std::size_t begin;
  std::size_t end;
  std::vector<re2::StringPiece> groups;  ///< the whole match is the first
};

/// An expression, compiled, and the ways in which Go's regexp applies it.
class Regex {
 public:
  static Result<Regex> compile(const string& pattern) {
    Regex regex(pattern);
    if (regex.re_->ok()) return regex;
    const RE2::ErrorCode code = regex.re_->error_code();
    const string argument = code == RE2::ErrorTrailingBackslash ? "" : regex.re_->error_arg();
    return go_error("error parsing regexp: " + string(go_words(code)) + ": `" + argument + "`");
  }

  const RE2& re() const { return *re_; }

  std::optional<Match> find(std::string_view text, std::size_t from) const {
    const auto count = static_cast<std::size_t>(re_->NumberOfCapturingGroups()) + 1;
    Match match{0, 0, std::vector<re2::StringPiece>(count)};
    const re2::StringPiece subject(text.data(), text.size());
    if (!re_->Match(subject, from, text.size(), RE2::UNANCHORED, match.groups.data(),
                    static_cast<int>(count))) {
      return std::nullopt;
    }
    match.begin = static_cast<std::size_t>(match.groups[0].data() - text.data());
    match.end = match.begin + match.groups[0].size();
    return match;
  }

  /// At most `most` matches, none of them empty right after another; all if it is negative.
  Result<std::vector<Match>> find_all(std::string_view text, std::int64_t most) const {
    std::vector<Match> matches;
    std::optional<std::size_t> end_before;
    std::size_t at = 0;
    while (at <= text.size() && (most < 0 || static_cast<std::int64_t>(matches.size()) < most)) {
      auto match = find(text, at);
      if (!match) break;
      const bool empty_again = match->end == at && match->begin == end_before;
      at = match->end == at ? at + width_at(text, at) : match->end;
      end_before = match->end;
      if (empty_again) continue;
      if (matches.size() >= kMostElements) return too_large();
      matches.push_back(std::move(*match));
    }
    return matches;
  }

  /// Every match replaced by what `replacement` makes of it.
  template <class F>
  Result<string> replace_all(std::string_view text, F replacement) const {
    string out;
    std::size_t copied = 0;
    std::size_t at = 0;
    while (at <= text.size()) {
      const auto match = find(text, at);
      if (!match) break;
      out += text.substr(copied, match->begin - copied);
      if (match->end > copied || match->begin == 0) replacement(out, *match);
      if (out.size() > kMostBytes) return too_large();
      copied = match->end;
      at = std::max(at + width_at(text, at), match->end);
    }
    return out += text.substr(copied);
  }

 private:
  explicit Regex(const string& pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(std::int64_t{4} << 20);
    re_ = std::make_shared<const RE2>(in_words_of_re2(pattern), options);
  }

  static std::size_t width_at(std::string_view text, std::size_t at) {
    return at < text.size() ? first_rune(text.substr(at)).size : 1;
  }

  std::shared_ptr<const RE2> re_;
};

/// $1, ${1}, $name, ${name} and $$ in a replacement.
class Expansion {
 public:
  Expansion(const Regex& regex, std::string_view replacement)
      : names_(regex.re().NamedCapturingGroups()), replacement_(replacement) {}

  void append(string& out, const Match& match) const {
    std::string_view rest = replacement_;
    while (true) {
      const std::size_t dollar = rest.find('$');
      out += rest.substr(0, dollar);
      if (dollar == std::string_view::npos) return;
      rest.remove_prefix(dollar + 1);
      if (rest.starts_with('$')) {
        out += '$';
        rest.remove_prefix(1);
        continue;
      }
      const auto name = take_name(rest);
      if (!name) {
        out += '$';  // malformed, so it stands for itself
      } else if (const auto group = group_of(*name); group < match.groups.size()) {
        out.append(match.groups[group].data(), match.groups[group].size());
      }
    }
  }

 private:
  static std::optional<std::string_view> take_name(std::string_view& rest) {
    std::string_view read = rest;
    const bool braces = read.starts_with('{');
    if (braces) read.remove_prefix(1);
    std::size_t length = 0;
    while (length < read.size()) {
      const Rune rune = first_rune(read.substr(length));
      if (!is_word(rune.value)) break;
      length += rune.size;
    }
    const std::string_view name = read.substr(0, length);
    read.remove_prefix(length);
    if (length == 0 || (braces && !read.starts_with('}'))) return std::nullopt;
    if (braces) read.remove_prefix(1);
    rest = read;
    return name;
  }

  std::size_t group_of(std::string_view name) const {
    constexpr auto None = static_cast<std::size_t>(-1);
    if (name.find_first_not_of("0123456789") == std::string_view::npos) {
      const bool plain = name.size() < 9 && (name.size() == 1 || name[0] != '0');
      return plain ? static_cast<std::size_t>(std::stoul(string(name))) : None;
    }
    const auto at = names_.find(string(name));
    return at == names_.end() ? None : static_cast<std::size_t>(at->second);
  }

  const std::map<string, int>& names_;
  std::string_view replacement_;
};

/// What a panic of Go's MustCompile says.
string compile_failed(const string& pattern, const string& message) {
  bool backquotes = true;
  for (std::string_view rest = pattern; !rest.empty();) {
    const char32_t rune = take_rune(rest).value;
    const bool control = (rune < ' ' && rune != '\t') || rune == 0x7F;
    backquotes = backquotes && !control && rune != '`' && rune != kRuneError && rune != 0xFEFF;
  }
  return "regexp: Compile(" + (backquotes ? "`" + pattern + "`" : quote(pattern)) + "): " + message;
}

/// How an expression that is none is reported: sprig panics, or returns an error from must...
enum class OnError { Panic, Return };

Result<Regex> compiled(const string& pattern, const string& text, OnError on_error) {
  constexpr std::size_t MostText = std::size_t{256} << 10;
  if (text.size() > MostText || pattern.size() > MostText) {
    return go_error("a text for a regular expression is larger than " + std::to_string(MostText) +
                    " bytes");
  }
  auto regex = Regex::compile(pattern);
  if (regex || on_error == OnError::Return) return regex;
  return go_error(compile_failed(pattern, regex.error().message));
}

Result<Value> find_all(const Regex& regex, const string& text, std::int64_t most) {
  ASSIGN_OR_RETURN(const auto matches, regex.find_all(text, most));
  Strings found;
  for (const Match& match : matches) {
    found.push_back(text.substr(match.begin, match.end - match.begin));
  }
  return found.empty() ? nil_string_list() : made(found);
}

Result<Value> split(const Regex& regex, const string& text, std::int64_t most) {
  if (most == 0) return nil_string_list();
  if (text.empty() && !regex.re().pattern().empty()) return made(Strings{""});
  ASSIGN_OR_RETURN(const auto matches, regex.find_all(text, most));
  Strings parts;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const Match& match : matches) {
    if (most > 0 && static_cast<std::int64_t>(parts.size()) == most - 1) break;
    end = match.begin;
    if (match.end != 0) parts.push_back(text.substr(begin, end - begin));
    begin = match.end;
  }
  if (end != text.size()) parts.push_back(text.substr(begin));
  return made(parts);
}

Result<string> replaced(const Regex& regex, const string& text, const string& replacement,
                        bool literally) {
  const Expansion expansion(regex, replacement);
  return regex.replace_all(text, [&](string& out, const Match& match) {
    if (literally) {
      out += replacement;
    } else {
      expansion.append(out, match);
    }
  });
}

/// `name` and its must... form.
struct Names {
  std::string_view plain;
  std::string_view must;
};

template <class F>
void bind_both(Binder& binder, const Names& names, F make) {
  binder.bind(names.plain, make(OnError::Panic));
  binder.bind(names.must, make(OnError::Return));
}

string quoted_meta(const string& text) {
  string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

void add_replacing(Binder& binder) {
  for (const bool literally : {false, true}) {
    const Names names = literally ? Names{"regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"}
                                  : Names{"regexReplaceAll", "mustRegexReplaceAll"};
    bind_both(binder, names, [literally](OnError on_error) {
      return [literally, on_error](const string& pattern, const string& text,
                                   const string& replacement) -> Result<string> {
        ASSIGN_OR_RETURN(const Regex regex, compiled(pattern, text, on_error));
        return replaced(regex, text, replacement, literally);
      };
    });
  }
}

}  // namespace

void add_regexes(FunctionTable& table) {
  Binder binder(table);
  binder.bind("regexMatch", [](const string& pattern, const string& text) {
    const auto regex = compiled(pattern, text, OnError::Return);
    return regex && regex->find(text, 0).has_value();
  });
  binder.bind("mustRegexMatch", [](const string& pattern, const string& text) -> Result<bool> {
    ASSIGN_OR_RETURN(const Regex regex, compiled(pattern, text, OnError::Return));
    return regex.find(text, 0).has_value();
  });
  bind_both(binder, {"regexFind", "mustRegexFind"}, [](OnError on_error) {
    return [on_error](const string& pattern, const string& text) -> Result<string> {
      ASSIGN_OR_RETURN(const Regex regex, compiled(pattern, text, on_error));
      const auto match = regex.find(text, 0);
      return match ? text.substr(match->begin, match->end - match->begin) : string();
    };
  });
  bind_both(binder, {"regexFindAll", "mustRegexFindAll"}, [](OnError on_error) {
    return
        [on_error](const string& pattern, const string& text, std::int64_t most) -> Result<Value> {
          ASSIGN_OR_RETURN(const Regex regex, compiled(pattern, text, on_error));
          return find_all(regex, text, most);
        };
  });
  bind_both(binder, {"regexSplit", "mustRegexSplit"}, [](OnError on_error) {
    return
        [on_error](const string& pattern, const string& text, std::int64_t most) -> Result<Value> {
          ASSIGN_OR_RETURN(const Regex regex, compiled(pattern, text, on_error));
          return split(regex, text, most);
        };
  });
  add_replacing(binder);
  binder.bind("regexQuoteMeta", quoted_meta);
}

}  // namespace sluice::tmpl
