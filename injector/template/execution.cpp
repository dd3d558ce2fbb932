#include "injector/template/execution.h"

#include <algorithm>

#include "injector/template/print.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {

Result<void> Execution::run(const Value& data) {
  definition_ = &tree_.definitions[static_cast<std::size_t>(tree_.root)];
  slots_.resize(static_cast<std::size_t>(definition_->slots));
  slots_[0].value = data;
  const Cell dot{data};
  if (walk(definition_->body, dot) == Flow::Fail) return sluice::fail(Errc::Invalid, error_);
  return {};
}

bool Execution::fail(const std::string& message) {
  if (!error_.empty()) return false;
  const auto position = std::visit([](const auto* node) { return node->position; }, node_);
  const std::string context = std::visit([](const auto* node) { return describe(*node); }, node_);
  const std::string_view before = std::string_view(tree_.text).substr(0, position);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? position : position - newline - 1;
  error_ = "template: " + tree_.name + ":" + std::to_string(line) + ":" + std::to_string(column) +
           ": executing " + quote(definition_->name) + " at <" + context + ">: " + message;
  return false;
}

bool Execution::out_of_steps() {
  return fail("more than " + std::to_string(limits_.steps) + " steps");
}

Execution::Flow Execution::write(std::string_view text, void (Output::*receive)(std::string_view)) {
  written_ += text.size();
  if (written_ > limits_.output_bytes) {
    fail("more than " + std::to_string(limits_.output_bytes) + " bytes of output");
    return Flow::Fail;
  }
  (output_.*receive)(text);
  return Flow::Next;
}

Execution::Flow Execution::walk(const Body& body, const Cell& dot) {
  const Nesting nesting(*this);
  if (nesting.too_deep()) {
    fail("too deeply nested");
    return Flow::Fail;
  }
  for (const Statement& statement : body) {
    const Flow flow = step(statement, dot);
    if (flow != Flow::Next) return flow;
  }
  return Flow::Next;
}

Execution::Flow Execution::step(const Statement& statement, const Cell& dot) {
  at(statement);
  if (!spend(1)) return Flow::Fail;
  switch (statement.action) {
    case Action::Text:
      return write(statement.text, &Output::text);
    case Action::Print:
      return print(statement, dot);
    case Action::If:
    case Action::With:
      return branch(statement, dot);
    case Action::Range:
      return range(statement, dot);
    case Action::Call:
      return call(statement, dot);
    case Action::Break:
      return Flow::Break;
    default:
      return Flow::Continue;
  }
}

Execution::Flow Execution::print(const Statement& statement, const Cell& dot) {
  Value value;
  if (!statement.text.empty()) return write(statement.text, &Output::text);
  if (!evaluate(*statement.pipeline, dot, value)) return Flow::Fail;
  if (!statement.pipeline->declared.empty()) return Flow::Next;
  at(statement);
  if (!value.valid()) return write("<no value>", &Output::action);
  if (const auto* text = value.string()) return write(*text, &Output::action);
  printed_.clear();
  append_printed(printed_, value);
  return write(printed_, &Output::action);
}

Execution::Flow Execution::branch(const Statement& statement, const Cell& dot) {
  Cell condition;
  if (!evaluate(*statement.pipeline, dot, condition.value)) return Flow::Fail;
  if (!condition.value.truth()) return walk(statement.otherwise, dot);
  return walk(statement.body, statement.action == Action::With ? condition : dot);
}

Execution::Flow Execution::call(const Statement& statement, const Cell& dot) {
  if (statement.target < 0) {
    fail("template " + quote(statement.text) + " not defined");
    return Flow::Fail;
  }
  if (depth_ >= limits_.depth) {
    fail("exceeded maximum template depth (" + std::to_string(limits_.depth) + ")");
    return Flow::Fail;
  }
  Cell given;
  if (statement.pipeline && !evaluate(*statement.pipeline, dot, given.value)) return Flow::Fail;
  const Definition* const outer = definition_;
  const std::size_t outer_base = base_;
  definition_ = &tree_.definitions[static_cast<std::size_t>(statement.target)];
  base_ = slots_.size();
  slots_.resize(base_ + static_cast<std::size_t>(definition_->slots));
  slots_[base_] = given;
  ++depth_;
  const Flow flow = walk(definition_->body, given);
  --depth_;
  slots_.resize(base_);
  base_ = outer_base;
  definition_ = outer;
  return flow;
}

Execution::Flow Execution::range(const Statement& statement, const Cell& dot) {
  Value collection;
  if (!evaluate(*statement.pipeline, dot, collection)) return Flow::Fail;
  const auto* view = std::get_if<View>(&collection.held());
  if (view != nullptr && view->type->kind == schema::Kind::Pointer && !collection.nil()) {
    collection = Value::view(view->json, element_type(*view->type));
  }
  Flow flow = Flow::Fail;
  switch (shape_of(collection)) {
    case Shape::Invalid:
    case Shape::Nil:
      return walk(statement.otherwise, dot);
    case Shape::Int:
      if (statement.pipeline->declared.size() > 1) {
        fail("can't use " + collection.print() + " to iterate over more than one variable");
        return Flow::Fail;
      }
      flow = range_integer(statement, collection);
      break;
    case Shape::Slice:
      flow = range_list(statement, collection);
      break;
    case Shape::Map:
      flow = range_map(statement, collection);
      break;
    default:
      fail("range can't iterate over " + collection.print());
      return Flow::Fail;
  }
  // Continue: there was nothing to range over.
  if (flow == Flow::Continue) return walk(statement.otherwise, dot);
  return flow == Flow::Break ? Flow::Next : flow;
}

/// One turn of a loop. False when it was the last.
bool Execution::turn(const Statement& statement, const Value& index, const Cell& element,
                     Flow& flow) {
  const auto& declared = statement.pipeline->declared;
  const auto slot = [&](std::size_t which) -> Cell& {
    return slots_[base_ + static_cast<std::size_t>(declared[which].slot)];
  };
  at(statement);
  if (!spend(1)) {
    flow = Flow::Fail;
    return false;
  }
  if (declared.size() == 1) slot(0) = element;
  if (declared.size() > 1) {
    slot(0) = Cell{index};
    slot(1) = element;
  }
  flow = walk(statement.body, element);
  if (flow == Flow::Continue) flow = Flow::Next;
  return flow == Flow::Next;
}

Execution::Flow Execution::range_integer(const Statement& statement, const Value& count) {
  const auto* number = std::get_if<std::int64_t>(&count.held());
  Flow flow = Flow::Continue;
  for (std::int64_t i = 0; number != nullptr && i < *number; ++i) {
    if (!turn(statement, Value(), Cell{i}, flow)) break;
  }
  return flow;
}

Execution::Flow Execution::range_list(const Statement& statement, const Value& list) {
  Flow flow = Flow::Continue;
  std::int64_t index = 0;
  if (const auto* owned = std::get_if<std::shared_ptr<List>>(&list.held())) {
    const std::shared_ptr<List> kept = *owned;
    for (const Value& item : *kept) {
      if (!turn(statement, index++, Cell{item, true}, flow)) break;
    }
    return flow;
  }
  const View view = std::get<View>(list.held());
  const auto* array = content(view);
  if (array == nullptr) return flow;
  const schema::Type& type = element_type(*view.type);
  for (const auto& item : *array) {
    const Cell element{Value::view(&item, type), type.kind == schema::Kind::Any};
    if (!turn(statement, index++, element, flow)) break;
  }
  return flow;
}

Execution::Flow Execution::range_map(const Statement& statement, const Value& map) {
  Flow flow = Flow::Continue;
  if (const auto* owned = std::get_if<std::shared_ptr<Dict>>(&map.held())) {
    const Dict members = **owned;  // the loop's body may change the one it is over
    for (const auto& [name, member] : members) {
      if (!turn(statement, name, Cell{member, true}, flow)) break;
    }
    return flow;
  }
  const View view = std::get<View>(map.held());
  const auto* object = content(view);
  if (object == nullptr || !object->is_object()) return flow;
  const schema::Type& type = element_type(*view.type);
  for (auto at_member = object->begin(); at_member != object->end(); ++at_member) {
    const Cell element{Value::view(&*at_member, type), type.kind == schema::Kind::Any};
    if (!turn(statement, at_member.key(), element, flow)) break;
  }
  return flow;
}

Result<void> Template::execute(const Value& data, Output& output, Limits limits) const {
  return Execution(*tree_, output, limits).run(data);
}

Result<std::string> Template::execute(const Value& data, Limits limits) const {
  struct Collect final : Output {
    std::string out;
    void text(std::string_view literal) override { out += literal; }
    void action(std::string_view printed) override { out += printed; }
  };
  Collect collect;
  RETURN_IF_ERROR(execute(data, collect, limits));
  return std::move(collect.out);
}

}  // namespace sluice::tmpl
