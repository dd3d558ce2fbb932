#include "rules/kernel/netlink.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <libmnl/libmnl.h>
#include <sys/socket.h>

namespace sluice::kernel {
namespace {

tl::unexpected<Error> fail_errno(const char* what) {
  const int error = errno;
  return fail(Errc::Kernel, std::string(what) + ": " + std::strerror(error), error);
}

/// mnl_cb_run's callback, with the caller's function behind `data`.
int call(const nlmsghdr* message, void* data) {
  (*static_cast<const std::function<void(const nlmsghdr*)>*>(data))(message);
  return (message->nlmsg_flags & NLM_F_MULTI) != 0 ? MNL_CB_OK : MNL_CB_STOP;
}

}  // namespace

Result<void> send_to_kernel(int fd, std::span<const std::uint8_t> bytes) {
  // netlink refuses what does not fit the send buffer; the default holds about 200 KiB.
  const int size = static_cast<int>(bytes.size()) + 4096;
  if (bytes.size() > 100'000 &&
      ::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0) {
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
  }
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  for (;;) {
    const ssize_t sent = ::sendto(fd, bytes.data(), bytes.size(), 0,
                                  reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
    if (sent == static_cast<ssize_t>(bytes.size())) return {};
    if (sent < 0 && errno == EINTR) continue;
    return fail_errno("sending to the kernel");
  }
}

Result<void> request(int fd, const void* message, std::uint32_t seq,
                     const std::function<void(const nlmsghdr*)>& each) {
  const auto* header = static_cast<const nlmsghdr*>(message);
  const auto* start = static_cast<const std::uint8_t*>(message);
  RETURN_IF_ERROR(send_to_kernel(fd, {start, header->nlmsg_len}));
  constexpr std::size_t kLargestAnswer = 32768;
  // Not zeroed: a page that is never touched costs nothing.
  const auto buffer = std::make_unique_for_overwrite<char[]>(kLargestAnswer);
  auto* closure = const_cast<std::function<void(const nlmsghdr*)>*>(&each);
  for (;;) {
    const ssize_t size = ::recv(fd, buffer.get(), kLargestAnswer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail_errno("reading from the kernel");
    const int more =
        mnl_cb_run(buffer.get(), static_cast<std::size_t>(size), seq, 0, call, closure);
    if (more < 0) return fail_errno("the kernel's answer");
    if (more == MNL_CB_STOP) return {};
  }
}

}  // namespace sluice::kernel
