#include "conf/kube/connect.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "conf/kube/lookup.h"
#include "rules/base/address.h"
#include "rules/kernel/socket_address.h"

namespace sluice::kube {
namespace {

Result<UniqueFd> connect_to(const IpAddress& address, std::uint16_t port, Deadline deadline) {
  const auto failed = [](int error) { return fail(Errc::TryAgain, describe_errno(error), error); };
  const SocketAddress to = socket_address(address, port);
  UniqueFd fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed(errno);
  // The last flight of the handshake and the request are two small writes in a row.
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd.get(), to.get(), to.size) == 0) return fd;
  if (errno != EINPROGRESS && errno != EINTR) return failed(errno);
  if (const auto ready = wait_for(fd.get(), POLLOUT, deadline); !ready) {
    return failed(ready.error().sys_errno);
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return failed(error);
  return fd;
}

}  // namespace

Result<UniqueFd> connect_tcp(const std::string& host, std::uint16_t port,
                             std::chrono::milliseconds per_address, Deadline deadline) {
  std::vector<IpAddress> addresses;
  const auto literal = IpAddress::parse(host);
  if (literal) {
    addresses.push_back(*literal);
  } else {
    ASSIGN_OR_RETURN(addresses, look_up(host, deadline));
  }
  Error error{Errc::TryAgain, "", EHOSTUNREACH};
  for (const IpAddress& address : addresses) {
    auto fd = connect_to(address, port, std::min(deadline, in(per_address)));
    if (fd) return fd;
    error.sys_errno = fd.error().sys_errno;
    if (!error.message.empty()) error.message += ", ";
    if (!literal) error.message += address.to_string() + ": ";
    error.message += fd.error().message;
  }
  if (error.message.empty()) error.message = "\"" + host + "\" has no address";
  return fail(std::move(error).wrap("cannot connect"));
}

Result<Listener> listen_tcp(const std::string& address, std::uint16_t port) {
  ASSIGN_OR_RETURN(const IpAddress literal, IpAddress::parse(address));
  SocketAddress at = socket_address(literal, port);
  UniqueFd fd(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd.get(), at.get(), at.size) != 0 || ::listen(fd.get(), SOMAXCONN) != 0 ||
      ::getsockname(fd.get(), at.get(), &at.size) != 0) {
    const int error = errno;
    return fail(Errc::Io, "cannot listen on " + address + ": " + describe_errno(error), error);
  }
  return Listener{std::move(fd), at.port()};
}

}  // namespace sluice::kube
