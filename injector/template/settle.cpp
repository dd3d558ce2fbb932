// Works out beforehand what a template makes of data that never changes. An injection template asks
// the values of its installation more than it asks the pod.
//
// Settled is what follows from constants alone: fields of the data that lead into them, and
// pipelines of nothing but such fields, literals and functions, which give the same whenever they
// run. What gives an error is left as it is, to give it when its turn comes, if it does.

#include <algorithm>

#include "injector/template/execution.h"

namespace sluice::tmpl {
namespace {

class Settling {
 public:
  Settling(Template::Tree& tree, const Dict& constants)
      : tree_(tree),
        constants_(constants),
        data_(constants),
        data_is_dot_(tree.definitions.size(), true) {}

  void run() {
    find_data();
    for (std::size_t i = 0; i < tree_.definitions.size(); ++i) {
      if (data_is_dot_[i]) settle(tree_.definitions[i].body, true);
    }
  }

 private:
  /// Finds the definitions that are never called with another dot than the template's data.
  void find_data() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < tree_.definitions.size(); ++i) {
        look_at_calls(tree_.definitions[i].body, data_is_dot_[i], changed);
      }
    }
  }

  void look_at_calls(const Body& body, bool data, bool& changed) {
    for (const Statement& statement : body) {
      look_at_calls(statement.body, data && keeps_dot(statement), changed);
      look_at_calls(statement.otherwise, data, changed);
      if (statement.action != Action::Call || statement.target < 0) continue;
      const auto target = static_cast<std::size_t>(statement.target);
      if (!data_is_dot_[target] || (data && passes_dot(statement))) continue;
      data_is_dot_[target] = false;
      changed = true;
    }
  }

  static bool keeps_dot(const Statement& statement) { return statement.action == Action::If; }

  static bool passes_dot(const Statement& call) {
    if (!call.pipeline || call.pipeline->commands.size() != 1) return false;
    const Command& command = call.pipeline->commands.front();
    return command.words.size() == 1 && command.words.front().word == Word::Dot;
  }

  /// `data`: whether the dot is the template's data here.
  void settle(Body& body, bool data) {
    for (Statement& statement : body) {
      if (statement.pipeline && data) settle(*statement.pipeline);
      settle(statement.body, data && keeps_dot(statement));
      settle(statement.otherwise, data);
      if (statement.action != Action::Print || !statement.pipeline->settled) continue;
      const Value& value = statement.pipeline->settled->value;
      if (value.valid()) statement.text = value.print();
    }
  }

  void settle(Pipeline& pipeline) {
    if (is_constant(pipeline)) {
      pipeline.settled = Execution::settle(tree_, pipeline, data_);
      if (pipeline.settled) return;
    }
    for (Command& command : pipeline.commands) {
      // A field that is called with arguments is no constant, and an error.
      const bool called = command.words.size() > 1 || &command != &pipeline.commands.front();
      for (Operand& word : command.words) {
        if (!called || &word != &command.words.front()) settle(word);
      }
    }
  }

  void settle(Operand& operand) {
    if (operand.pipeline) settle(*operand.pipeline);
    if (operand.base) settle(*operand.base);
    if (is_constant_field(operand)) {
      operand.settled = Execution::settle(tree_, operand, data_);
    }
  }

  [[nodiscard]] bool is_constant_field(const Operand& operand) const {
    return operand.word == Word::Field && constants_.contains(operand.fields.front().name);
  }

  [[nodiscard]] bool is_constant(const Operand& operand) const {
    switch (operand.word) {
      case Word::Bool:
      case Word::Nil:
      case Word::Number:
      case Word::String:
      case Word::Function:
        return true;
      case Word::Field:
        return is_constant_field(operand);
      case Word::Chain:
        return is_constant(*operand.base);
      case Word::Pipeline:
        return is_constant(*operand.pipeline);
      default:
        return false;
    }
  }

  [[nodiscard]] bool is_constant(const Pipeline& pipeline) const {
    return pipeline.declared.empty() &&
           std::ranges::all_of(pipeline.commands, [&](const Command& command) {
             return std::ranges::all_of(command.words,
                                        [&](const Operand& word) { return is_constant(word); });
           });
  }

  Template::Tree& tree_;
  const Dict& constants_;
  const Value data_;
  std::vector<bool> data_is_dot_;  ///< by definition
};

}  // namespace

void Template::settle(const Dict& constants) {
  Settling(*tree_, constants).run();
}

}  // namespace sluice::tmpl
