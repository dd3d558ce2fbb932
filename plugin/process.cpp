#include "plugin/process.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace sluice {
namespace {

constexpr std::size_t kStdinLimit = std::size_t{4} << 20;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

cni::Environment cni_variables(char** variables) {
  cni::Environment environment;
  for (; *variables != nullptr; ++variables) {
    const std::string_view pair = *variables;
    const auto equals = pair.find('=');
    if (!pair.starts_with("CNI_") || equals == std::string_view::npos) continue;
    environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return environment;
}

Result<std::string> read_stdin() {
  std::string text;
  std::array<char, 8192> buffer;  // NOLINT(*-init*): read() fills it
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail(Errc::Io, std::string("stdin: ") + std::strerror(errno), errno);
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kStdinLimit) return fail(Errc::Malformed, "stdin is over 4 MiB");
  }
}

bool write_stdout(std::string_view text) {
  return write_all(STDOUT_FILENO, text);
}

bool started_by_hand(const cni::Environment& environment) {
  return !environment.contains("CNI_COMMAND") && ::isatty(STDIN_FILENO) == 1;
}

void write_about() {
  std::string versions;
  for (const std::string_view version : cni::kSpecVersions) versions.append(" ").append(version);
  static_cast<void>(write_all(
      STDERR_FILENO,
      "sluice-cni " SLUICE_VERSION
      ": a chained CNI plugin that redirects a pod's traffic to its sidecar proxy.\n"
      "A container runtime calls it, with CNI_COMMAND and a network configuration on stdin.\n"
      "CNI versions:" +
          versions + "\n"));
}

}  // namespace sluice
