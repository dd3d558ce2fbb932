#include "rules/base/unique_fd.h"

#include <unistd.h>

namespace sluice {

void UniqueFd::reset(int fd) {
  const int old = std::exchange(fd_, fd);
  if (old >= 0) ::close(old);
}

}  // namespace sluice
