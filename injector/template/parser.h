#pragma once

// From tokens to a Template::Tree.

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "injector/template/lexer.h"
#include "injector/template/tree.h"

namespace sluice::tmpl {

class Parser {
 public:
  /// `tree` has name and text, and gets the rest.
  Parser(Template::Tree& tree, const FunctionTable& functions, Delimiters delimiters);
  [[nodiscard]] Result<void> run();

 private:
  /// What ended a list of statements.
  enum class Ending { None, End, Else };

  struct Variable {
    std::string name;
    int slot;
  };
  /// What belongs to one definition while it is parsed.
  struct Scope {
    std::vector<Variable> variables{{"$", 0}};
    int slots = 1;
    int ranges = 0;  ///< that the text is inside of
  };

  // Tokens, with up to three of lookahead.
  Token next();
  void backup() { ++ahead_; }
  Token peek();
  Token next_non_space();
  Token peek_non_space();
  Token expect(TokenKind kind, std::string_view context);

  // The first error counts; after it the input is as if at its end, so that every loop ends.
  void fail(const std::string& message);
  void unexpected(const Token& token, std::string_view context);
  bool enter();

  void top_level();
  void definition();
  void add(Definition definition);
  Ending statements(Body& body);
  Ending statement(Body& body);
  Ending action(Body& body);
  void loop_control(Body& body, const Token& keyword);
  void control(Body& body, Action action);
  void otherwise(Statement& statement, Action action);
  Ending else_action();
  void block(Body& body);
  void call(Body& body);
  std::string template_name(const Token& token, std::string_view context);

  std::unique_ptr<Pipeline> pipeline(std::string_view context, TokenKind end);
  bool declarations(Pipeline& pipeline, std::string_view context);
  void declare(Pipeline& pipeline, const Token& variable, bool assigns);
  void resolve(Pipeline& pipeline, std::size_t first);
  void commands(Pipeline& pipeline, std::string_view context, TokenKind end);
  void check(const Pipeline& pipeline, std::string_view context);
  Command command();
  bool operand(Operand& operand);
  void chain(Operand& operand);
  bool term(Operand& operand);
  void function(Operand& operand, const Token& token);
  void variable(Operand& operand, const Token& token);
  void constant(Operand& operand, const Token& token);
  [[nodiscard]] int slot_of(std::string_view name) const;
  void link(Body& body);

  Template::Tree& tree_;
  const FunctionTable& functions_;
  Lexer lexer_;
  std::array<Token, 3> tokens_{};
  int ahead_ = 0;
  std::string error_;
  Scope scope_;
  int nesting_ = 0;
  int action_line_ = 0;  ///< where the action began that is being read; 0: none is
  std::map<std::string, const Callee*, std::less<>> callees_;
};

}  // namespace sluice::tmpl
