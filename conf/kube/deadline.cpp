#include "conf/kube/deadline.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <limits>

#include <poll.h>

namespace sluice::kube {

Result<void> wait_for(int fd, short events, Deadline deadline) {
  using std::chrono::milliseconds;
  for (;;) {
    // Rounded up: a wait cut short by less than a millisecond would spin until the deadline.
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return fail(Errc::TryAgain, "deadline passed", ETIMEDOUT);
    pollfd waiting{fd, events, 0};
    constexpr long long Longest = std::numeric_limits<int>::max();
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, Longest)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(Errc::Io, "poll: " + describe_errno(errno), errno);
  }
}

std::string describe_errno(int error) {
  const char* known = strerrordesc_np(error);
  std::string text = known != nullptr ? known : "error " + std::to_string(error);
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace sluice::kube
