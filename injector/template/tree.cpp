#include "injector/template/tree.h"

#include <array>

#include "injector/template/print.h"

namespace sluice::tmpl {

std::string describe(const Operand& operand) {
  std::string out;
  switch (operand.word) {
    case Word::Pipeline:
      return describe(*operand.pipeline);
    case Word::Chain:
      out = describe(*operand.base);
      if (operand.base->word == Word::Pipeline) out = "(" + out + ")";
      break;
    case Word::Field:
      break;
    default:
      out = operand.text;
      break;
  }
  for (const FieldName& field : operand.fields) out += "." + field.name;
  return out;
}

std::string describe(const Command& command) {
  std::string out;
  for (const Operand& word : command.words) {
    if (&word != command.words.data()) out += ' ';
    out += word.word == Word::Pipeline ? "(" + describe(word) + ")" : describe(word);
  }
  return out;
}

std::string describe(const Pipeline& pipeline) {
  std::string out;
  for (const Declaration& variable : pipeline.declared) {
    if (!out.empty()) out += ", ";
    out += variable.name;
  }
  if (!out.empty()) out += pipeline.assigns ? " = " : " := ";
  for (const Command& command : pipeline.commands) {
    if (&command != pipeline.commands.data()) out += " | ";
    out += describe(command);
  }
  return out;
}

std::string describe(const Statement& statement) {
  const std::string pipeline = statement.pipeline ? describe(*statement.pipeline) : "";
  switch (statement.action) {
    case Action::Call:
      return "{{template " + quote(statement.text) + (pipeline.empty() ? "" : " " + pipeline) +
             "}}";
    case Action::Break:
      return "{{break}}";
    case Action::Continue:
      return "{{continue}}";
    default:
      return "{{" + pipeline + "}}";
  }
}

namespace {

Parameter parameter(std::string_view word) {
  struct Known {
    std::string_view word;
    ParameterKind kind;
    std::string_view name;
  };
  static constexpr std::array<Known, 14> Words{{
      {"any", ParameterKind::Any, "interface {}"},
      {"interface{}", ParameterKind::Any, "interface {}"},
      {"interface {}", ParameterKind::Any, "interface {}"},
      {"bool", ParameterKind::Bool, "bool"},
      {"int", ParameterKind::Int, "int"},
      {"int64", ParameterKind::Int, "int64"},
      {"float64", ParameterKind::Float, "float64"},
      {"string", ParameterKind::String, "string"},
      {"[]any", ParameterKind::AnyList, "[]interface {}"},
      {"[]interface {}", ParameterKind::AnyList, "[]interface {}"},
      {"[]string", ParameterKind::StringList, "[]string"},
      {"map[string]any", ParameterKind::AnyMap, "map[string]interface {}"},
      {"map[string]interface {}", ParameterKind::AnyMap, "map[string]interface {}"},
      {"map[string]string", ParameterKind::StringMap, "map[string]string"},
  }};
  for (const Known& known : Words) {
    if (known.word == word) return {known.kind, std::string(known.name)};
  }
  return {ParameterKind::Named, std::string(word)};
}

}  // namespace

std::unique_ptr<Callee> given_callee(const Function& function) {
  auto callee = std::make_unique<Callee>();
  callee->name = function.name;
  callee->given = &function;
  for (std::string_view word : function.parameters) {
    callee->variadic = word.starts_with("...");
    callee->parameters.push_back(parameter(callee->variadic ? word.substr(3) : word));
  }
  return callee;
}

}  // namespace sluice::tmpl
