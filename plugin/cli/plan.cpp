// sluice plan: what would be programmed.

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "plugin/cli/command.h"
#include "rules/policy/policy_json.h"
#include "rules/program/program.h"

namespace sluice::cli {

void add_plan(CLI::App& app, Ended& ended) {
  struct Options {
    PolicyInput input;
    std::string format = "nft";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "plan", "Prints what a policy or a pod's annotations come to, without touching the kernel.");
  command->footer("Example: sluice plan --pod app.yaml | nft -c -f -");
  options->input.add_options(*command);
  command
      ->add_option("--format", options->format,
                   "nft: text for `nft -f`; bytecode: as `nft --debug=netlink` shows it; json: "
                   "the policy with all defaults")
      ->check(CLI::IsMember({"nft", "bytecode", "json"}));
  command->callback([options, &ended] {
    ended = [&]() -> Ended {
      ASSIGN_OR_RETURN(const RedirectPolicy policy, options->input.read());
      if (options->format == "json") {
        print(nlohmann::ordered_json::parse(canonical_json(policy)).dump(2) + "\n");
      } else {
        const nft::Program program = nft::plan(policy);
        print(options->format == "nft" ? to_nft(program) : to_bytecode(program));
      }
      return Exit::Done;
    }();
  });
}

}  // namespace sluice::cli
