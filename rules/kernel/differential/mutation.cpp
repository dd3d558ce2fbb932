#include "rules/kernel/differential/mutation.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <linux/netlink.h>
#include <sys/socket.h>

#include "rules/kernel/encode.h"
#include "rules/kernel/netns.h"
#include "rules/kernel/nft_socket.h"
#include "rules/kernel/routes.h"

namespace sluice::differential {
namespace {

using nft::Program;
using nft::Rule;

/// Every step that a program may have.
constexpr std::array<const char*, 37> kSteps{
    "outbound 1",        "outbound 2",        "outbound 3",        "outbound 4a uid",
    "outbound 4b uid",   "outbound 4c uid",   "outbound 4a gid",   "outbound 4b gid",
    "outbound 4c gid",   "outbound 5",        "outbound 6",        "outbound 7",
    "outbound 8",        "outbound 9",        "outbound 10",       "inbound 1",
    "inbound 2",         "inbound 3",         "inbound 4",         "inbound 5",
    "invalid",           "tproxy inbound 1",  "tproxy inbound 2",  "tproxy inbound 3",
    "tproxy inbound 4",  "tproxy inbound 5",  "tproxy inbound 6",  "tproxy inbound 7",
    "tproxy inbound 8",  "tproxy outbound 1", "tproxy outbound 2", "tproxy outbound 3",
    "tproxy outbound 4", "dns zone 1",        "dns zone 2",        "dns zone 3",
    "dns zone 4"};

/// A program without the rules for which `wrong` holds.
Mutation without_rules(std::string name, std::function<bool(const Rule&)> wrong) {
  const auto mutate = [wrong = std::move(wrong)](Program& program) {
    std::size_t erased = 0;
    for (nft::Chain& chain : program.chains) erased += std::erase_if(chain.rules, wrong);
    return erased > 0;
  };
  return {std::move(name), mutate};
}

Mutation without_step(const std::string& step) {
  return without_rules("without step " + step,
                       [step](const Rule& rule) { return rule.comment.starts_with(step + ": "); });
}

bool is_ipv6(const nft::Match& match) {
  const auto* family = std::get_if<Family>(&match.operand);
  return match.selector == nft::Selector::Ip6Daddr || match.selector == nft::Selector::Ip6Saddr ||
         (family != nullptr && *family == Family::V6);
}

bool is_for_ipv6(const Rule& rule) {
  return std::any_of(rule.matches.begin(), rule.matches.end(), is_ipv6);
}

/// TPROXY drops where the proxy does not listen; without that, the app gets the packet.
bool keeps_from_app(const Rule& rule) {
  return rule.comment.starts_with("tproxy inbound 8: ") &&
         std::holds_alternative<nft::DropPacket>(rule.statement);
}

/// A program in which `change` has changed the first rule that it could.
Mutation with_rule(std::string name, bool (*change)(Rule&)) {
  const auto mutate = [change](Program& program) {
    for (nft::Chain& chain : program.chains) {
      for (Rule& rule : chain.rules) {
        if (change(rule)) return true;
      }
    }
    return false;
  };
  return {std::move(name), mutate};
}

bool redirect_to_next_port(Rule& rule) {
  auto* redirect = std::get_if<nft::RedirectToPort>(&rule.statement);
  if (redirect == nullptr || redirect->port.number() == 65535) return false;
  redirect->port = next(redirect->port);
  return true;
}

bool drop_instead(Rule& rule) {
  if (!std::holds_alternative<nft::Accept>(rule.statement)) return false;
  rule.statement = nft::DropPacket{};
  return true;
}

bool turn_owner_test(Rule& rule) {
  for (nft::Match& match : rule.matches) {
    if (match.selector != nft::Selector::SkUid && match.selector != nft::Selector::SkGid) continue;
    match.sense = match.sense == Sense::Is ? Sense::IsNot : Sense::Is;
    return true;
  }
  return false;
}

/// Every set ends a little early.
bool shorten_sets(Program& program) {
  bool changed = false;
  for (nft::Set& set : program.sets) {
    auto* ports = std::get_if<std::vector<PortRange>>(&set.elements);
    if (ports == nullptr) continue;
    for (PortRange& range : *ports) {
      if (range.first == range.last) continue;
      range.last = Port::from_number(range.last.number() - 1).value();
      changed = true;
    }
  }
  return changed;
}

bool forget_last_elements(Program& program) {
  bool changed = false;
  for (nft::Set& set : program.sets) {
    std::visit(
        [&](auto& elements) {
          if (elements.size() < 2) return;
          elements.pop_back();
          changed = true;
        },
        set.elements);
  }
  return changed;
}

bool has_tproxy_routing(Program& program) {
  return std::any_of(program.chains.begin(), program.chains.end(),
                     [](const nft::Chain& chain) { return chain.name == "mangle_output"; });
}

Result<void> set_routes(const World& world, const RedirectPolicy& policy) {
  ASSIGN_OR_RETURN(UniqueFd fd,
                   kernel::socket_in(world.target(), AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  ASSIGN_OR_RETURN(kernel::RouteSocket routes, kernel::RouteSocket::adopt(std::move(fd)));
  return routes.set(policy, true);
}

}  // namespace

std::vector<Mutation> all_mutations() {
  std::vector<Mutation> all{
      without_rules("without the rules for IPv6", is_for_ipv6),
      without_rules("without the drop while the proxy does not listen", keeps_from_app),
      with_rule("a redirect to the next port", redirect_to_next_port),
      with_rule("drop instead of accept", drop_instead),
      with_rule("an owner test turned round", turn_owner_test),
      {"port ranges one shorter", shorten_sets},
      {"sets without their last elements", forget_last_elements},
      {"TPROXY without its routing rules", has_tproxy_routing, Mutation::Routes::Missing},
  };
  std::transform(kSteps.begin(), kSteps.end(), std::back_inserter(all), without_step);
  return all;
}

Result<void> commit_mutated(const World& world, const RedirectPolicy& policy,
                            const Mutation& mutation) {
  Program program = nft::plan(policy);
  if (policy.mode == Mode::None || !mutation.mutate(program)) {
    return fail(Errc::NotFound, "nothing to make wrong");
  }
  RedirectPolicy routed = policy;
  if (mutation.routes == Mutation::Routes::Missing) routed.mode = Mode::None;
  RETURN_IF_ERROR(set_routes(world, routed));
  ASSIGN_OR_RETURN(kernel::NftSocket nft, kernel::NftSocket::open(world.target()));
  return nft.commit(kernel::encode_create(program, kernel::Onto::Any));
}

}  // namespace sluice::differential
