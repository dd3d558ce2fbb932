#pragma once

// TPROXY's part of the network stack: marked packets are delivered locally, whatever their
// destination, by a policy-routing rule and a local route for each family. All carry our own
// protocol number, so that they can be told from everybody else's and removed without knowing which
// policy made them.

#include <memory>
#include <string>
#include <vector>

#include <netlink/socket.h>

#include "rules/base/result.h"
#include "rules/base/unique_fd.h"
#include "rules/kernel/ownership.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::kernel {

/// An rtnetlink socket of a namespace.
class RouteSocket {
 public:
  /// Takes a NETLINK_ROUTE socket.
  [[nodiscard]] static Result<RouteSocket> adopt(UniqueFd fd);

  [[nodiscard]] int fd() const { return nl_socket_get_fd(socket_.get()); }

  /// Makes the rules and routes that `policy` asks for the only ones of ours; `ipv6` tells whether
  /// the namespace has IPv6. Idempotent: looks first, for the kernel accepts a second like rule.
  [[nodiscard]] Result<void> set(const RedirectPolicy& policy, bool ipv6);

  /// What set() would change, in words.
  [[nodiscard]] Result<std::vector<std::string>> differences(const RedirectPolicy& policy,
                                                             bool ipv6);

 private:
  using Socket = std::unique_ptr<nl_sock, FreeWith<nl_socket_free>>;
  explicit RouteSocket(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace sluice::kernel
