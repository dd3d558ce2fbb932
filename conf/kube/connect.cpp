#include "conf/kube/connect.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nss.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>

#include "rules/base/address.h"

namespace sluice::kube {
namespace {

/// Makes glibc's resolver fit into the time that is left: it asks each server in resolv.conf once
/// for the name alone and for each domain of the search list, so each question gets its share of
/// that time. It counts in whole seconds, and no thread or signal ends the call before: where DNS
/// is dead and the list is long, a lookup can overrun its deadline by a second for each question.
/// A resolver of our own would not, but it would be one more parser of foreign packets, for a case
/// that the installer avoids by writing a literal address.
void bound_lookup(Deadline deadline) {
  using std::chrono::seconds;
  if (res_init() != 0) return;
  long names = 1;
  for (char** domain = _res.dnsrch; *domain != nullptr; ++domain) ++names;
  const long questions = names * std::max(1, _res.nscount);
  const auto left = deadline - std::chrono::steady_clock::now();
  const long share = std::chrono::duration_cast<seconds>(left).count() / questions;
  _res.retrans = static_cast<int>(std::clamp<long>(share, 1, 5));
  _res.retry = 1;
}

Result<std::vector<IpAddress>> look_up(const std::string& host, Deadline deadline) {
  static const int configured = __nss_configure_lookup("hosts", "files dns");
  if (configured != 0) return fail(Errc::Io, "cannot set up name lookup", errno);
  if (deadline <= std::chrono::steady_clock::now()) {
    return fail(Errc::TryAgain, "no time left to look up \"" + host + "\"", ETIMEDOUT);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  bound_lookup(deadline);
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    const int sys = error == EAI_SYSTEM ? errno : EHOSTUNREACH;
    return fail(Errc::TryAgain, "cannot look up \"" + host + "\": " + ::gai_strerror(error), sys);
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(entry->ai_addr);
    if (entry->ai_family == AF_INET) {
      addresses.push_back(IpAddress::from_bytes({bytes + offsetof(sockaddr_in, sin_addr), 4}));
    } else if (entry->ai_family == AF_INET6) {
      addresses.push_back(IpAddress::from_bytes({bytes + offsetof(sockaddr_in6, sin6_addr), 16}));
    }
  }
  return addresses;
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  const auto bytes = address.bytes();
  if (address.family() == Family::V4) {
    sockaddr_in in4{};
    in4.sin_family = AF_INET;
    in4.sin_port = htons(port);
    std::memcpy(&in4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &in4, result.size = sizeof in4);
  } else {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    std::memcpy(&in6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &in6, result.size = sizeof in6);
  }
  return result;
}

Result<UniqueFd> connect_to(const IpAddress& address, std::uint16_t port, Deadline deadline) {
  const auto failed = [](int error) { return fail(Errc::TryAgain, describe_errno(error), error); };
  const SocketAddress to = socket_address(address, port);
  UniqueFd fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed(errno);
  // The last flight of the handshake and the request are two small writes in a row.
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0) return fd;
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
  auto* raw = reinterpret_cast<sockaddr*>(&at.storage);
  UniqueFd fd(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd.get(), raw, at.size) != 0 || ::listen(fd.get(), SOMAXCONN) != 0 ||
      ::getsockname(fd.get(), raw, &at.size) != 0) {
    const int error = errno;
    return fail(Errc::Io, "cannot listen on " + address + ": " + describe_errno(error), error);
  }
  // sin_port and sin6_port are at the same place.
  sockaddr_in bound{};
  std::memcpy(&bound, &at.storage, sizeof bound);
  return Listener{std::move(fd), ntohs(bound.sin_port)};
}

}  // namespace sluice::kube
