#include "rules/kernel/loopback.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "rules/kernel/netlink.h"

namespace sluice::kernel {
namespace {

constexpr int kLoopbackIndex = 1;  // in every namespace (net/core/dev.c)
constexpr std::array<std::uint8_t, 16> kPassthrough{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6};

// The messages of prepare_loopback(), numbered as they are sent.
enum Message : std::size_t { Up, Source, Messages };

using Buffer = std::array<char, 256>;

nlmsghdr* header(void* at, std::uint16_t type, unsigned flags) {
  nlmsghdr* message = mnl_nlmsg_put_header(at);
  message->nlmsg_type = type;
  message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  return message;
}

template <class Family>
Family& body(nlmsghdr* message) {
  return *static_cast<Family*>(mnl_nlmsg_put_extra_header(message, sizeof(Family)));
}

// Attribute callbacks of libmnl: each gets one attribute and the LoopbackState to fill.

int read_inet6_item(const nlattr* item, void* state) {
  constexpr std::size_t kNeeded = (DEVCONF_DISABLE_IPV6 + 1) * sizeof(std::int32_t);
  if (mnl_attr_get_type(item) == IFLA_INET6_CONF && mnl_attr_get_payload_len(item) >= kNeeded) {
    const auto* conf = static_cast<const std::int32_t*>(mnl_attr_get_payload(item));
    static_cast<LoopbackState*>(state)->ipv6 = conf[DEVCONF_DISABLE_IPV6] == 0;
  }
  return MNL_CB_OK;
}

int read_family(const nlattr* family, void* state) {
  if (mnl_attr_get_type(family) != AF_INET6) return MNL_CB_OK;
  return mnl_attr_parse_nested(family, read_inet6_item, state);
}

int read_link_attribute(const nlattr* attribute, void* state) {
  if (mnl_attr_get_type(attribute) != IFLA_AF_SPEC) return MNL_CB_OK;
  return mnl_attr_parse_nested(attribute, read_family, state);
}

int read_address_attribute(const nlattr* attribute, void* state) {
  if (mnl_attr_get_type(attribute) == IFA_ADDRESS &&
      mnl_attr_get_payload_len(attribute) == kPassthrough.size() &&
      std::memcmp(mnl_attr_get_payload(attribute), kPassthrough.data(), kPassthrough.size()) == 0) {
    static_cast<LoopbackState*>(state)->has_source = true;
  }
  return MNL_CB_OK;
}

void read_link(const nlmsghdr* message, LoopbackState& state) {
  if (message->nlmsg_type != RTM_NEWLINK) return;
  const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  state.up = (link->ifi_flags & IFF_UP) != 0;
  mnl_attr_parse(message, sizeof(ifinfomsg), read_link_attribute, &state);
}

void read_address(const nlmsghdr* message, LoopbackState& state) {
  if (message->nlmsg_type != RTM_NEWADDR) return;
  const auto* address = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  if (address->ifa_index != kLoopbackIndex) return;
  mnl_attr_parse(message, sizeof(ifaddrmsg), read_address_attribute, &state);
}

Result<void> ask(int fd, nlmsghdr* message, const char* what,
                 const std::function<void(const nlmsghdr*)>& each) {
  auto done = request(fd, message, 0, each);
  if (!done) return fail(std::move(done).error().wrap(what));
  return {};
}

nlmsghdr* put_link_up(void* at) {
  nlmsghdr* message = header(at, RTM_NEWLINK, NLM_F_ACK);
  message->nlmsg_seq = Up;
  auto& link = body<ifinfomsg>(message);
  link.ifi_index = kLoopbackIndex;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  return message;
}

nlmsghdr* put_source(void* at) {
  nlmsghdr* message = header(at, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  message->nlmsg_seq = Source;
  auto& address = body<ifaddrmsg>(message);
  address.ifa_family = AF_INET6;
  address.ifa_prefixlen = 128;
  address.ifa_flags = IFA_F_PERMANENT | IFA_F_NODAD;
  address.ifa_scope = RT_SCOPE_UNIVERSE;
  address.ifa_index = kLoopbackIndex;
  mnl_attr_put(message, IFA_LOCAL, kPassthrough.size(), kPassthrough.data());
  mnl_attr_put(message, IFA_ADDRESS, kPassthrough.size(), kPassthrough.data());
  return message;
}

tl::unexpected<Error> refused(int error, const char* what) {
  return fail(Errc::Kernel, std::string(what) + ": " + std::strerror(error), error);
}

/// What the kernel says of each message.
Result<void> read_answers(int fd, std::array<int, Messages>& errors) {
  std::array<char, 2048> buffer{};
  for (std::size_t answered = 0; answered < Messages;) {
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return refused(errno, "reading from the kernel");
    int left = static_cast<int>(size);
    for (const nlmsghdr* m = reinterpret_cast<nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(m, left);
         m = mnl_nlmsg_next(m, &left)) {
      if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq >= Messages) continue;
      errors.at(m->nlmsg_seq) = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(m))->error;
      ++answered;
    }
  }
  return {};
}

}  // namespace

Result<LoopbackState> loopback_state(int route_fd) {
  LoopbackState state;
  Buffer buffer{};
  nlmsghdr* message = header(buffer.data(), RTM_GETLINK, 0);
  body<ifinfomsg>(message).ifi_index = kLoopbackIndex;
  RETURN_IF_ERROR(
      ask(route_fd, message, "reading lo", [&](const nlmsghdr* m) { read_link(m, state); }));
  if (!state.ipv6) return state;
  buffer = {};
  message = header(buffer.data(), RTM_GETADDR, NLM_F_DUMP);
  body<ifaddrmsg>(message).ifa_family = AF_INET6;
  RETURN_IF_ERROR(ask(route_fd, message, "reading the addresses of lo",
                      [&](const nlmsghdr* m) { read_address(m, state); }));
  return state;
}

Result<bool> prepare_loopback(int route_fd) {
  // Both at once, without a look before: as a rule neither is there yet, and where one is, asking
  // for it does no harm. What the kernel says of the address decides whether to look after all.
  Buffer buffer{};
  const nlmsghdr* up = put_link_up(buffer.data());
  const nlmsghdr* source = put_source(buffer.data() + up->nlmsg_len);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer.data());
  RETURN_IF_ERROR(send_to_kernel(route_fd, {bytes, up->nlmsg_len + source->nlmsg_len}));
  std::array<int, Messages> errors{};
  RETURN_IF_ERROR(read_answers(route_fd, errors));
  if (errors[Up] != 0) return refused(errors[Up], "bringing lo up");
  if (errors[Source] == 0 || errors[Source] == EEXIST) return true;
  ASSIGN_OR_RETURN(const LoopbackState state, loopback_state(route_fd));
  if (state.ipv6 && !state.has_source) return refused(errors[Source], "adding ::6 to lo");
  return state.ipv6;
}

}  // namespace sluice::kernel
