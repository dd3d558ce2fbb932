#include "rules/kernel/nft_socket.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "rules/kernel/netlink.h"
#include "rules/kernel/netns.h"

namespace sluice::kernel {
namespace {

Errc code_of(int error) {
  switch (error) {
    case EEXIST:
      return Errc::Exists;
    case ENOENT:
      return Errc::NotFound;
    case EPERM:
    case EACCES:
      return Errc::Denied;
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
      return Errc::Unavailable;
    default:
      return Errc::Kernel;
  }
}

tl::unexpected<Error> refused(int error, const std::string& what) {
  return fail(code_of(error), what + ": " + std::strerror(error), error);
}

/// What the kernel said of a transaction: the first refusal, by message, or that it went through.
struct Answers {
  bool acknowledged = false;
  int error = 0;
  std::uint32_t seq = 0;
};

void note(const nlmsghdr* message, Answers& answers) {
  if (message->nlmsg_type != NLMSG_ERROR) return;
  nlmsgerr answer{};
  std::memcpy(&answer, mnl_nlmsg_get_payload(message), sizeof(answer));
  if (answer.error == 0) {
    answers.acknowledged = true;
  } else if (answers.error == 0) {
    answers.error = -answer.error;
    answers.seq = message->nlmsg_seq;
  }
}

}  // namespace

Result<NftSocket> NftSocket::adopt(Result<UniqueFd> fd) {
  if (!fd) {
    const int error = fd.error().sys_errno;
    Error reason = std::move(fd).error().wrap("nf_tables");
    if (error == EPROTONOSUPPORT || error == EAFNOSUPPORT) reason.code = Errc::Unavailable;
    return fail(std::move(reason));
  }
  // The answer to a refused message need not carry the message.
  const int on = 1;
  static_cast<void>(setsockopt(fd->get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)));
  return NftSocket(std::move(*fd));
}

Result<NftSocket> NftSocket::open(const NetNamespace& ns) {
  return adopt(socket_in(ns, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
}

Result<NftSocket> NftSocket::open_here() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd) return adopt(fail(Errc::Kernel, std::strerror(errno), errno));
  return adopt(std::move(fd));
}

Result<void> NftSocket::commit(const Batch& batch) {
  RETURN_IF_ERROR(send_to_kernel(fd_.get(), batch.bytes));
  // The kernel works while we send; when sendmsg returns, every answer is in the socket's queue.
  Answers answers;
  std::array<char, 8192> buffer;  // NOLINT(*-init*): recv() fills it
  for (;;) {
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == ENOBUFS)) break;
    if (size < 0)
      return fail(Errc::Kernel, std::string("nf_tables answer: ") + std::strerror(errno), errno);
    int left = static_cast<int>(size);
    for (const nlmsghdr* m = reinterpret_cast<nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(m, left);
         m = mnl_nlmsg_next(m, &left)) {
      note(m, answers);
    }
  }
  if (answers.error != 0) {
    const bool known = answers.seq < batch.labels.size();
    return refused(answers.error,
                   "nf_tables refused " + (known ? batch.labels[answers.seq] : "the transaction"));
  }
  if (!answers.acknowledged) return fail(Errc::Kernel, "nf_tables did not answer the transaction");
  return {};
}

Result<void> NftSocket::probe() {
  std::array<char, 128> buffer{};
  nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETGEN, NFPROTO_UNSPEC, 0, ++seq_);
  return request(fd_.get(), buffer.data(), seq_, [](const nlmsghdr*) {});
}

}  // namespace sluice::kernel
