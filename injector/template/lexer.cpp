#include "injector/template/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "injector/template/print.h"
#include "injector/template/printer.h"
#include "injector/template/unicode.h"
#include "rules/base/utf8.h"

namespace sluice::tmpl {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kDigits = "0123456789_";
constexpr std::size_t kTrimMarker = 2;  // the minus and the space beside it

bool is_space(char c) {
  return kSpaces.find(c) != std::string_view::npos;
}

bool has_left_trim(std::string_view text) {
  return text.size() >= kTrimMarker && text[0] == '-' && is_space(text[1]);
}

bool has_right_trim(std::string_view text) {
  return text.size() >= kTrimMarker && is_space(text[0]) && text[1] == '-';
}

TokenKind keyword(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, TokenKind>, 11> Words{{
      {"block", TokenKind::Block},
      {"break", TokenKind::Break},
      {"continue", TokenKind::Continue},
      {"define", TokenKind::Define},
      {"else", TokenKind::Else},
      {"end", TokenKind::End},
      {"if", TokenKind::If},
      {"nil", TokenKind::Nil},
      {"range", TokenKind::Range},
      {"template", TokenKind::Template},
      {"with", TokenKind::With},
  }};
  if (word == "true" || word == "false") return TokenKind::Bool;
  const auto at = std::find_if(Words.begin(), Words.end(),
                               [&](const auto& entry) { return entry.first == word; });
  return at == Words.end() ? TokenKind::Identifier : at->second;
}

/// Go's %#U of what stands first.
std::string code_point(std::string_view text) {
  const Rune rune = first_rune(text);
  const std::array<Value, 1> operand{Value(static_cast<std::int64_t>(rune.value))};
  return rune.size == 0 ? "U+FFFFFFFFFFFFFFFF" : sprintf("%#U", operand);
}

}  // namespace

std::string describe(const Token& token) {
  if (token.kind == TokenKind::Eof) return "EOF";
  if (token.kind == TokenKind::Error) return std::string(token.text);
  if (token.kind > TokenKind::Symbol) return "<" + std::string(token.text) + ">";
  if (token.text.size() > 10) return quote(first_runes(token.text, 10)) + "...";
  return quote(token.text);
}

Lexer::Lexer(std::string_view input, Delimiters delimiters)
    : input_(input), delimiters_(delimiters) {
  if (delimiters_.left.empty()) delimiters_.left = "{{";
  if (delimiters_.right.empty()) delimiters_.right = "}}";
}

Token Lexer::next() {
  Token token;
  while (!inside_) {
    if (text(token) || left_delimiter(token)) return token;
  }
  return inside_action();
}

void Lexer::ignore() {
  const std::string_view passed = input_.substr(start_, at_ - start_);
  line_ += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
  start_ = at_;
}

Token Lexer::emit(TokenKind kind) {
  const Token token{kind, start_, input_.substr(start_, at_ - start_), line_};
  ignore();
  return token;
}

Token Lexer::error(std::string message) {
  message_ = std::move(message);
  const Token token{TokenKind::Error, start_, message_, line_};
  input_ = {};
  at_ = start_ = 0;
  inside_ = false;
  return token;
}

/// Text up to the next action, without what a trim marker takes away. False when there is none.
bool Lexer::text(Token& token) {
  const std::size_t action = input_.find(delimiters_.left, at_);
  if (action == std::string_view::npos) {
    at_ = input_.size();
    token = emit(at_ > start_ ? TokenKind::Text : TokenKind::Eof);
    return true;
  }
  std::size_t end = action;
  if (has_left_trim(input_.substr(action + delimiters_.left.size()))) {
    while (end > at_ && is_space(input_[end - 1])) --end;
  }
  const bool found = end > at_;
  at_ = end;
  if (found) token = emit(TokenKind::Text);
  at_ = action;
  ignore();
  return found;
}

bool Lexer::left_delimiter(Token& token) {
  at_ += delimiters_.left.size();
  const std::size_t marker = has_left_trim(rest()) ? kTrimMarker : 0;
  if (input_.substr(at_ + marker).starts_with("/*")) {
    at_ += marker;
    ignore();
    return comment(token);
  }
  token = emit(TokenKind::LeftDelimiter);
  inside_ = true;
  parentheses_ = 0;
  at_ += marker;
  ignore();
  return true;
}

/// True only for an error.
bool Lexer::comment(Token& token) {
  const std::size_t end = input_.find("*/", at_ + 2);
  if (end == std::string_view::npos) {
    token = error("unclosed comment");
    return true;
  }
  at_ = end + 2;
  bool trims = false;
  if (!at_right_delimiter(trims)) {
    token = error("comment ends before closing delimiter");
    return true;
  }
  at_ += (trims ? kTrimMarker : 0) + delimiters_.right.size();
  if (trims) at_ = std::min(input_.find_first_not_of(kSpaces, at_), input_.size());
  ignore();
  return false;
}

bool Lexer::at_right_delimiter(bool& trims) const {
  trims = has_right_trim(rest()) && rest().substr(kTrimMarker).starts_with(delimiters_.right);
  return trims || rest().starts_with(delimiters_.right);
}

Token Lexer::right_delimiter() {
  bool trims = false;
  static_cast<void>(at_right_delimiter(trims));
  if (trims) at_ += kTrimMarker;
  ignore();
  at_ += delimiters_.right.size();
  const Token token = emit(TokenKind::RightDelimiter);
  if (trims) {
    at_ = std::min(input_.find_first_not_of(kSpaces, at_), input_.size());
    ignore();
  }
  inside_ = false;
  return token;
}

Token Lexer::inside_action() {
  bool trims = false;
  if (at_right_delimiter(trims)) {
    return parentheses_ == 0 ? right_delimiter() : error("unclosed left paren");
  }
  if (rest().empty()) return error("unclosed action");
  const char c = rest().front();
  Token token;
  if (is_space(c)) return space(token) ? token : right_delimiter();
  if (punctuation(c, token)) return token;
  const bool digit_next = rest().size() > 1 && rest()[1] >= '0' && rest()[1] <= '9';
  if (c == '.' && at_ + 1 < input_.size() && !digit_next) return name(TokenKind::Field);
  if (c == '.' || c == '+' || c == '-' || (c >= '0' && c <= '9')) return number();
  if (c == '$') return name(TokenKind::Variable);
  if (c == '"') return quoted('"', TokenKind::String, "quoted string");
  if (c == '\'') return quoted('\'', TokenKind::Character, "character constant");
  if (c == '`') return raw_quoted();
  const Rune rune = first_rune(rest());
  if (is_word(rune.value)) return identifier();
  if (rune.value < 0x80 && is_printable(rune.value)) {
    ++at_;
    return emit(TokenKind::Symbol);
  }
  return error("unrecognized character in action: " + code_point(rest()));
}

bool Lexer::punctuation(char c, Token& token) {
  TokenKind kind{};
  switch (c) {
    case '=':
      kind = TokenKind::Assign;
      break;
    case '|':
      kind = TokenKind::Pipe;
      break;
    case ':':
      if (!rest().starts_with(":=")) {
        token = error("expected :=");
        return true;
      }
      ++at_;
      kind = TokenKind::Declare;
      break;
    case '(':
      ++parentheses_;
      kind = TokenKind::LeftParenthesis;
      break;
    case ')':
      if (--parentheses_ < 0) {
        token = error("unexpected right paren");
        return true;
      }
      kind = TokenKind::RightParenthesis;
      break;
    default:
      return false;
  }
  ++at_;
  token = emit(kind);
  return true;
}

/// A run of spaces; the last may belong to a trim marker. False when no other is there.
bool Lexer::space(Token& token) {
  at_ = std::min(input_.find_first_not_of(kSpaces, at_), input_.size());
  bool trims = false;
  --at_;
  static_cast<void>(at_right_delimiter(trims));
  if (!trims) ++at_;
  if (at_ == start_) return false;
  token = emit(TokenKind::Space);
  return true;
}

void Lexer::skip_words() {
  for (Rune rune = first_rune(rest()); rune.size > 0 && is_word(rune.value);
       rune = first_rune(rest())) {
    at_ += rune.size;
  }
}

bool Lexer::at_terminator() const {
  if (rest().empty() || is_space(rest().front())) return true;
  return std::string_view(".,|:)(").find(rest().front()) != std::string_view::npos ||
         rest().starts_with(delimiters_.right);
}

Token Lexer::identifier() {
  skip_words();
  if (!at_terminator()) return error("bad character " + code_point(rest()));
  return emit(keyword(input_.substr(start_, at_ - start_)));
}

/// After a dot or a dollar sign.
Token Lexer::name(TokenKind kind) {
  ++at_;
  if (at_terminator()) return emit(kind == TokenKind::Field ? TokenKind::Dot : kind);
  skip_words();
  if (!at_terminator()) return error("bad character " + code_point(rest()));
  return emit(kind);
}

Token Lexer::quoted(char mark, TokenKind kind, std::string_view what) {
  for (++at_; at_ < input_.size() && input_[at_] != '\n'; ++at_) {
    if (input_[at_] == mark) {
      ++at_;
      return emit(kind);
    }
    if (input_[at_] == '\\' && at_ + 1 < input_.size() && input_[at_ + 1] != '\n') ++at_;
  }
  return error("unterminated " + std::string(what));
}

Token Lexer::raw_quoted() {
  const std::size_t end = input_.find('`', at_ + 1);
  if (end == std::string_view::npos) return error("unterminated raw quoted string");
  at_ = end + 1;
  return emit(TokenKind::RawString);
}

bool Lexer::accept(std::string_view set) {
  if (rest().empty() || set.find(rest().front()) == std::string_view::npos) return false;
  ++at_;
  return true;
}

void Lexer::accept_run(std::string_view set) {
  while (accept(set)) {
  }
}

Token Lexer::number() {
  const auto bad = [this] {
    return error("bad number syntax: " + quote(input_.substr(start_, at_ - start_)));
  };
  if (!scan_number()) return bad();
  if (!rest().empty() && (rest().front() == '+' || rest().front() == '-')) {
    if (!scan_number() || input_[at_ - 1] != 'i') return bad();
    return emit(TokenKind::Complex);
  }
  return emit(TokenKind::Number);
}

/// What begins like a number and ends where one can: whether it is one is found out later.
bool Lexer::scan_number() {
  accept("+-");
  std::string_view digits = kDigits;
  if (accept("0")) {
    if (accept("xX")) {
      digits = "0123456789abcdefABCDEF_";
    } else if (accept("oO")) {
      digits = "01234567_";
    } else if (accept("bB")) {
      digits = "01_";
    }
  }
  accept_run(digits);
  if (accept(".")) accept_run(digits);
  const bool hexadecimal = digits.size() > kDigits.size();
  if (hexadecimal ? accept("pP") : digits == kDigits && accept("eE")) {
    accept("+-");
    accept_run(kDigits);
  }
  accept("i");
  const Rune after = first_rune(rest());
  if (after.size == 0 || !is_word(after.value)) return true;
  at_ += after.size;
  return false;
}

}  // namespace sluice::tmpl
