#include "injector/webhook/selectors.h"

#include <algorithm>
#include <optional>
#include <set>

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr std::string_view kIstio = "sidecar-injector.istio.io";
constexpr std::string_view kOurs = "injector.sluice.dev";
constexpr std::string_view kPath = "/inject";

const json& member(const json& object, const char* key) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string text(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::set<std::string> strings(const json& list) {
  std::set<std::string> all;
  if (!list.is_array()) return all;
  for (const json& value : list) all.insert(text(value));
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
  for (const auto& [key, value] : member(selector, "matchLabels").items()) {
    demands[key].demand("In", {text(value)});
  }
  for (const json& one : member(selector, "matchExpressions")) {
    demands[text(member(one, "key"))].demand(text(member(one, "operator")),
                                             strings(member(one, "values")));
  }
}

/// Istio's way to switch a webhook off without deleting it: a label that it relies on nobody
/// having.
bool is_deactivated(const json& webhook) {
  return text(member(member(member(webhook, "namespaceSelector"), "matchLabels"),
                     "istio.io/deactivated")) == "never-match";
}

bool is_injector(const json& webhook) {
  const std::string name = text(member(webhook, "name"));
  const std::string path = text(member(member(member(webhook, "clientConfig"), "service"), "path"));
  return name.ends_with(kIstio) || name.ends_with(kOurs) || path.starts_with(kPath);
}

bool takes_same(const json& one, const json& other) {
  return overlap(member(one, "namespaceSelector"), member(other, "namespaceSelector")) &&
         overlap(member(one, "objectSelector"), member(other, "objectSelector"));
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
  const json& rules = member(webhook, "rules");
  return std::any_of(rules.begin(), rules.end(), [](const json& rule) {
    const auto operations = strings(member(rule, "operations"));
    const auto resources = strings(member(rule, "resources"));
    return (operations.count("CREATE") > 0 || operations.count("*") > 0) &&
           (resources.count("pods") > 0 || resources.count("*") > 0 || resources.count("*/*") > 0);
  });
}

std::vector<std::string> other_injectors(const std::vector<json>& ours,
                                         const std::vector<json>& others) {
  std::vector<std::string> found;
  for (const json& configuration : others) {
    for (const json& webhook : member(configuration, "webhooks")) {
      if (!is_injector(webhook) || !is_for_new_pods(webhook) || is_deactivated(webhook)) continue;
      const bool same = std::any_of(ours.begin(), ours.end(), [&](const json& own) {
        const json& webhooks = member(own, "webhooks");
        return std::any_of(webhooks.begin(), webhooks.end(),
                           [&](const json& one) { return takes_same(one, webhook); });
      });
      if (!same) continue;
      found.push_back(text(member(member(configuration, "metadata"), "name")) + "/" +
                      text(member(webhook, "name")));
    }
  }
  return found;
}

}  // namespace sluice::webhook
