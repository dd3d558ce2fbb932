#include "rules/kernel/table.h"

#include <algorithm>
#include <array>

#include <linux/netfilter.h>

#include "rules/base/fingerprint.h"
#include "rules/base/hex.h"
#include "rules/kernel/encode.h"
#include "rules/program/lower.h"

namespace sluice::kernel {
namespace {

SetState expected_set(const nft::Set& set) {
  SetState state{set.name, key_type(set.type), set.interval, {}};
  for (const nft::Element& element : nft::elements(set)) {
    state.elements.push_back(
        element_text(element.key.data(), element.key.size(), element.interval_end));
  }
  std::sort(state.elements.begin(), state.elements.end());
  return state;
}

ChainState expected_chain(const nft::Chain& chain) {
  static constexpr std::array<const char*, 3> kTypes{"filter", "route", "nat"};
  ChainState state{chain.name,
                   kTypes[static_cast<std::size_t>(chain.type)],
                   hook_number(chain.hook),
                   chain.priority,
                   true,
                   {}};
  for (const nft::Rule& rule : chain.rules) {
    RuleState& added = state.rules.emplace_back(RuleState{rule.comment, {}});
    added.exprs.reserve(512);
    for (const nft::Expr& expr : nft::lower(rule)) {
      nft::append_text(added.exprs, expr);
      added.exprs += '\n';
    }
  }
  return state;
}

template <class State>
void sort_by_name(std::vector<State>& states) {
  std::sort(states.begin(), states.end(),
            [](const State& a, const State& b) { return a.name < b.name; });
}

template <class State>
const State* find(const std::vector<State>& states, const std::string& name) {
  for (const State& state : states) {
    if (state.name == name) return &state;
  }
  return nullptr;
}

std::string rule_name(const ChainState& chain, std::size_t index, const RuleState& rule) {
  return "chain " + chain.name + ", rule " + std::to_string(index + 1) + " (" +
         (rule.comment.empty() ? "without comment" : rule.comment) + ")";
}

bool same(const RuleState& a, const RuleState& b) {
  return a.comment == b.comment && a.exprs == b.exprs;
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return all;
}

/// What two rules that are not the same differ in first.
std::string first_difference(const RuleState& expected, const RuleState& actual) {
  const std::vector<std::string> wanted = lines(expected.exprs);
  const std::vector<std::string> found = lines(actual.exprs);
  const std::size_t common = std::min(wanted.size(), found.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (wanted[i] != found[i]) return found[i] + " instead of " + wanted[i];
  }
  if (wanted.size() != found.size()) {
    return std::to_string(found.size()) + " expressions instead of " +
           std::to_string(wanted.size());
  }
  return "its comment is \"" + actual.comment + "\"";
}

void compare_rules(const ChainState& expected, const ChainState& actual,
                   std::vector<std::string>& out) {
  // Walk both lists; on a difference look whether one of them has an extra rule here.
  std::size_t e = 0;
  std::size_t a = 0;
  while (e < expected.rules.size() || a < actual.rules.size()) {
    if (e == expected.rules.size()) {
      out.push_back(rule_name(actual, a, actual.rules[a]) + " should not be there");
      ++a;
    } else if (a == actual.rules.size()) {
      out.push_back(rule_name(expected, e, expected.rules[e]) + " is missing");
      ++e;
    } else if (same(expected.rules[e], actual.rules[a])) {
      ++e, ++a;
    } else if (a + 1 < actual.rules.size() && same(expected.rules[e], actual.rules[a + 1])) {
      out.push_back(rule_name(actual, a, actual.rules[a]) + " should not be there");
      ++a;
    } else if (e + 1 < expected.rules.size() && same(expected.rules[e + 1], actual.rules[a])) {
      out.push_back(rule_name(expected, e, expected.rules[e]) + " is missing");
      ++e;
    } else {
      out.push_back(rule_name(expected, e, expected.rules[e]) +
                    " is another: " + first_difference(expected.rules[e], actual.rules[a]));
      ++e, ++a;
    }
  }
}

void compare(const ChainState& expected, const ChainState& actual, std::vector<std::string>& out) {
  if (expected.type != actual.type || expected.hook != actual.hook ||
      expected.priority != actual.priority) {
    out.push_back("chain " + expected.name + " has another type, hook or priority");
  }
  if (!actual.accepts) out.push_back("chain " + expected.name + " drops what no rule decides");
  compare_rules(expected, actual, out);
}

void compare(const SetState& expected, const SetState& actual, std::vector<std::string>& out) {
  if (expected.key_type != actual.key_type || expected.interval != actual.interval) {
    out.push_back("set " + expected.name + " has another type");
  } else if (expected.elements != actual.elements) {
    out.push_back("set " + expected.name + " holds other elements");
  }
}

template <class State>
void compare_all(const std::string& kind, const std::vector<State>& expected,
                 const std::vector<State>& actual, std::vector<std::string>& out) {
  for (const State& state : expected) {
    if (const State* found = find(actual, state.name)) {
      compare(state, *found, out);
    } else {
      out.push_back(kind + " " + state.name + " is missing");
    }
  }
  for (const State& state : actual) {
    if (find(expected, state.name) == nullptr) {
      out.push_back(kind + " " + state.name + " should not be there");
    }
  }
}

}  // namespace

std::uint32_t hook_number(Hook hook) {
  return hook == Hook::Prerouting ? NF_INET_PRE_ROUTING : NF_INET_LOCAL_OUT;
}

std::string element_text(const std::uint8_t* key, std::size_t size, bool interval_end) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) append_hex(text, key[i], 2);
  return text + (interval_end ? " end" : "");
}

TableState expected_table(const nft::Program& program) {
  TableState table{program.comment, {}, {}, {}, false};
  for (const nft::Set& set : program.sets) table.sets.push_back(expected_set(set));
  for (const nft::Chain& chain : program.chains) table.chains.push_back(expected_chain(chain));
  sort_by_name(table.sets);
  sort_by_name(table.chains);
  return table;
}

std::string TableState::listing_fingerprint() const {
  Fingerprint text;
  text.add(comment).add(dormant ? " dormant\n" : "\n");
  for (const SetState& set : sets) {
    text.add(set.name).add(" ").add(std::to_string(set.key_type));
    text.add(set.interval ? " interval\n" : "\n");
    for (const std::string& element : set.elements) text.add(element).add("\n");
  }
  for (const ChainState& chain : chains) {
    text.add(chain.name).add(" ").add(chain.type).add(" ").add(std::to_string(chain.hook));
    text.add(" ").add(std::to_string(chain.priority)).add(chain.accepts ? "\n" : " drop\n");
    for (const RuleState& rule : chain.rules) {
      text.add(rule.comment).add("\n").add(rule.exprs);
    }
  }
  return text.digits();
}

std::vector<std::string> differences(const TableState& expected, const TableState& actual) {
  std::vector<std::string> out;
  if (expected.comment != actual.comment) {
    out.push_back("the table's comment is \"" + actual.comment + "\" instead of \"" +
                  expected.comment + "\": it was made for another policy");
  }
  if (actual.dormant) out.push_back("the table is dormant: none of it is in force");
  compare_all("set", expected.sets, actual.sets, out);
  compare_all("chain", expected.chains, actual.chains, out);
  return out;
}

}  // namespace sluice::kernel
