#include "conf/kube/read_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "conf/kube/deadline.h"
#include "rules/base/unique_fd.h"

namespace sluice::kube {
namespace {

constexpr std::size_t Largest = std::size_t{1} << 20;

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const auto failed = [&](int error) {
    return fail(Errc::Io, "cannot read " + path + ": " + describe_errno(error), error);
  };
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failed(errno);
  std::string text;
  std::array<char, 16384> piece;
  for (;;) {
    const ssize_t size = ::read(fd.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(errno);
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
    if (text.size() > Largest) return fail(Errc::Invalid, path + " is larger than 1 MiB");
  }
}

}  // namespace sluice::kube
