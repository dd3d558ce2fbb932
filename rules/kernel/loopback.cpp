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

#include "rules/kernel/netlink.h"

namespace sluice::kernel {
namespace {

constexpr int kLoopbackIndex = 1;  // in every namespace (net/core/dev.c)
constexpr std::array<std::uint8_t, 16> kSource{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6};

using Buffer = std::array<char, 256>;

nlmsghdr* header(Buffer& buffer, std::uint16_t type, unsigned flags) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
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
      mnl_attr_get_payload_len(attribute) == kSource.size() &&
      std::memcmp(mnl_attr_get_payload(attribute), kSource.data(), kSource.size()) == 0) {
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

}  // namespace

Result<LoopbackState> loopback_state(int route_fd) {
  LoopbackState state;
  Buffer buffer{};
  nlmsghdr* message = header(buffer, RTM_GETLINK, 0);
  body<ifinfomsg>(message).ifi_index = kLoopbackIndex;
  RETURN_IF_ERROR(
      ask(route_fd, message, "reading lo", [&](const nlmsghdr* m) { read_link(m, state); }));
  if (!state.ipv6) return state;
  buffer = {};
  message = header(buffer, RTM_GETADDR, NLM_F_DUMP);
  body<ifaddrmsg>(message).ifa_family = AF_INET6;
  RETURN_IF_ERROR(ask(route_fd, message, "reading the addresses of lo",
                      [&](const nlmsghdr* m) { read_address(m, state); }));
  return state;
}

Result<void> bring_loopback_up(int route_fd) {
  Buffer buffer{};
  nlmsghdr* message = header(buffer, RTM_NEWLINK, NLM_F_ACK);
  auto& link = body<ifinfomsg>(message);
  link.ifi_index = kLoopbackIndex;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  return ask(route_fd, message, "bringing lo up", [](const nlmsghdr*) {});
}

Result<void> add_passthrough_source(int route_fd) {
  Buffer buffer{};
  nlmsghdr* message = header(buffer, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  auto& address = body<ifaddrmsg>(message);
  address.ifa_family = AF_INET6;
  address.ifa_prefixlen = 128;
  address.ifa_flags = IFA_F_PERMANENT | IFA_F_NODAD;
  address.ifa_scope = RT_SCOPE_UNIVERSE;
  address.ifa_index = kLoopbackIndex;
  mnl_attr_put(message, IFA_LOCAL, kSource.size(), kSource.data());
  mnl_attr_put(message, IFA_ADDRESS, kSource.size(), kSource.data());
  auto added = ask(route_fd, message, "adding ::6 to lo", [](const nlmsghdr*) {});
  if (!added && added.error().sys_errno == EEXIST) return {};
  return added;
}

}  // namespace sluice::kernel
