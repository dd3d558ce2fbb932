#include <algorithm>

#include "injector/template/parser.h"
#include "injector/template/print.h"

namespace sluice::tmpl {
namespace {

bool begins_operand(TokenKind kind) {
  switch (kind) {
    case TokenKind::Bool:
    case TokenKind::Character:
    case TokenKind::Complex:
    case TokenKind::Dot:
    case TokenKind::Field:
    case TokenKind::Identifier:
    case TokenKind::Number:
    case TokenKind::Nil:
    case TokenKind::RawString:
    case TokenKind::String:
    case TokenKind::Variable:
    case TokenKind::LeftParenthesis:
      return true;
    default:
      return false;
  }
}

/// A value that cannot take what comes through a pipe.
bool is_plain(const Operand& operand) {
  switch (operand.word) {
    case Word::Bool:
    case Word::Dot:
    case Word::Nil:
    case Word::Number:
    case Word::String:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::unique_ptr<Pipeline> Parser::pipeline(std::string_view context, TokenKind end) {
  auto result = std::make_unique<Pipeline>();
  result->position = peek_non_space().position;
  const std::size_t first = scope_.variables.size();
  while (declarations(*result, context)) {
  }
  commands(*result, context, end);
  resolve(*result, first);
  return result;
}

/// One `$x :=`, `$x =` or `$i,` of a range. True if another may follow.
bool Parser::declarations(Pipeline& pipeline, std::string_view context) {
  const Token name = peek_non_space();
  if (name.kind != TokenKind::Variable) return false;
  next();
  // Spaces are tokens: "$x foo" needs three of lookahead before it is clear that $x is an argument.
  const Token after = peek();
  const Token token = peek_non_space();
  if (!error_.empty()) return false;
  if (token.kind == TokenKind::Assign || token.kind == TokenKind::Declare) {
    next_non_space();
    declare(pipeline, name, token.kind == TokenKind::Assign);
    return false;
  }
  if (token.kind == TokenKind::Symbol && token.text == ",") {
    next_non_space();
    declare(pipeline, name, false);
    if (context != "range" || pipeline.declared.size() >= 2) {
      fail("too many declarations in " + std::string(context));
      return false;
    }
    const TokenKind following = peek_non_space().kind;
    const bool more = following == TokenKind::Variable || following == TokenKind::RightDelimiter ||
                      following == TokenKind::RightParenthesis;
    if (!more) fail("range can only initialize variables");
    return more;
  }
  if (after.kind == TokenKind::Space) {
    tokens_[1] = after;
    tokens_[2] = name;
    ahead_ = 3;
  } else {
    tokens_[1] = name;
    ahead_ = 2;
  }
  return false;
}

/// The name is known from here on; its slot is so only after the commands, which still see an
/// outer variable of the same name.
void Parser::declare(Pipeline& pipeline, const Token& variable, bool assigns) {
  pipeline.assigns = assigns;
  pipeline.declared.push_back({std::string(variable.text), -1});
  scope_.variables.push_back({std::string(variable.text), -1});
}

/// Gives the variables that `pipeline` declares their slots; theirs are the scope's from `first`.
void Parser::resolve(Pipeline& pipeline, std::size_t first) {
  if (!error_.empty()) return;
  for (Declaration& declared : pipeline.declared) {
    declared.slot = pipeline.assigns ? slot_of(declared.name) : scope_.slots++;
    scope_.variables[first++].slot = declared.slot;
  }
}

int Parser::slot_of(std::string_view name) const {
  const auto at = std::find_if(
      scope_.variables.rbegin(), scope_.variables.rend(),
      [&](const Variable& variable) { return variable.name == name && variable.slot >= 0; });
  return at == scope_.variables.rend() ? -1 : at->slot;
}

void Parser::commands(Pipeline& pipeline, std::string_view context, TokenKind end) {
  while (error_.empty()) {
    const Token token = next_non_space();
    if (token.kind == end) return check(pipeline, context);
    if (!begins_operand(token.kind)) return unexpected(token, context);
    backup();
    pipeline.commands.push_back(command());
  }
}

void Parser::check(const Pipeline& pipeline, std::string_view context) {
  if (pipeline.commands.empty()) return fail("missing value for " + std::string(context));
  for (std::size_t i = 1; i < pipeline.commands.size(); ++i) {
    if (is_plain(pipeline.commands[i].words.front())) {
      return fail("non executable command in pipeline stage " + std::to_string(i + 1));
    }
  }
}

Command Parser::command() {
  Command result;
  result.position = peek_non_space().position;
  for (bool more = true; more;) {
    peek_non_space();
    Operand word;
    if (operand(word)) result.words.push_back(std::move(word));
    const Token token = next();
    more = token.kind == TokenKind::Space;
    if (token.kind == TokenKind::RightDelimiter || token.kind == TokenKind::RightParenthesis) {
      backup();
    } else if (!more && token.kind != TokenKind::Pipe) {
      unexpected(token, "operand");
    }
  }
  if (result.words.empty()) fail("empty command");
  return result;
}

/// A term and the fields that follow it. False when there is none.
bool Parser::operand(Operand& operand) {
  if (!term(operand)) return false;
  if (peek().kind == TokenKind::Field) chain(operand);
  return true;
}

void Parser::chain(Operand& operand) {
  const std::size_t position = peek().position;
  if (is_plain(operand)) return fail("unexpected . after term " + quote(describe(operand)));
  if (operand.word != Word::Field && operand.word != Word::Variable) {
    Operand chained;
    chained.word = Word::Chain;
    chained.base = std::make_unique<Operand>(std::move(operand));
    operand = std::move(chained);
  }
  operand.position = position;
  while (peek().kind == TokenKind::Field) operand.fields.emplace_back(next().text.substr(1));
}

bool Parser::term(Operand& operand) {
  const Token token = next_non_space();
  operand.position = token.position;
  operand.text = token.text;
  switch (token.kind) {
    case TokenKind::Identifier:
      function(operand, token);
      return true;
    case TokenKind::Dot:
      operand.word = Word::Dot;
      return true;
    case TokenKind::Nil:
      operand.word = Word::Nil;
      return true;
    case TokenKind::Variable:
      variable(operand, token);
      return true;
    case TokenKind::Field:
      operand.word = Word::Field;
      operand.fields.emplace_back(token.text.substr(1));
      return true;
    case TokenKind::LeftParenthesis:
      operand.word = Word::Pipeline;
      operand.pipeline = std::make_unique<Pipeline>();
      if (enter()) {
        operand.pipeline = pipeline("parenthesized pipeline", TokenKind::RightParenthesis);
        operand.position = operand.pipeline->position;
      }
      --nesting_;
      return true;
    case TokenKind::Bool:
    case TokenKind::Character:
    case TokenKind::Complex:
    case TokenKind::Number:
    case TokenKind::String:
    case TokenKind::RawString:
      constant(operand, token);
      return true;
    default:
      if (error_.empty()) backup();
      return false;
  }
}

void Parser::function(Operand& operand, const Token& token) {
  operand.word = Word::Function;
  if (const auto known = callees_.find(token.text); known != callees_.end()) {
    operand.callee = known->second;
    return;
  }
  const auto given = functions_.find(token.text);
  auto callee =
      given == functions_.end() ? builtin_callee(token.text) : given_callee(given->second);
  if (callee == nullptr) return fail("function " + quote(token.text) + " not defined");
  operand.callee = callee.get();
  callees_.emplace(token.text, callee.get());
  tree_.callees.push_back(std::move(callee));
}

void Parser::variable(Operand& operand, const Token& token) {
  operand.word = Word::Variable;
  const auto known = [&](const Variable& variable) { return variable.name == token.text; };
  if (std::none_of(scope_.variables.begin(), scope_.variables.end(), known)) {
    return fail("undefined variable " + quote(token.text));
  }
  operand.slot = slot_of(token.text);
}

void Parser::constant(Operand& operand, const Token& token) {
  if (token.kind == TokenKind::Bool) {
    operand.word = Word::Bool;
    operand.constant = token.text == "true";
    return;
  }
  if (token.kind == TokenKind::String || token.kind == TokenKind::RawString) {
    operand.word = Word::String;
    auto text = unquote(token.text);
    if (!text) return fail(text.error().message);
    operand.constant = std::move(*text);
    return;
  }
  operand.word = Word::Number;
  if (token.kind == TokenKind::Complex || token.text.ends_with('i')) {
    return fail("complex constant " + quote(token.text) + " is not supported");
  }
  const bool character = token.kind == TokenKind::Character;
  auto number = character ? parse_character(token.text) : parse_number(token.text);
  if (!number) return fail(number.error().message);
  operand.number = *number;
  if (number->is_real) {
    operand.constant = *number->real;
  } else if (number->integer) {
    operand.constant = *number->integer;
  }
}

}  // namespace sluice::tmpl
