#include "injector/webhook/selectors.h"

#include <algorithm>
#include <optional>
#include <set>

#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr std::string_view kIstio = "sidecar-injector.istio.io";
constexpr std::string_view kOurs = "injector.sluice.dev";
constexpr std::string_view kPath = "/inject";

std::set<std::string> strings(const json& list) {
  std::set<std::string> all;
  if (!list.is_array()) return all;
  for (const json& value : list) all.insert(text_at(value, {}));
  return all;
}

/// Which values a label may have: among `only`, if that is there, and none of `never`.
struct Allowed {
  bool absent = true;
  bool present = true;
  std::optional<std::set<std::string>> only;
  std::set<std::string> never;

  void demand(const std::string& what, const std::set<std::string>& values) {
    if (what == "NotIn") {
      never.insert(values.begin(), values.end());
    } else if (what == "DoesNotExist") {
      present = false;
    } else {
      absent = false;
    }
    if (what == "In") {
      if (!only) only = values;
      std::erase_if(*only, [&](const std::string& value) { return values.count(value) == 0; });
    } else if (what != "NotIn" && what != "Exists" && what != "DoesNotExist") {
      present = false;  // no operator: nothing
    }
  }

  [[nodiscard]] bool takes(const std::string& value) const {
    return present && never.count(value) == 0 && (!only || only->count(value) > 0);
  }

  [[nodiscard]] bool takes_any() const {
    if (absent) return true;
    if (!only) return present;
    return std::any_of(only->begin(), only->end(),
                       [&](const std::string& value) { return takes(value); });
  }
};

using Demands = std::map<std::string, Allowed>;

void add(Demands& demands, const json& selector) {
  for (const auto& [key, value] : at_path(selector, {"matchLabels"}).items()) {
    demands[key].demand("In", {text_at(value, {})});
  }
  for (const json& one : at_path(selector, {"matchExpressions"})) {
    demands[text_at(one, {"key"})].demand(text_at(one, {"operator"}),
                                          strings(at_path(one, {"values"})));
  }
}

/// Istio's way to switch a webhook off without deleting it: a label that it relies on nobody
/// having.
bool is_deactivated(const json& webhook) {
  return text_at(webhook, {"namespaceSelector", "matchLabels", "istio.io/deactivated"}) ==
         "never-match";
}

bool is_injector(const json& webhook) {
  const std::string name = text_at(webhook, {"name"});
  const std::string path = text_at(webhook, {"clientConfig", "service", "path"});
  return name.ends_with(kIstio) || name.ends_with(kOurs) || path.starts_with(kPath);
}

bool takes_same(const json& one, const json& other) {
  return overlap(at_path(one, {"namespaceSelector"}), at_path(other, {"namespaceSelector"})) &&
         overlap(at_path(one, {"objectSelector"}), at_path(other, {"objectSelector"}));
}

}  // namespace

bool matches(const json& selector, const LabelMap& labels) {
  Demands demands;
  add(demands, selector);
  return std::all_of(demands.begin(), demands.end(), [&](const auto& demand) {
    const auto label = labels.find(demand.first);
    return label == labels.end() ? demand.second.absent : demand.second.takes(label->second);
  });
}

bool overlap(const json& one, const json& other) {
  Demands demands;
  add(demands, one);
  add(demands, other);
  return std::all_of(demands.begin(), demands.end(),
                     [](const auto& demand) { return demand.second.takes_any(); });
}

bool is_for_new_pods(const json& webhook) {
  const json& rules = at_path(webhook, {"rules"});
  return std::any_of(rules.begin(), rules.end(), [](const json& rule) {
    const auto operations = strings(at_path(rule, {"operations"}));
    const auto resources = strings(at_path(rule, {"resources"}));
    return (operations.count("CREATE") > 0 || operations.count("*") > 0) &&
           (resources.count("pods") > 0 || resources.count("*") > 0 || resources.count("*/*") > 0);
  });
}

std::vector<std::string> other_injectors(const std::vector<json>& ours,
                                         const std::vector<json>& others) {
  std::vector<std::string> found;
  for (const json& configuration : others) {
    for (const json& webhook : at_path(configuration, {"webhooks"})) {
      if (!is_injector(webhook) || !is_for_new_pods(webhook) || is_deactivated(webhook)) continue;
      const bool same = std::any_of(ours.begin(), ours.end(), [&](const json& own) {
        const json& webhooks = at_path(own, {"webhooks"});
        return std::any_of(webhooks.begin(), webhooks.end(),
                           [&](const json& one) { return takes_same(one, webhook); });
      });
      if (!same) continue;
      found.push_back(text_at(configuration, {"metadata", "name"}) + "/" +
                      text_at(webhook, {"name"}));
    }
  }
  return found;
}

}  // namespace sluice::webhook
