#include "injector/template/execution.h"
#include "injector/template/print.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {

namespace {

/// Whether a function may change it, as sprig's `set` does.
bool is_mutable(const Value& value) {
  return std::holds_alternative<std::shared_ptr<List>>(value.held()) ||
         std::holds_alternative<std::shared_ptr<Dict>>(value.held());
}

/// For what puts nothing out.
struct Nowhere final : Output {
  void text(std::string_view) override {}
  void action(std::string_view) override {}
};

}  // namespace

template <class Evaluate>
std::optional<Settled> Execution::settled_by(const Template::Tree& tree, const Value& data,
                                             Evaluate evaluate) {
  Nowhere nowhere;
  const Limits limits;
  Execution execution(tree, nowhere, limits);
  execution.definition_ = tree.definitions.data();
  Value value;
  if (!evaluate(execution, Cell{data}, value) || is_mutable(value)) return std::nullopt;
  return Settled{std::move(value), execution.node_};
}

std::optional<Settled> Execution::settle(const Template::Tree& tree, const Operand& field,
                                         const Value& data) {
  return settled_by(tree, data, [&](Execution& execution, const Cell& dot, Value& value) {
    return execution.field(field, {nullptr, nullptr}, dot, value);
  });
}

std::optional<Settled> Execution::settle(const Template::Tree& tree, const Pipeline& pipeline,
                                         const Value& data) {
  return settled_by(tree, data, [&](Execution& execution, const Cell& dot, Value& value) {
    return execution.evaluate(pipeline, dot, value);
  });
}

/// What a pipeline gives. A nil in an interface{} is nothing from here on, as in Go.
bool Execution::evaluate(const Pipeline& pipeline, const Cell& dot, Value& result) {
  const Nesting nesting(*this);
  at(pipeline);
  if (nesting.too_deep()) return fail("too deeply nested");
  if (pipeline.settled) return take(*pipeline.settled, result);
  const auto& commands = pipeline.commands;
  if (!command(commands.front(), dot, nullptr, result)) return false;
  if (std::holds_alternative<Value::Nil>(result.held())) result = Value();
  for (std::size_t i = 1; i < commands.size(); ++i) {
    const Value before = std::move(result);
    if (!command(commands[i], dot, &before, result)) return false;
    if (std::holds_alternative<Value::Nil>(result.held())) result = Value();
  }
  for (const Declaration& variable : pipeline.declared) {
    if (variable.slot < 0) return fail("undefined variable: " + variable.name);
    slots_[base_ + static_cast<std::size_t>(variable.slot)] = Cell{result};
  }
  return true;
}

bool Execution::no_arguments(const Operand& operand, const Given& given) {
  if (given.count() == 0) return true;
  return fail("can't give argument to non-function " + describe(operand));
}

bool Execution::command(const Command& command, const Cell& dot, const Value* piped,
                        Value& result) {
  const Operand& first = command.words.front();
  const Given given{&command.words, piped};
  switch (first.word) {
    case Word::Field:
      return field(first, given, dot, result);
    case Word::Chain:
      return chain(first, given, dot, result);
    case Word::Function:
      return apply(first, &command, dot, given, result);
    case Word::Pipeline:
      return no_arguments(first, given) && evaluate(*first.pipeline, dot, result);
    case Word::Variable:
      return variable(first, given, result);
    default:
      at(first);
      return no_arguments(first, given) && constant(first, dot, result);
  }
}

bool Execution::constant(const Operand& operand, const Cell& dot, Value& result) {
  if (operand.word == Word::Dot) {
    result = dot.value;
    return true;
  }
  if (operand.word == Word::Nil) return fail("nil is not a command");
  if (operand.word == Word::Number && operand.number.unsigned_only) {
    at(operand);
    return fail(operand.text + " overflows int");
  }
  result = operand.constant;
  return true;
}

bool Execution::take(const Settled& settled, Value& result) {
  result = settled.value;
  node_ = settled.node;
  return true;
}

bool Execution::field(const Operand& operand, const Given& given, const Cell& dot, Value& result) {
  if (operand.settled) return take(*operand.settled, result);
  at(operand);
  return follow(operand, dot.value, dot.boxed, given, result);
}

bool Execution::variable(const Operand& operand, const Given& given, Value& result) {
  at(operand);
  if (operand.slot < 0) return fail("undefined variable: " + operand.text);
  const Cell& cell = slots_[base_ + static_cast<std::size_t>(operand.slot)];
  if (!operand.fields.empty()) return follow(operand, cell.value, cell.boxed, given, result);
  if (!no_arguments(operand, given)) return false;
  result = cell.value;
  return true;
}

/// (pipeline).Field
bool Execution::chain(const Operand& operand, const Given& given, const Cell& dot, Value& result) {
  at(operand);
  Value start;
  if (operand.base->word == Word::Pipeline) {
    at(*operand.base);
    if (!evaluate(*operand.base->pipeline, dot, start)) return false;
  } else if (!apply(*operand.base, nullptr, dot, {nullptr, nullptr}, start)) {
    return false;
  }
  return follow(operand, start, false, given, result);
}

/// Says why the step that was found cannot be taken: it leads nowhere, or there are arguments,
/// which only the last of a chain has.
bool Execution::refuse(const Step& step, const FieldName& name, const std::string& type,
                       const Given& given) {
  switch (step.found) {
    case Found::Nothing:
      return fail("can't evaluate field " + name.name + " in type " + type);
    case Found::NilPointer:
      return fail("nil pointer evaluating " + type + "." + name.name);
    default:
      break;
  }
  if (step.method) {
    return fail("wrong number of args for " + name.name + ": want 0 got " +
                std::to_string(given.count()));
  }
  return fail(name.name + (step.found == Found::Field
                               ? " has arguments but cannot be invoked as function"
                               : " is not a method but has arguments"));
}

/// A member of a dict, in an interface{} if the dict is a map; anything else owned has no fields.
bool Execution::step_into_owned(const Value& receiver, bool& boxed, const FieldName& name,
                                const Given& given, const Value*& found) {
  const auto* dict = std::get_if<std::shared_ptr<Dict>>(&receiver.held());
  if (dict != nullptr) {
    if (given.count() > 0) return refuse({Found::Missing}, name, "", given);
    const auto at_key = (*dict)->find(name.name);
    found = at_key == (*dict)->end() ? nullptr : &at_key->second;
    boxed = (*dict)->struct_name.empty();
    if (found != nullptr || boxed) return true;
    return refuse({Found::Nothing}, name, receiver.type_name(), given);
  }
  const bool nil = std::holds_alternative<Value::Nil>(receiver.held());
  const std::string type = boxed || nil ? "interface {}" : receiver.type_name();
  return refuse({nil ? Found::NilPointer : Found::Nothing}, name, type, given);
}

/// Through the fields of `operand`, from `start` on. What is missing in a map stays missing.
bool Execution::follow(const Operand& operand, const Value& start, bool boxed, const Given& given,
                       Value& result) {
  const Value* owned = &start;
  Value computed;
  View view{nullptr, nullptr};
  for (const FieldName& name : operand.fields) {
    const bool last = &name == &operand.fields.back();
    const Given here = last ? given : Given{nullptr, nullptr};
    if (owned != nullptr) {
      if (const auto* seen = std::get_if<View>(&owned->held())) view = *seen;
      if (!owned->valid()) break;
    }
    if (owned != nullptr && !std::holds_alternative<View>(owned->held())) {
      if (!step_into_owned(*owned, boxed, name, here, owned)) return false;
      if (owned != nullptr) continue;
      result = Value();
      return true;
    }
    Step step = step_into(view, name);
    const bool trouble = step.found == Found::Nothing || step.found == Found::NilPointer;
    if (trouble || here.count() > 0) {
      const std::string type = boxed ? "interface {}" : trouble ? Value(view).type_name() : "";
      return refuse(step, name, type, here);
    }
    if (step.found == Found::Missing) {
      result = Value();
      return true;
    }
    owned = nullptr;
    view = step.view;
    boxed = view.type != nullptr && view.type->kind == schema::Kind::Any;
    if (step.found == Found::Computed) {
      computed = std::move(step.computed);
      owned = &computed;
    }
  }
  if (owned == &result) return true;
  result = owned != nullptr ? Value(*owned) : Value::view(view.json, *view.type);
  return true;
}

}  // namespace sluice::tmpl
