// sluice-cni: a chained CNI plugin. Everything is in run(); here are only the process's edges.

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "plugin/run.h"

namespace {

sluice::Result<std::string> read_stdin() {
  constexpr std::size_t kLimit = std::size_t{4} << 20;
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0)
      return sluice::fail(sluice::Errc::Io, std::string("stdin: ") + std::strerror(errno));
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kLimit) return sluice::fail(sluice::Errc::Malformed, "stdin is over 4 MiB");
  }
}

}  // namespace

int main(int, char**, char** variables) {
  sluice::cni::Environment environment;
  for (; *variables != nullptr; ++variables) {
    const std::string_view pair = *variables;
    if (!pair.starts_with("CNI_")) continue;
    const auto equals = pair.find('=');
    environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  const sluice::Outcome outcome = sluice::run(environment, read_stdin);
  const auto size = static_cast<ssize_t>(outcome.out.size());
  return ::write(STDOUT_FILENO, outcome.out.data(), outcome.out.size()) == size ? outcome.exit_code
                                                                                : 1;
}
