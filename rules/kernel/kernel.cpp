#include "rules/kernel/kernel.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "rules/kernel/loopback.h"
#include "rules/kernel/netns.h"
#include "rules/kernel/nft_socket.h"
#include "rules/kernel/routes.h"
#include "rules/program/program.h"

namespace sluice::kernel {
namespace {

Result<UniqueFd> route_socket(const NetNamespace& ns) {
  return socket_in(ns, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

Result<RouteSocket> open_routes(const NetNamespace& ns) {
  ASSIGN_OR_RETURN(UniqueFd fd, route_socket(ns));
  return RouteSocket::adopt(std::move(fd));
}

/// What a redirect stands on, made before the table: nothing of it changes traffic by itself.
Result<void> prepare(const NetNamespace& ns, const RedirectPolicy& policy) {
  if (policy.mode != Mode::Tproxy) {
    ASSIGN_OR_RETURN(const UniqueFd fd, route_socket(ns));
    const auto prepared = prepare_loopback(fd.get());
    return prepared ? Result<void>() : fail(prepared.error());
  }
  ASSIGN_OR_RETURN(RouteSocket routes, open_routes(ns));
  ASSIGN_OR_RETURN(const bool ipv6, prepare_loopback(routes.fd()));
  return routes.set(policy, ipv6);
}

/// A table is there already: keep it when it is right, else replace it in one transaction.
Result<void> commit_onto_existing(NftSocket& nft, const nft::Program& program) {
  ASSIGN_OR_RETURN(const std::optional<TableState> there, nft.read_table());
  if (there && differences(expected_table(program), *there).empty()) return {};
  return nft.commit(encode_create(program, Onto::Any));
}

}  // namespace

Result<void> apply(const NetNamespace& ns, const RedirectPolicy& policy) {
  if (policy.mode == Mode::None) return remove(ns);
  const nft::Program program = nft::plan(policy);
  ASSIGN_OR_RETURN(NftSocket nft, NftSocket::open(ns));
  RETURN_IF_ERROR(prepare(ns, policy));
  auto created = nft.commit(encode_create(program, Onto::Nothing));
  if (created || created.error().code != Errc::Exists) return created;
  RETURN_IF_ERROR(commit_onto_existing(nft, program));
  // An earlier policy may have been TPROXY's.
  if (policy.mode == Mode::Tproxy) return {};
  ASSIGN_OR_RETURN(RouteSocket routes, open_routes(ns));
  return routes.set(policy, true);
}

Result<std::vector<std::string>> differences(const NetNamespace& ns, const RedirectPolicy& policy) {
  ASSIGN_OR_RETURN(NftSocket nft, NftSocket::open(ns));
  ASSIGN_OR_RETURN(RouteSocket routes, open_routes(ns));
  ASSIGN_OR_RETURN(const std::optional<TableState> there, nft.read_table());
  ASSIGN_OR_RETURN(const LoopbackState lo, loopback_state(routes.fd()));
  ASSIGN_OR_RETURN(std::vector<std::string> out, routes.differences(policy, lo.ipv6));
  if (policy.mode == Mode::None) {
    if (there) out.push_back("table inet sluice should not be there");
    return out;
  }
  if (!lo.up) out.push_back("lo is down");
  if (lo.ipv6 && !lo.has_source) out.push_back("::6 is not on lo");
  if (!there) {
    out.push_back("table inet sluice is missing");
    return out;
  }
  for (std::string& difference : differences(expected_table(nft::plan(policy)), *there)) {
    out.push_back(std::move(difference));
  }
  return out;
}

Result<std::vector<std::string>> tampering(const NetNamespace& ns) {
  ASSIGN_OR_RETURN(NftSocket nft, NftSocket::open(ns));
  ASSIGN_OR_RETURN(const std::optional<TableState> there, nft.read_table());
  if (!there) return fail(Errc::NotFound, "there is no table inet sluice");
  std::vector<std::string> out;
  if (there->committed != there->listing_fingerprint()) {
    out.push_back("table inet sluice (" + there->comment + ") is not as it was committed");
  }
  return out;
}

Result<void> remove(const NetNamespace& ns) {
  ASSIGN_OR_RETURN(NftSocket nft, NftSocket::open(ns));
  ASSIGN_OR_RETURN(RouteSocket routes, open_routes(ns));
  auto removed = nft.commit(encode_remove());
  if (!removed && removed.error().code != Errc::NotFound) return removed;
  RedirectPolicy nothing;
  nothing.mode = Mode::None;
  return routes.set(nothing, true);
}

Result<std::vector<RuleCounter>> counters(const NetNamespace& ns) {
  ASSIGN_OR_RETURN(NftSocket nft, NftSocket::open(ns));
  ASSIGN_OR_RETURN(const std::optional<TableState> there, nft.read_table());
  if (!there) return fail(Errc::NotFound, "there is no table inet sluice");
  std::vector<RuleCounter> out;
  for (const ChainState& chain : there->chains) {
    for (const RuleState& rule : chain.rules) {
      out.push_back({chain.name, rule.comment, rule.packets, rule.bytes});
    }
  }
  return out;
}

Result<void> available() {
  ASSIGN_OR_RETURN(NftSocket nft, NftSocket::open_here());
  auto answered = nft.probe();
  if (answered) return {};
  Error reason = std::move(answered).error().wrap("this kernel has no nf_tables");
  reason.code = Errc::Unavailable;
  return fail(std::move(reason));
}

}  // namespace sluice::kernel
