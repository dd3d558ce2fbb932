// The kernel is the judge: random policies are committed into real namespaces, random packets are
// sent by real sockets, and where each of them lands must be where decide() says.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "rules/kernel/differential/campaign.h"
#include "rules/kernel/differential/mutation.h"
#include "rules/kernel/differential/namespaces.h"
#include "rules/kernel/differential/workers.h"

namespace {

using namespace sluice;
using namespace sluice::differential;

constexpr int kSkipped = 77;

enum class Subject { Kernel, Test };

struct Options {
  Subject subject = Subject::Kernel;
  std::uint64_t seed = 0;
  std::uint64_t policies = 2000;
  unsigned packets = 24;
  unsigned workers = 10;
  unsigned seconds = 60;
  unsigned failures = 1;
};

constexpr const char* kUsage =
    "usage: sluice_differential [OPTION N]...\n"
    "  --policies N  how many random policies (2000; N for each mutation)\n"
    "  --packets N   how many packets for each (24)\n"
    "  --seconds N   begins no policy after so long (60)\n"
    "  --seed N      policy number I of seed N is policy number 0 of seed N + I (the clock's)\n"
    "  --workers N   processes at a time, each with namespaces of its own (10)\n"
    "  --failures N  a worker stops after so many disagreements (1)\n"
    "  --mutations 1 tests the test instead: each mutation of a program must be noticed\n";

std::uint64_t seed_of_the_clock() {
  constexpr std::uint64_t kMorePoliciesThanARunHas = 1000000;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(now / std::chrono::seconds(1)) * kMorePoliciesThanARunHas;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  options.seed = seed_of_the_clock();
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) return std::nullopt;
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    const auto small = static_cast<unsigned>(value);
    if (name == "--seed") {
      options.seed = value;
    } else if (name == "--policies") {
      options.policies = value;
    } else if (name == "--packets") {
      options.packets = small;
    } else if (name == "--workers" && small > 0) {
      options.workers = small;
    } else if (name == "--seconds") {
      options.seconds = small;
    } else if (name == "--failures") {
      options.failures = small;
    } else if (name == "--mutations") {
      options.subject = small == 0 ? Subject::Kernel : Subject::Test;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

std::optional<Trial> open_trial() {
  auto trial = Trial::open();
  if (trial) return *std::move(trial);
  std::cerr << "no world to test in: " << trial.error().message << "\n";
  return std::nullopt;
}

/// A worker's share of the seeds; true when nobody disagreed.
bool judge_kernel(const Options& options, unsigned worker, Coverage& coverage) {
  const Deadline deadline = Clock::now() + std::chrono::seconds(options.seconds);
  auto trial = open_trial();
  if (!trial) return false;
  unsigned failures = 0;
  for (std::uint64_t i = worker; i < options.policies && Clock::now() < deadline;
       i += options.workers) {
    const std::uint64_t seed = options.seed + i;
    const auto found = run_seed(*trial, seed, options.packets, commit_policy, coverage);
    if (found && !*found) continue;
    std::ostringstream report;
    report << "\nseed " << seed << " (repeat with --policies 1 --workers 1 --packets "
           << options.packets << " --seed " << seed << ")\n";
    if (found) {
      report << describe(**found) << "-- and the smallest like it:\n"
             << describe(shrink(*trial, **found, commit_policy));
    } else {
      report << found.error().message << "\n";
    }
    std::cerr << report.str();
    if (++failures >= options.failures) break;
  }
  return failures == 0;
}

/// Whether some policy shows `mutation`: a disagreement that comes again, and goes when the program
/// is as planned.
bool is_noticed(Trial& trial, const Options& options, const Mutation& mutation,
                Coverage& coverage) {
  const auto commit = [&](const World& world, const RedirectPolicy& policy) {
    return commit_mutated(world, policy, mutation);
  };
  for (std::uint64_t i = 0; i < options.policies; ++i) {
    const auto found = run_seed(trial, options.seed + i, options.packets, commit, coverage);
    if (!found) {
      std::cerr << mutation.name << ": " << found.error().message << "\n";
      return false;
    }
    if (!*found) continue;
    const Case& what = (*found)->what;
    if (disagreement(trial, what, commit) && !disagreement(trial, what, commit_policy)) return true;
  }
  std::cerr << "NOT NOTICED: " << mutation.name << "\n";
  return false;
}

bool judge_test(const Options& options, unsigned worker, Coverage& coverage) {
  auto trial = open_trial();
  if (!trial) return false;
  trial->set_patience(std::chrono::milliseconds(250));
  const std::vector<Mutation> mutations = all_mutations();
  bool noticed = true;
  for (std::size_t i = worker; i < mutations.size(); i += options.workers) {
    noticed &= is_noticed(*trial, options, mutations[i], coverage);
  }
  return noticed;
}

void print(const Options& options, const Coverage& coverage, bool good) {
  for (const auto& [name, count] : coverage.steps) {
    std::printf("%8lu  met step %s\n", count, name.c_str());
  }
  for (const auto& [name, count] : coverage.landings) {
    std::printf("%8lu  %s\n", count, name.c_str());
  }
  const bool kernel = options.subject == Subject::Kernel;
  const char* verdict = kernel ? (good ? "agreed" : "DISAGREED")
                               : (good ? "every mutation was noticed" : "A MUTATION GOT BY");
  std::printf("%s: %lu policies, %lu packets, seed %lu\n", verdict, coverage.policies,
              coverage.packets, options.seed);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (become_root(argv) == Privilege::Lacking) {
    std::fputs("SKIPPED: needs root, or user namespaces with subordinate ids (package uidmap)\n",
               stderr);
    return kSkipped;
  }
  Coverage coverage;
  const bool content = in_workers(
      options->workers,
      [&](unsigned number, Coverage& covered) {
        return options->subject == Subject::Kernel ? judge_kernel(*options, number, covered)
                                                   : judge_test(*options, number, covered);
      },
      coverage);
  const bool good = content && coverage.packets > 0;
  print(*options, coverage, good);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
