#include "rules/kernel/differential/campaign.h"

#include "rules/kernel/differential/random_packet.h"
#include "rules/policy/policy_json.h"
#include "rules/policy/random_policy.h"

namespace sluice::differential {
namespace {

/// The proxy is known by its uid, by its gid or by both; nothing where a user namespace has
/// neither.
std::optional<Owner> random_proxy_owner(Dice& dice, const ProxyIdentity& proxy) {
  const auto possible = [](const auto& ids) {
    return !ids.empty() && ids.begin()->number < id_count();
  };
  if (!possible(proxy.uids) && !possible(proxy.gids)) return std::nullopt;
  constexpr std::uint32_t kNobody = 4242;
  Owner owner{Uid{kNobody}, Gid{kNobody}};
  const bool by_uid = possible(proxy.uids) && (!possible(proxy.gids) || dice.percent(60));
  if (by_uid) owner.uid = *proxy.uids.begin();
  if (!by_uid || (possible(proxy.gids) && dice.percent(50))) owner.gid = *proxy.gids.begin();
  return owner;
}

bool is_proxys(const RedirectPolicy& policy, const Packet& packet) {
  return policy.proxy.uids.contains(packet.uid) || policy.proxy.gids.contains(packet.gid);
}

bool captures_dns(const RedirectPolicy& policy) {
  return is_all(policy.dns_servers) || !std::get<1>(policy.dns_servers).empty();
}

/// The app's query once more by the proxy, or the other way round, from the same port to the same
/// server: what conntrack's zones are for.
std::optional<Packet> twin(const Case& what, const Packet& packet) {
  const bool query = packet.direction == Direction::Out && packet.protocol == Protocol::Udp &&
                     packet.dst_port == Port{53};
  if (!query || !captures_dns(what.policy)) return std::nullopt;
  Packet other = packet;
  if (is_proxys(what.policy, packet)) {
    other.uid = Uid{31337};
    other.gid = Gid{31337};
  } else {
    other.uid = what.proxy_owner.uid;
    other.gid = what.proxy_owner.gid;
  }
  return other;
}

bool can_send(const Case& what, const Packet& packet) {
  return what.proxy == Proxy::Listens || !is_proxy_port(what.policy, packet.dst_port);
}

/// Whether `packet` means the same under the case's policy: it goes the way it says.
bool fits(const RedirectPolicy& policy, const Packet& packet) {
  if (packet.direction == Direction::In) return true;
  return route(policy, packet) == packet.interface &&
         (is_local_to_pod(*packet.src) || may_be_foreign(policy, packet));
}

void count(Coverage& coverage, const Outcome& outcome) {
  ++coverage.packets;
  for (const Considered& considered : outcome.decision.trace) {
    if (considered.matched) ++coverage.steps[considered.step.name];
  }
  const std::string place = outcome.seen.place == Place::Nowhere ? "nowhere"
                            : outcome.seen.place == Place::Peer  ? "untouched, at the peer"
                                                                 : "in the pod";
  ++coverage.landings[std::string(to_string(outcome.decision.verdict)) + ": " + place];
}

/// Cases a step simpler than `what`.
std::vector<Case> simpler_cases(const Case& what) {
  std::vector<Case> out;
  const auto consider = [&](const auto& change) {
    out.push_back(what);
    change(out.back());
  };
  if (what.packets.size() > 1) {
    consider([](Case& c) { c.packets.erase(c.packets.begin(), c.packets.end() - 1); });
  }
  for (const RedirectPolicy& policy : sluice::shrink(what.policy)) {
    consider([&](Case& c) { c.policy = policy; });
  }
  if (what.packets.size() == 1) {
    for (const Packet& packet : simpler(what.policy, what.packets.front())) {
      consider([&](Case& c) { c.packets = {packet}; });
    }
  }
  return out;
}

}  // namespace

Result<void> commit_policy(const World& world, const RedirectPolicy& policy) {
  RETURN_IF_ERROR(kernel::apply(world.target(), policy));
  ASSIGN_OR_RETURN(const auto differences, kernel::differences(world.target(), policy));
  if (differences.empty()) return {};
  return fail(Errc::Different, "just applied, and already different: " + differences.front());
}

Result<std::optional<Disagreement>> run_seed(Trial& trial, std::uint64_t seed, unsigned packets,
                                             const Trial::Commit& commit, Coverage& coverage) {
  Dice dice(seed);
  Case what{.policy = random_policy(dice.engine()), .packets = {}};
  const auto owner = random_proxy_owner(dice, what.policy.proxy);
  if (!owner) return std::nullopt;
  what.proxy_owner = *owner;
  what.proxy = dice.percent(5) ? Proxy::Absent : Proxy::Listens;
  auto begun = trial.begin(what.policy, what.proxy_owner, what.proxy, commit);
  if (!begun && begun.error().code == Errc::NotFound) return std::nullopt;
  if (!begun) return fail(std::move(begun).error().wrap(canonical_json(what.policy)));
  ++coverage.policies;
  for (unsigned i = 0; i < packets; ++i) {
    what.packets = {random_packet(dice, what.policy)};
    const bool with_twin = dice.percent(60);
    if (!can_send(what, what.packets.front())) continue;
    auto outcome = trial.send(what.packets.front());
    if (outcome && outcome->agreed && with_twin) {
      if (const auto other = twin(what, outcome->packet)) {
        count(coverage, *outcome);
        what.packets = {outcome->packet, *other};
        outcome = trial.send(*other);
      }
    }
    if (!outcome) return fail(std::move(outcome).error().wrap(to_text(what.packets.back())));
    count(coverage, *outcome);
    if (!outcome->agreed) return Disagreement{what, *outcome};
  }
  return std::nullopt;
}

std::optional<Outcome> disagreement(Trial& trial, const Case& what, const Trial::Commit& commit) {
  if (!trial.begin(what.policy, what.proxy_owner, what.proxy, commit)) return std::nullopt;
  std::optional<Outcome> last;
  for (const Packet& packet : what.packets) {
    if (!fits(what.policy, packet) || !can_send(what, packet)) return std::nullopt;
    auto outcome = trial.send(packet);
    if (!outcome) return std::nullopt;
    last = *std::move(outcome);
  }
  if (!last || last->agreed) return std::nullopt;
  return last;
}

Disagreement shrink(Trial& trial, Disagreement found, const Trial::Commit& commit) {
  trial.set_patience(std::chrono::milliseconds(250));
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const Case& candidate : simpler_cases(found.what)) {
      auto outcome = disagreement(trial, candidate, commit);
      if (!outcome) continue;
      found = {candidate, *std::move(outcome)};
      smaller = true;
      break;
    }
  }
  return found;
}

std::string describe(const Disagreement& disagreement) {
  const Case& what = disagreement.what;
  const Outcome& outcome = disagreement.outcome;
  std::string text = "policy:   " + canonical_json(what.policy) + "\n";
  text += "proxy:    uid " + std::to_string(what.proxy_owner.uid.number) + " gid " +
          std::to_string(what.proxy_owner.gid.number) +
          (what.proxy == Proxy::Absent ? ", not listening\n" : "\n");
  for (std::size_t i = 0; i + 1 < what.packets.size(); ++i) {
    text += "before:   " + to_text(what.packets[i]) + "\n";
  }
  text += "packet:   " + to_text(outcome.packet) + "\n";
  text += "decide(): " + std::string(to_string(outcome.decision.verdict)) + " by " +
          outcome.decision.step + ": " + outcome.decision.reason + "\n";
  text += "expected: " + to_string(outcome.expected) + "\n";
  text += "seen:     " + to_string(outcome.seen) + "\n";
  return text;
}

}  // namespace sluice::differential
