#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "rules/policy/policy_json.h"
#include "rules/program/program.h"

namespace sluice::nft {
namespace {

constexpr std::size_t kMaxComment = 127;

/// Elements of a set and whether they need an interval set.
struct Values {
  SetElements elements;
  bool interval;
  std::optional<Operand> single;  ///< the only value, where there is but one
};

template <class T>
Values of_ids(const std::set<T>& ids) {
  return {std::vector<T>(ids.begin(), ids.end()), false,
          ids.size() == 1 ? std::optional<Operand>(*ids.begin()) : std::nullopt};
}

template <class T>
Values of_ranges(const std::vector<Range<T>>& ranges) {
  const bool interval =
      std::any_of(ranges.begin(), ranges.end(), [](const auto& r) { return r.first != r.last; });
  const bool one = ranges.size() == 1 && !interval;
  return {ranges, interval, one ? std::optional<Operand>(ranges[0].first) : std::nullopt};
}

/// Compiles one step for one family, or for both where no test looks at an address.
class RuleCompiler {
 public:
  RuleCompiler(const Step& step, std::optional<Family> family, std::vector<Set>& sets)
      : step_(step), family_(family), sets_(sets) {
    for (const sluice::Match& match : step.when) {
      if (const auto* one = std::get_if<OneProtocol>(&match)) protocol_ = one->values;
      names_port_ |=
          std::holds_alternative<DstPort>(match) || std::holds_alternative<SrcPort>(match);
    }
  }

  /// Nothing where the step can match no packet of the family.
  std::optional<std::vector<Match>> compile() {
    for (const sluice::Match& match : step_.when) {
      std::visit([this](const auto& test) { add(test); }, match);
    }
    if (impossible_) return std::nullopt;
    return std::move(matches_);
  }

 private:
  // `tcp dport` says the protocol already.
  void add(const OneProtocol& t) {
    if (!names_port_) matches_.push_back({Selector::L4Proto, t.values, t.sense});
  }
  void add(const InInterface& t) { add(Selector::IifName, SetType::IfName, of_ids(t.values), t); }
  void add(const OutInterface& t) { add(Selector::OifName, SetType::IfName, of_ids(t.values), t); }
  void add(const SocketUid& t) { add(Selector::SkUid, SetType::Uid, of_ids(t.values), t); }
  void add(const SocketGid& t) { add(Selector::SkGid, SetType::Gid, of_ids(t.values), t); }
  void add(const PacketMark& t) { matches_.push_back({Selector::Mark, t.values, t.sense}); }
  void add(const ConnMark& t) { matches_.push_back({Selector::CtMark, t.values, t.sense}); }
  void add(const InState& t) { matches_.push_back({Selector::CtState, t.values, t.sense}); }
  void add(const DstPort& t) {
    add(protocol_ == Protocol::Tcp ? Selector::TcpDport : Selector::UdpDport, SetType::InetService,
        of_ranges(t.values.ranges()), t);
  }
  void add(const SrcPort& t) {
    add(protocol_ == Protocol::Tcp ? Selector::TcpSport : Selector::UdpSport, SetType::InetService,
        of_ranges(t.values.ranges()), t);
  }
  void add(const DstAddress& t) { add_address(Selector::IpDaddr, Selector::Ip6Daddr, t); }
  void add(const SrcAddress& t) { add_address(Selector::IpSaddr, Selector::Ip6Saddr, t); }

  template <class AddressTest>
  void add_address(Selector v4, Selector v6, const AddressTest& t) {
    const bool is_v4 = family_ == Family::V4;
    const AddressSet addresses = addresses_of(t.values, *family_);
    if (!addresses.empty()) {
      add(is_v4 ? v4 : v6, is_v4 ? SetType::Ipv4Addr : SetType::Ipv6Addr,
          of_ranges(addresses.ranges()), t, is_v4 ? "4" : "6");
    } else if (t.sense == Sense::Is) {
      impossible_ = true;
    } else {
      matches_.push_back({Selector::NfProto, *family_});
    }
  }

  /// One value is compared in place; more become a set, so that their number costs nothing.
  template <class AnyTest>
  void add(Selector selector, SetType type, Values values, const AnyTest& t,
           std::string_view suffix = {}) {
    if (values.single) {
      matches_.push_back({selector, *std::move(values.single), t.sense});
      return;
    }
    std::string name = std::string(t.list).append(suffix);
    matches_.push_back({selector, SetRef{name}, t.sense});
    const bool known =
        std::any_of(sets_.begin(), sets_.end(), [&](const Set& set) { return set.name == name; });
    if (!known) {
      sets_.push_back({std::move(name), type, values.interval, std::move(values.elements)});
    }
  }

  const Step& step_;
  std::optional<Family> family_;
  std::vector<Set>& sets_;
  std::optional<Protocol> protocol_;
  bool names_port_ = false;
  bool impossible_ = false;
  std::vector<Match> matches_;
};

struct ToStatement {
  std::optional<Family> family;

  Statement operator()(const Pass&) const { return Accept{}; }
  Statement operator()(const Drop&) const { return DropPacket{}; }
  Statement operator()(const RedirectTo& to) const { return RedirectToPort{to.port}; }
  Statement operator()(const TproxyTo& to) const {
    return TproxyToPort{family.value_or(Family::V4), to.port, to.mark};
  }
  Statement operator()(const SetMark& set) const { return MarkAndAccept{set.mark}; }
  Statement operator()(const SaveMark&) const { return SaveMarkAndAccept{}; }
  Statement operator()(const RestoreMark&) const { return RestoreMarkAndAccept{}; }
  Statement operator()(const SetZone& set) const { return ZoneAndAccept{set.zone}; }
};

std::string comment(std::string text) {
  std::replace(text.begin(), text.end(), '"', '\'');
  text.resize(std::min(text.size(), kMaxComment));
  return text;
}

bool looks_at_address(const Step& step) {
  return std::any_of(step.when.begin(), step.when.end(), [](const sluice::Match& match) {
    return std::holds_alternative<DstAddress>(match) || std::holds_alternative<SrcAddress>(match);
  });
}

void compile_step(const Step& step, std::optional<Family> family, std::vector<Set>& sets,
                  std::vector<Rule>& rules) {
  auto matches = RuleCompiler(step, family, sets).compile();
  if (!matches) return;
  rules.push_back({*matches, std::visit(ToStatement{family}, step.then),
                   comment(step.name + ": " + step.what + " (" + step.origin + ")")});
  if (std::holds_alternative<TproxyTo>(step.then)) {
    // tproxy breaks off the rule when nothing listens; without this the app would get the packet.
    rules.push_back(
        {std::move(*matches), DropPacket{},
         comment(step.name + ": the proxy does not listen yet: nothing may pass it by")});
  }
}

Chain empty_chain(const StepChain& chain) {
  static constexpr std::array<const char*, 3> kStages{"raw", "mangle", "nat"};
  static constexpr std::array<int, 3> kPriorities{-300, -150, -100};
  const auto stage = static_cast<std::size_t>(chain.stage);
  ChainType type = ChainType::Filter;
  if (chain.stage == Stage::Nat) type = ChainType::Nat;
  // Only a route chain looks the route up again after a mark has changed.
  if (chain.stage == Stage::Mangle && chain.hook == Hook::Output) type = ChainType::Route;
  const char* hook = chain.hook == Hook::Output ? "_output" : "_prerouting";
  return {std::string(kStages[stage]) + hook, type, chain.hook, kPriorities[stage], {}};
}

}  // namespace

Program plan(const RedirectPolicy& policy) {
  Program program{"sluice v1 " + policy_hash(policy), {}, {}};
  for (const StepChain& steps : sluice::steps(policy)) {
    Chain chain = empty_chain(steps);
    for (const Step& step : steps.steps) {
      if (!looks_at_address(step)) {
        compile_step(step, std::nullopt, program.sets, chain.rules);
        continue;
      }
      for (const Family family : {Family::V4, Family::V6}) {
        compile_step(step, family, program.sets, chain.rules);
      }
    }
    program.chains.push_back(std::move(chain));
  }
  return program;
}

}  // namespace sluice::nft
