#include "injector/template/parser.h"

#include <algorithm>

#include "injector/template/print.h"

namespace sluice::tmpl {
namespace {

/// Deep enough for any template that people write, and no danger to the stack.
constexpr int kDeepest = 500;

bool is_empty(const Body& body) {
  return std::all_of(body.begin(), body.end(), [](const Statement& statement) {
    return statement.action == Action::Text &&
           statement.text.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
  });
}

/// Go's word for a context in messages.
std::string_view context_of(Action action) {
  return action == Action::If ? "if" : action == Action::With ? "with" : "range";
}

}  // namespace

Parser::Parser(Template::Tree& tree, const FunctionTable& functions, Delimiters delimiters)
    : tree_(tree), functions_(functions), lexer_(tree.text, delimiters) {}

Result<void> Parser::run() {
  top_level();
  if (!error_.empty()) return sluice::fail(Errc::Malformed, error_);
  for (Definition& definition : tree_.definitions) link(definition.body);
  return {};
}

void Parser::fail(const std::string& message) {
  if (!error_.empty()) return;
  error_ = "template: " + tree_.name + ":" + std::to_string(tokens_[0].line) + ": " + message;
}

void Parser::unexpected(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::Error) {
    return fail("unexpected " + describe(token) + " in " + std::string(context));
  }
  std::string extra;
  if (action_line_ != 0 && action_line_ != token.line) {
    extra = token.text.ends_with(" action") ? " started at " : " in action started at ";
    extra += tree_.name + ":" + std::to_string(action_line_);
  }
  fail(describe(token) + extra);
}

/// One level deeper. False when that is too deep; the caller leaves by --nesting_ either way.
bool Parser::enter() {
  if (++nesting_ > kDeepest) fail("max expression depth exceeded");
  return error_.empty();
}

Token Parser::next() {
  if (!error_.empty()) return {TokenKind::Eof, tokens_[0].position, {}, tokens_[0].line};
  if (ahead_ > 0) {
    --ahead_;
  } else {
    tokens_[0] = lexer_.next();
  }
  return tokens_[static_cast<std::size_t>(ahead_)];
}

Token Parser::peek() {
  const Token token = next();
  if (error_.empty()) backup();
  return token;
}

Token Parser::next_non_space() {
  Token token = next();
  while (token.kind == TokenKind::Space) token = next();
  return token;
}

Token Parser::peek_non_space() {
  const Token token = next_non_space();
  if (error_.empty()) backup();
  return token;
}

Token Parser::expect(TokenKind kind, std::string_view context) {
  const Token token = next_non_space();
  if (token.kind != kind) unexpected(token, context);
  return token;
}

void Parser::top_level() {
  Definition main{.name = tree_.name, .body = {}};
  while (peek().kind != TokenKind::Eof) {
    if (peek().kind == TokenKind::LeftDelimiter) {
      const Token delimiter = next();
      if (next_non_space().kind == TokenKind::Define) {
        definition();
        continue;
      }
      if (!error_.empty()) return;
      tokens_[1] = delimiter;
      ahead_ = 2;
    }
    const Ending ending = statement(main.body);
    if (ending != Ending::None) {
      fail(ending == Ending::End ? "unexpected {{end}}" : "unexpected {{else}}");
    }
  }
  main.slots = scope_.slots;
  add(std::move(main));
  const auto root = std::find_if(tree_.definitions.begin(), tree_.definitions.end(),
                                 [&](const auto& entry) { return entry.name == tree_.name; });
  tree_.root = static_cast<int>(root - tree_.definitions.begin());
}

/// Of two definitions of a name, one must be empty; the other counts.
void Parser::add(Definition definition) {
  if (!error_.empty()) return;
  const auto same = std::find_if(tree_.definitions.begin(), tree_.definitions.end(),
                                 [&](const auto& entry) { return entry.name == definition.name; });
  if (same == tree_.definitions.end()) {
    tree_.definitions.push_back(std::move(definition));
  } else if (is_empty(same->body)) {
    *same = std::move(definition);
  } else if (!is_empty(definition.body)) {
    fail("template: multiple definition of template " + quote(definition.name));
  }
}

/// {{define "name"}} ... {{end}}, from after the keyword.
void Parser::definition() {
  const std::string_view context = "define clause";
  Definition definition;
  const Token name = next_non_space();
  definition.name = template_name(name, context);
  expect(TokenKind::RightDelimiter, context);
  Scope outer = std::exchange(scope_, {});
  if (statements(definition.body) == Ending::Else) fail("unexpected {{else}} in define clause");
  definition.slots = scope_.slots;
  scope_ = std::move(outer);
  add(std::move(definition));
}

Parser::Ending Parser::statements(Body& body) {
  Ending ending = Ending::None;
  if (enter()) {
    while (ending == Ending::None && peek_non_space().kind != TokenKind::Eof) {
      ending = statement(body);
    }
    if (ending == Ending::None) fail("unexpected EOF");
  }
  --nesting_;
  return ending;
}

Parser::Ending Parser::statement(Body& body) {
  const Token token = next_non_space();
  Ending ending = Ending::None;
  if (token.kind == TokenKind::Text) {
    Statement& text = body.emplace_back();
    text.position = token.position;
    text.text = token.text;
  } else if (token.kind == TokenKind::LeftDelimiter) {
    action_line_ = token.line;
    ending = action(body);
    action_line_ = 0;
  } else {
    unexpected(token, "input");
  }
  return ending;
}

/// An action, from after its left delimiter.
Parser::Ending Parser::action(Body& body) {
  const Token token = next_non_space();
  switch (token.kind) {
    case TokenKind::Block:
      block(body);
      return Ending::None;
    case TokenKind::Break:
    case TokenKind::Continue:
      loop_control(body, token);
      return Ending::None;
    case TokenKind::Else:
      return else_action();
    case TokenKind::End:
      expect(TokenKind::RightDelimiter, "end");
      return Ending::End;
    case TokenKind::If:
      control(body, Action::If);
      return Ending::None;
    case TokenKind::Range:
      control(body, Action::Range);
      return Ending::None;
    case TokenKind::Template:
      call(body);
      return Ending::None;
    case TokenKind::With:
      control(body, Action::With);
      return Ending::None;
    default:
      break;
  }
  if (error_.empty()) backup();
  Statement print;
  print.action = Action::Print;
  print.position = token.position;
  print.pipeline = pipeline("command", TokenKind::RightDelimiter);
  body.push_back(std::move(print));
  return Ending::None;
}

void Parser::loop_control(Body& body, const Token& keyword) {
  const std::string word = "{{" + std::string(keyword.text) + "}}";
  const Token token = next_non_space();
  if (token.kind != TokenKind::RightDelimiter) unexpected(token, word);
  if (scope_.ranges == 0) fail(word + " outside {{range}}");
  Statement& statement = body.emplace_back();
  statement.action = keyword.kind == TokenKind::Break ? Action::Break : Action::Continue;
  statement.position = keyword.position;
}

/// if, range or with, from after the keyword. Variables that it declares end with it.
void Parser::control(Body& body, Action action) {
  const std::size_t variables = scope_.variables.size();
  Statement statement;
  statement.action = action;
  if (enter()) {
    statement.pipeline = pipeline(context_of(action), TokenKind::RightDelimiter);
    statement.position = statement.pipeline->position;
    scope_.ranges += action == Action::Range ? 1 : 0;
    const Ending ending = statements(statement.body);
    scope_.ranges -= action == Action::Range ? 1 : 0;
    if (ending == Ending::Else) otherwise(statement, action);
  }
  --nesting_;
  scope_.variables.resize(variables, {"", 0});
  body.push_back(std::move(statement));
}

/// What follows {{else}}. "else if" is an if within the else whose end is the outer one's.
void Parser::otherwise(Statement& statement, Action action) {
  const TokenKind following = peek().kind;
  if ((action == Action::If && following == TokenKind::If) ||
      (action == Action::With && following == TokenKind::With)) {
    next();
    control(statement.otherwise, action);
  } else if (statements(statement.otherwise) == Ending::Else) {
    fail("expected end; found {{else}}");
  }
}

Parser::Ending Parser::else_action() {
  const TokenKind following = peek_non_space().kind;
  if (following != TokenKind::If && following != TokenKind::With) {
    expect(TokenKind::RightDelimiter, "else");
  }
  return Ending::Else;
}

std::string Parser::template_name(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::String && token.kind != TokenKind::RawString) {
    unexpected(token, context);
    return {};
  }
  auto name = unquote(token.text);
  if (!name) fail(name.error().message);
  return std::move(name).value_or("");
}

/// {{block "name" pipeline}} ... {{end}}: a definition and a call of it.
void Parser::block(Body& body) {
  const std::string_view context = "block clause";
  const Token token = next_non_space();
  Statement call;
  call.action = Action::Call;
  call.position = token.position;
  call.text = template_name(token, context);
  call.pipeline = pipeline(context, TokenKind::RightDelimiter);
  Definition definition{.name = call.text, .body = {}};
  Scope outer = std::exchange(scope_, {});
  if (statements(definition.body) == Ending::Else) fail("unexpected {{else}} in block clause");
  definition.slots = scope_.slots;
  scope_ = std::move(outer);
  add(std::move(definition));
  body.push_back(std::move(call));
}

void Parser::call(Body& body) {
  const std::string_view context = "template clause";
  const Token token = next_non_space();
  Statement call;
  call.action = Action::Call;
  call.position = token.position;
  call.text = template_name(token, context);
  if (next_non_space().kind != TokenKind::RightDelimiter) {
    if (error_.empty()) backup();
    call.pipeline = pipeline(context, TokenKind::RightDelimiter);
  }
  body.push_back(std::move(call));
}

void Parser::link(Body& body) {
  for (Statement& statement : body) {
    link(statement.body);
    link(statement.otherwise);
    if (statement.action != Action::Call) continue;
    for (std::size_t i = 0; i < tree_.definitions.size(); ++i) {
      if (tree_.definitions[i].name == statement.text) statement.target = static_cast<int>(i);
    }
  }
}

Result<Template> Template::parse(std::string name, std::string text, const FunctionTable& functions,
                                 Delimiters delimiters) {
  auto tree = std::make_unique<Tree>();
  tree->name = std::move(name);
  tree->text = std::move(text);
  RETURN_IF_ERROR(Parser(*tree, functions, delimiters).run());
  return Template(std::move(tree));
}

Template::Template(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

}  // namespace sluice::tmpl
