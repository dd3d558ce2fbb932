#include "plugin/cli/command.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "conf/kube/pod.h"
#include "rules/base/unique_fd.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/policy_json.h"

namespace sluice::cli {

Exit exit_of(const Error& error) {
  switch (error.code) {
    case Errc::Different:
      return Exit::Different;
    case Errc::Usage:
    case Errc::Version:
    case Errc::UnknownField:
    case Errc::Malformed:
    case Errc::Invalid:
      return Exit::Input;
    default:
      return Exit::System;
  }
}

Result<std::string> read_input(const std::string& path) {
  UniqueFd file;
  if (path != "-") {
    file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return fail(Errc::Usage, path + ": " + std::strerror(errno), errno);
  }
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t size = ::read(file ? file.get() : STDIN_FILENO, buffer.data(), buffer.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail(Errc::Usage, path + ": " + std::strerror(errno), errno);
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

Result<PodFacts> read_pod(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, read_input(path));
  auto pod = kube::pod_facts_from_file_text(text);
  if (!pod) return fail(std::move(pod).error().wrap(path));
  return pod;
}

void PolicyInput::add_options(CLI::App& command) {
  auto* policy = command.add_option("--policy", policy_file, "policy as JSON, - for stdin");
  auto* pod = command.add_option("--pod", pod_file, "Pod as YAML or JSON, - for stdin");
  policy->excludes(pod);
}

Result<RedirectPolicy> PolicyInput::read() const {
  if (!given()) return fail(Errc::Usage, "one of --policy and --pod is needed");
  if (!policy_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, read_input(policy_file));
    auto policy = parse_policy(text);
    if (!policy) return fail(std::move(policy).error().wrap(policy_file));
    return policy;
  }
  ASSIGN_OR_RETURN(const PodFacts pod, read_pod(pod_file));
  auto wanted = pod_policy(pod);
  if (!wanted) return fail(std::move(wanted).error().wrap(pod_file));
  for (const std::string& warning : wanted->warnings) {
    std::fprintf(stderr, "sluice: %s: warning: %s\n", pod_file.c_str(), warning.c_str());
  }
  return std::move(wanted->policy);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace sluice::cli
