// sluice apply, verify, remove and counters: a namespace's redirect, by hand.

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "plugin/cli/command.h"
#include "plugin/verbs/attachments.h"
#include "rules/kernel/kernel.h"

namespace sluice::cli {
namespace {

struct Options {
  std::string netns;
  PolicyInput input;
  std::string state_dir = "/run/sluice";
  bool json = false;
};

using Act = std::function<Ended(const kernel::NetNamespace&, const Options&)>;

Result<kernel::NetNamespace> open_netns(const std::string& path) {
  auto ns = kernel::NetNamespace::open(path);
  if (ns) return ns;
  Error error = std::move(ns).error().wrap("--netns");
  if (error.code == Errc::NotFound) error.code = Errc::Usage;
  return fail(std::move(error));
}

Ended apply(const kernel::NetNamespace& ns, const Options& options) {
  ASSIGN_OR_RETURN(const RedirectPolicy policy, options.input.read());
  RETURN_IF_ERROR(kernel::apply(ns, policy));
  return Exit::Done;
}

/// The policy that an ADD recorded for this very namespace; Mode::None where it left the pod alone.
Result<std::optional<RedirectPolicy>> recorded_policy(const kernel::NetNamespace& ns,
                                                      const std::string& state_dir) {
  const AttachmentStore store(state_dir);
  ASSIGN_OR_RETURN(const auto attachments, store.list());
  for (const cni::Attachment& attachment : attachments) {
    ASSIGN_OR_RETURN(const auto record, store.load(attachment));
    if (!record || record->netns_inode != ns.inode()) continue;
    RedirectPolicy nothing;
    nothing.mode = Mode::None;
    return record->policy.value_or(nothing);
  }
  return std::nullopt;
}

Result<std::vector<std::string>> differences(const kernel::NetNamespace& ns,
                                             const Options& options) {
  if (options.input.given()) {
    ASSIGN_OR_RETURN(const RedirectPolicy policy, options.input.read());
    return kernel::differences(ns, policy);
  }
  ASSIGN_OR_RETURN(const auto recorded, recorded_policy(ns, options.state_dir));
  if (recorded) return kernel::differences(ns, *recorded);
  auto tampered = kernel::tampering(ns);
  if (!tampered && tampered.error().code == Errc::NotFound) {
    return std::vector<std::string>{tampered.error().message};
  }
  return tampered;
}

Ended verify(const kernel::NetNamespace& ns, const Options& options) {
  ASSIGN_OR_RETURN(const std::vector<std::string> found, differences(ns, options));
  if (options.json) {
    print(nlohmann::json{{"alike", found.empty()}, {"differences", found}}.dump() + "\n");
  } else {
    for (const std::string& difference : found) print(difference + "\n");
  }
  return found.empty() ? Exit::Done : Exit::Different;
}

Ended remove(const kernel::NetNamespace& ns, const Options&) {
  RETURN_IF_ERROR(kernel::remove(ns));
  return Exit::Done;
}

Ended counters(const kernel::NetNamespace& ns, const Options& options) {
  ASSIGN_OR_RETURN(const auto rules, kernel::counters(ns));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const kernel::RuleCounter& rule : rules) {
    if (options.json) {
      list.push_back({{"chain", rule.chain},
                      {"comment", rule.comment},
                      {"packets", rule.packets},
                      {"bytes", rule.bytes}});
    } else {
      std::printf("%10llu packets  %-18s %s\n", static_cast<unsigned long long>(rule.packets),
                  rule.chain.c_str(), rule.comment.c_str());
    }
  }
  if (options.json) print(list.dump() + "\n");
  return Exit::Done;
}

void add(CLI::App& app, Ended& ended, const char* name, const char* about, const char* example,
         const Act& act) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(name, about);
  command->footer(std::string("Example: ") + example);
  command->add_option("--netns", options->netns, "path of the network namespace")->required();
  const std::string kind = name;
  if (kind == "apply" || kind == "verify") options->input.add_options(*command);
  if (kind == "verify") {
    command->add_option("--state-dir", options->state_dir, "where sluice-cni keeps its records")
        ->capture_default_str();
  }
  if (kind == "verify" || kind == "counters") {
    command->add_flag("--json", options->json, "print JSON");
  }
  command->callback([options, act, &ended] {
    ended = [&]() -> Ended {
      ASSIGN_OR_RETURN(const kernel::NetNamespace ns, open_netns(options->netns));
      return act(ns, *options);
    }();
  });
}

}  // namespace

void add_kernel_commands(CLI::App& app, Ended& ended) {
  add(app, ended, "apply", "Programs the redirect into a network namespace.",
      "sluice apply --netns /run/netns/x --policy p.json", apply);
  add(app, ended, "verify",
      "Compares a namespace with a policy: the one given, else the one that sluice-cni recorded, "
      "else what the table itself says was committed. Prints what differs.",
      "sluice verify --netns /run/netns/x", verify);
  add(app, ended, "remove", "Removes the redirect from a network namespace.",
      "sluice remove --netns /run/netns/x", remove);
  add(app, ended, "counters", "Shows how often each rule has matched.",
      "sluice counters --netns /run/netns/x --json", counters);
}

}  // namespace sluice::cli
