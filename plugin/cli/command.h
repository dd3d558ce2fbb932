#pragma once

// What the subcommands of `sluice` share: where their input comes from and how they end.

#include <string>

#include "plugin/cli/files.h"
#include "rules/base/result.h"
#include "rules/policy/pod.h"
#include "rules/policy/redirect_policy.h"

namespace CLI {
class App;
}

namespace sluice::cli {

/// Exit statuses of every subcommand.
enum class Exit { Done = 0, Different = 1, Input = 2, System = 3 };

/// A subcommand's outcome: an exit status, or an error that main() prints.
using Ended = Result<Exit>;

/// Where an error leads.
[[nodiscard]] Exit exit_of(const Error& error);

/// `--policy F` and `--pod F`, of which exactly one is given.
struct PolicyInput {
  std::string policy_file;
  std::string pod_file;

  void add_options(CLI::App& command);
  [[nodiscard]] bool given() const { return !policy_file.empty() || !pod_file.empty(); }
  /// Warnings of a pod go to stderr.
  [[nodiscard]] Result<RedirectPolicy> read() const;
};

/// The Pod that the first workload in a YAML or JSON file is or makes.
[[nodiscard]] Result<PodFacts> read_pod(const std::string& path);

void print(const std::string& text);

struct Sources;
/// The three files of an injection's configuration, --builtin and the switches.
void add_source_options(CLI::App& command, Sources& sources);

// Each adds its subcommand to `app`; `ended` gets the outcome when that subcommand is chosen.
void add_plan(CLI::App& app, Ended& ended);
void add_kernel_commands(CLI::App& app, Ended& ended);
void add_explain(CLI::App& app, Ended& ended);
void add_lab(CLI::App& app, Ended& ended);
void add_inject(CLI::App& app, Ended& ended);

}  // namespace sluice::cli
