// sluice explain: a policy in words, and what it does with one packet.

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "plugin/cli/command.h"
#include "rules/policy/decide.h"

namespace sluice::cli {
namespace {

std::string chain_name(Stage stage, Hook hook) {
  static constexpr std::array<const char*, 3> kStages{"raw", "mangle", "nat"};
  return std::string(kStages[static_cast<std::size_t>(stage)]) +
         (hook == Hook::Output ? " output" : " prerouting");
}

struct Outcome {
  std::string operator()(const Pass&) const { return "pass"; }
  std::string operator()(const Drop&) const { return "drop"; }
  std::string operator()(const RedirectTo& to) const {
    return "to the proxy, port " + std::to_string(to.port.number());
  }
  std::string operator()(const TproxyTo& to) const {
    return "to the proxy, port " + std::to_string(to.port.number()) + " (TPROXY)";
  }
  std::string operator()(const SetMark& set) const {
    return "mark " + std::to_string(set.mark.number);
  }
  std::string operator()(const SaveMark&) const { return "save mark, pass"; }
  std::string operator()(const RestoreMark&) const { return "restore mark"; }
  std::string operator()(const SetZone& set) const {
    return "conntrack zone " + std::to_string(set.zone.number);
  }
};

std::string text_of(const IfName& name) {
  return name.text();
}
std::string text_of(const Cidr& cidr) {
  const std::string whole = cidr.to_string();
  return cidr.address() == cidr.last() ? whole.substr(0, whole.find('/')) : whole;
}
std::string text_of(const PortRange& range) {
  return to_string(range);
}
std::string text_of(const Uid& uid) {
  return std::to_string(uid.number);
}
std::string text_of(const Gid& gid) {
  return std::to_string(gid.number);
}

/// What a test asks of a packet: "to port 3306, 8000-8100".
struct Asked {
  std::string operator()(const InInterface& t) const { return list(t, "in through ", t.values); }
  std::string operator()(const OutInterface& t) const { return list(t, "out through ", t.values); }
  std::string operator()(const DstPort& t) const { return list(t, "to port ", t.values.ranges()); }
  std::string operator()(const SrcPort& t) const {
    return list(t, "from port ", t.values.ranges());
  }
  std::string operator()(const DstAddress& t) const { return list(t, "to ", t.values); }
  std::string operator()(const SrcAddress& t) const { return list(t, "from ", t.values); }
  std::string operator()(const SocketUid& t) const { return list(t, "by uid ", t.values); }
  std::string operator()(const SocketGid& t) const { return list(t, "by gid ", t.values); }
  std::string operator()(const OneProtocol& t) const {
    return t.values == Protocol::Tcp ? "TCP" : "UDP";
  }
  std::string operator()(const PacketMark& t) const { return mark(t, "with mark "); }
  std::string operator()(const ConnMark& t) const { return mark(t, "of a connection with mark "); }
  std::string operator()(const InState& t) const {
    static constexpr std::array<const char*, 3> kStates{"new", "established", "invalid"};
    return std::string("conntrack state ") + kStates.at(static_cast<std::size_t>(t.values));
  }

 private:
  static std::string sense(Sense sense) { return sense == Sense::Is ? "" : "not "; }

  template <class AnyTest, class Values>
  static std::string list(const AnyTest& test, const char* words, const Values& values) {
    std::string all;
    for (const auto& value : values) all.append(all.empty() ? "" : ", ").append(text_of(value));
    return sense(test.sense) + words + all;
  }
  template <class AnyTest>
  static std::string mark(const AnyTest& test, const char* words) {
    return sense(test.sense) + words + std::to_string(test.values.number);
  }
};

std::vector<std::string> asked_of(const Step& step) {
  std::vector<std::string> out;
  for (const Match& match : step.when) out.push_back(std::visit(Asked{}, match));
  if (out.empty()) out.emplace_back("whatever it is");
  return out;
}

/// The words of all tests, in lines that break between values.
void print_asked(const Step& step) {
  constexpr std::size_t kWidth = 96;
  constexpr const char* kIndent = "                       ";
  std::string line;
  const auto add = [&line](std::string_view word) {
    if (!line.empty() && line.size() + word.size() > kWidth) {
      line.pop_back();
      std::printf("%s%s\n", kIndent, line.c_str());
      line.clear();
    }
    line.append(word).append(" ");
  };
  for (const std::string& test : asked_of(step)) {
    for (std::string_view rest = test; !rest.empty();) {
      const auto space = std::min(rest.find(' '), rest.size() - 1);
      add(rest.substr(0, space == rest.size() - 1 ? rest.size() : space));
      rest.remove_prefix(space + 1);
    }
    line.back() = ';';
    line += ' ';
  }
  line.resize(line.size() - 2);
  std::printf("%s%s\n", kIndent, line.c_str());
}

void print_policy(const RedirectPolicy& policy) {
  const auto chains = steps(policy);
  if (chains.empty()) std::printf("nothing is redirected (mode none)\n");
  for (const StepChain& chain : chains) {
    const std::string name = chain_name(chain.stage, chain.hook);
    std::printf("%-20s %-48s %-28s %s\n", name.c_str(), "(the first step that matches decides)",
                "what becomes of it", "asked for by");
    for (const Step& step : chain.steps) {
      std::printf("  %-18s %-48s %-28s %s\n", step.name.c_str(), step.what.c_str(),
                  std::visit(Outcome{}, step.then).c_str(), step.origin.c_str());
      print_asked(step);
    }
  }
}

void print_decision(const Decision& decision) {
  for (const Considered& considered : decision.trace) {
    std::printf("%s %-16s %-18s %s\n", considered.matched ? "=>" : "  ",
                chain_name(considered.stage, considered.hook).c_str(), considered.step.name.c_str(),
                considered.step.what.c_str());
  }
  std::printf("%s: %s: %s\n", std::string(to_string(decision.verdict)).c_str(),
              decision.step.c_str(), decision.reason.c_str());
}

nlohmann::ordered_json policy_json_table(const RedirectPolicy& policy) {
  auto rows = nlohmann::ordered_json::array();
  for (const StepChain& chain : steps(policy)) {
    for (const Step& step : chain.steps) {
      rows.push_back({{"chain", chain_name(chain.stage, chain.hook)},
                      {"step", step.name},
                      {"what", step.what},
                      {"when", asked_of(step)},
                      {"then", std::visit(Outcome{}, step.then)},
                      {"origin", step.origin}});
    }
  }
  return rows;
}

}  // namespace

void add_explain(CLI::App& app, Ended& ended) {
  struct Options {
    PolicyInput input;
    std::string packet;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("explain",
                                         "Says in words what a policy does with which packets, or "
                                         "what it does with one packet and why.");
  command->footer(
      "Example: sluice explain --pod app.yaml --packet 'out tcp 10.0.0.5:443 uid=1000'");
  options->input.add_options(*command);
  command->add_option("--packet", options->packet,
                      "(in|out) (tcp|udp) DST:PORT [src=ADDR[:PORT]] [uid=N] [gid=N] [if=NAME] "
                      "[mark=N] [invalid]; IPv6 addresses in brackets");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options, &ended] {
    ended = [&]() -> Ended {
      ASSIGN_OR_RETURN(const RedirectPolicy policy, options->input.read());
      if (options->packet.empty()) {
        if (options->json) {
          print(policy_json_table(policy).dump() + "\n");
        } else {
          print_policy(policy);
        }
        return Exit::Done;
      }
      ASSIGN_OR_RETURN(const Packet packet, parse_packet(options->packet));
      const Decision decision = decide(policy, packet);
      if (options->json) {
        print(nlohmann::ordered_json{{"verdict", to_string(decision.verdict)},
                                     {"step", decision.step},
                                     {"reason", decision.reason}}
                  .dump() +
              "\n");
      } else {
        print_decision(decision);
      }
      return Exit::Done;
    }();
  });
}

}  // namespace sluice::cli
