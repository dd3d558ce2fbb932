#include "rules/kernel/differential/workers.h"

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace sluice::differential {
namespace {

/// A process whose coverage comes through a pipe, as lines of kind, name and count.
struct Worker {
  pid_t pid;
  UniqueFd output;
};

std::string to_lines(const Coverage& coverage) {
  std::ostringstream out;
  out << "policies\t\t" << coverage.policies << "\npackets\t\t" << coverage.packets << "\n";
  for (const auto& [name, count] : coverage.steps) out << "step\t" << name << "\t" << count << "\n";
  for (const auto& [name, count] : coverage.landings) {
    out << "landing\t" << name << "\t" << count << "\n";
  }
  return out.str();
}

void add_lines(const std::string& text, Coverage& coverage) {
  std::istringstream in(text);
  std::string kind;
  std::string name;
  std::string count;
  while (std::getline(in, kind, '\t') && std::getline(in, name, '\t') && std::getline(in, count)) {
    const std::uint64_t more = std::strtoull(count.c_str(), nullptr, 10);
    if (kind == "policies") coverage.policies += more;
    if (kind == "packets") coverage.packets += more;
    if (kind == "step") coverage.steps[name] += more;
    if (kind == "landing") coverage.landings[name] += more;
  }
}

Worker start(unsigned number, const std::function<bool(unsigned, Coverage&)>& work) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) std::abort();
  UniqueFd output(ends[0]);
  const UniqueFd input(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) std::abort();
  if (pid > 0) return {pid, std::move(output)};
  Coverage coverage;
  const bool content = work(number, coverage);
  const std::string text = to_lines(coverage);
  const bool written = ::write(input.get(), text.data(), text.size()) >= 0;
  std::_Exit(content && written ? EXIT_SUCCESS : EXIT_FAILURE);
}

bool finish(const Worker& worker, Coverage& coverage) {
  std::string text;
  char buffer[4096];
  for (ssize_t length = 0; (length = ::read(worker.output.get(), buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(length));
  }
  add_lines(text, coverage);
  int status = 0;
  if (::waitpid(worker.pid, &status, 0) != worker.pid) return false;
  if (WIFSIGNALED(status)) std::cerr << "a worker died by signal " << WTERMSIG(status) << "\n";
  return status == 0;
}

}  // namespace

bool in_workers(unsigned workers, const std::function<bool(unsigned, Coverage&)>& work,
                Coverage& coverage) {
  std::vector<Worker> started;
  started.reserve(workers);
  for (unsigned number = 0; number < workers; ++number) started.push_back(start(number, work));
  bool content = true;
  for (const Worker& worker : started) content &= finish(worker, coverage);
  return content;
}

}  // namespace sluice::differential
