#include <algorithm>

#include "conf/mesh/inject_config.h"
#include "rules/policy/quoted.h"

namespace sluice::mesh {
namespace {

using nlohmann::json;
using Labels = std::map<std::string, std::string>;

enum class Operator { In, NotIn, Exists, DoesNotExist };

Result<Operator> operator_of(const json& expression) {
  const std::string name = expression.value("operator", "");
  const bool values = expression.contains("values") && !expression["values"].empty();
  for (const auto& [known, meaning, wants_values] :
       {std::tuple{"In", Operator::In, true},
        {"NotIn", Operator::NotIn, true},
        {"Exists", Operator::Exists, false},
        {"DoesNotExist", Operator::DoesNotExist, false}}) {
    if (name != known) continue;
    if (values == wants_values) return meaning;
    return fail(Errc::Invalid, "selector operator " + name + " for label " +
                                   in_quotes(expression.value("key", "")) +
                                   (values ? " takes no values" : " needs values"));
  }
  return fail(Errc::Invalid, in_quotes(name) + " is no operator of a label selector");
}

Result<bool> holds(const json& expression, const Labels& labels) {
  ASSIGN_OR_RETURN(const Operator meaning, operator_of(expression));
  const auto label = labels.find(expression.value("key", ""));
  const bool there = label != labels.end();
  if (meaning == Operator::Exists) return there;
  if (meaning == Operator::DoesNotExist) return !there;
  const auto& values = expression["values"];
  const bool listed =
      there && std::find(values.begin(), values.end(), label->second) != values.end();
  return meaning == Operator::In ? listed : !listed;
}

}  // namespace

Result<bool> selects(const Selector& selector, const Labels& labels) {
  const json wanted = selector.document.value("matchLabels", json::object());
  const json expressions = selector.document.value("matchExpressions", json::array());
  if (wanted.empty() && expressions.empty()) return false;
  bool all = true;
  for (const auto& [key, value] : wanted.items()) {
    const auto label = labels.find(key);
    all = all && label != labels.end() && value == label->second;
  }
  // Every expression is looked at: a selector that is wrong is wrong for every pod.
  for (const json& expression : expressions) {
    ASSIGN_OR_RETURN(const bool one, holds(expression, labels));
    all = all && one;
  }
  return all;
}

}  // namespace sluice::mesh
