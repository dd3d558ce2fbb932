#pragma once

// A template's text as tokens. Trim markers and comments end here: the parser never sees them.

#include <cstdint>
#include <string>
#include <string_view>

#include "injector/template/template.h"

namespace sluice::tmpl {

enum class TokenKind : std::uint8_t {
  Error,  ///< text says what is wrong
  Eof,    ///< of the input
  Text,   ///< outside of actions
  LeftDelimiter,
  RightDelimiter,
  LeftParenthesis,
  RightParenthesis,
  Pipe,
  Assign,
  Declare,
  Space,
  Bool,
  Character,  ///< 'a'
  Number,
  Complex,
  String,
  RawString,
  Field,       ///< .Name
  Identifier,  ///< a function
  Variable,    ///< $, $name
  Symbol,      ///< any other printable ASCII
  Dot,         ///< from here on keywords, as far as messages go
  Block,
  Break,
  Continue,
  Define,
  Else,
  End,
  If,
  Nil,
  Range,
  Template,
  With,
};

struct Token {
  TokenKind kind = TokenKind::Eof;
  std::size_t position = 0;  ///< in bytes
  std::string_view text;
  int line = 1;
};

/// As messages name it.
[[nodiscard]] std::string describe(const Token& token);

class Lexer {
 public:
  /// Both views outlive the lexer and its tokens.
  Lexer(std::string_view input, Delimiters delimiters);
  /// Eof again and again once the input is used up, or an Error was given out.
  Token next();

 private:
  [[nodiscard]] std::string_view rest() const { return input_.substr(at_); }
  [[nodiscard]] bool at_right_delimiter(bool& trims) const;
  [[nodiscard]] bool at_terminator() const;
  bool accept(std::string_view set);
  void accept_run(std::string_view set);
  void skip_words();
  void ignore();
  Token emit(TokenKind kind);
  Token error(std::string message);
  bool text(Token& token);
  bool left_delimiter(Token& token);
  bool comment(Token& token);
  Token right_delimiter();
  Token inside_action();
  bool punctuation(char c, Token& token);
  bool space(Token& token);
  Token identifier();
  Token name(TokenKind kind);
  Token quoted(char mark, TokenKind kind, std::string_view what);
  Token raw_quoted();
  Token number();
  bool scan_number();

  std::string_view input_;
  Delimiters delimiters_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  int line_ = 1;  ///< of start_
  int parentheses_ = 0;
  bool inside_ = false;
  std::string message_;
};

}  // namespace sluice::tmpl
