// sluice explain: a policy in words, and what it does with one packet.

#include <array>
#include <cstdio>
#include <memory>

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

void print_policy(const RedirectPolicy& policy) {
  const auto chains = steps(policy);
  if (chains.empty()) std::printf("nothing is redirected (mode none)\n");
  for (const StepChain& chain : chains) {
    std::printf("%s (the first step that matches decides)\n",
                chain_name(chain.stage, chain.hook).c_str());
    for (const Step& step : chain.steps) {
      std::printf("  %-18s %-48s %-28s %s\n", step.name.c_str(), step.what.c_str(),
                  std::visit(Outcome{}, step.then).c_str(), step.origin.c_str());
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
  CLI::App* command = app.add_subcommand(
      "explain", "Says in words what a policy does, or what it does with one packet and why.");
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
