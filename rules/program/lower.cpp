#include "rules/program/lower.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <span>

namespace sluice::nft {
namespace {

Bytes host_order(std::uint32_t value) {
  Bytes bytes(4);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t shift = std::endian::native == std::endian::little ? i : 3 - i;
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * shift));
  }
  return bytes;
}

Bytes network_order(Port port) {
  return {static_cast<std::uint8_t>(port.number() >> 8), static_cast<std::uint8_t>(port.number())};
}

Bytes padded(const IfName& name) {
  Bytes bytes(name.text().begin(), name.text().end());
  bytes.resize(16);
  return bytes;
}

struct Key {
  Bytes operator()(Port port) const { return network_order(port); }
  Bytes operator()(const IpAddress& a) const { return {a.bytes().begin(), a.bytes().end()}; }
  Bytes operator()(const IfName& name) const { return padded(name); }
  Bytes operator()(Protocol protocol) const { return {static_cast<std::uint8_t>(protocol)}; }
  // NFPROTO_IPV4 and NFPROTO_IPV6
  Bytes operator()(Family family) const {
    return {static_cast<std::uint8_t>(family == Family::V4 ? 2 : 10)};
  }
  template <class Tag>
  Bytes operator()(Id<Tag> id) const {
    return host_order(id.number);
  }
};

/// NF_CT_STATE bits as nft_ct counts them.
std::uint32_t state_bit(ConnState state) {
  switch (state) {
    case ConnState::Invalid:
      return 1U << 0;
    case ConnState::Established:
      return 1U << 1;
    case ConnState::New:
      return 1U << 3;
  }
  return 0;
}

bool is_ipv4(Selector selector) {
  return selector == Selector::IpDaddr || selector == Selector::IpSaddr;
}
bool is_ipv6(Selector selector) {
  return selector == Selector::Ip6Daddr || selector == Selector::Ip6Saddr;
}
bool is_tcp(Selector selector) {
  return selector == Selector::TcpDport || selector == Selector::TcpSport;
}
bool is_udp(Selector selector) {
  return selector == Selector::UdpDport || selector == Selector::UdpSport;
}

Expr load(Selector selector) {
  switch (selector) {
    case Selector::IifName:
      return LoadMeta{MetaKey::IifName};
    case Selector::OifName:
      return LoadMeta{MetaKey::OifName};
    case Selector::L4Proto:
      return LoadMeta{MetaKey::L4Proto};
    case Selector::NfProto:
      return LoadMeta{MetaKey::NfProto};
    case Selector::TcpDport:
    case Selector::UdpDport:
      return LoadPayload{Header::Transport, 2, 2};
    case Selector::TcpSport:
    case Selector::UdpSport:
      return LoadPayload{Header::Transport, 0, 2};
    case Selector::IpDaddr:
      return LoadPayload{Header::Network, 16, 4};
    case Selector::IpSaddr:
      return LoadPayload{Header::Network, 12, 4};
    case Selector::Ip6Daddr:
      return LoadPayload{Header::Network, 24, 16};
    case Selector::Ip6Saddr:
      return LoadPayload{Header::Network, 8, 16};
    case Selector::SkUid:
      return LoadMeta{MetaKey::SkUid};
    case Selector::SkGid:
      return LoadMeta{MetaKey::SkGid};
    case Selector::Mark:
      return LoadMeta{MetaKey::Mark};
    case Selector::CtMark:
      return LoadCt{CtKey::Mark};
    case Selector::CtState:
      return LoadCt{CtKey::State};
  }
  return LoadMeta{MetaKey::L4Proto};
}

/// Lowers one rule, remembering what it has already said of the packet: a field of a header can
/// only be looked at once that header is known to be there.
class Lowering {
 public:
  void match(const Match& match) {
    require_header(match.selector);
    emit(load(match.selector));
    if (const auto* set = std::get_if<SetRef>(&match.operand)) {
      emit(Lookup{set->name, match.sense});
    } else if (const auto* state = std::get_if<ConnState>(&match.operand)) {
      // ct state is a bit field: equal means that the bit is set.
      emit(Mask{state_bit(*state)});
      emit(Compare{match.sense == Sense::Is ? Sense::IsNot : Sense::Is, host_order(0)});
    } else {
      emit(Compare{match.sense, std::visit(MatchKey{}, match.operand)});
    }
    learn(match);
  }

  void statement(const Statement& statement) {
    emit(Counter{});
    std::visit([this](const auto& s) { act(s); }, statement);
  }

  std::vector<Expr> take() { return std::move(out_); }

 private:
  struct MatchKey : Key {
    using Key::operator();
    Bytes operator()(const SetRef&) const { return {}; }
    Bytes operator()(ConnState) const { return {}; }
  };

  void emit(Expr expr) { out_.push_back(std::move(expr)); }

  void require_header(Selector selector) {
    if (is_ipv4(selector)) require(Selector::NfProto, family_, Family::V4);
    if (is_ipv6(selector)) require(Selector::NfProto, family_, Family::V6);
    if (is_tcp(selector)) require(Selector::L4Proto, protocol_, Protocol::Tcp);
    if (is_udp(selector)) require(Selector::L4Proto, protocol_, Protocol::Udp);
  }

  template <class T>
  void require(Selector selector, std::optional<T>& known, T value) {
    if (known == value) return;
    emit(load(selector));
    emit(Compare{Sense::Is, Key{}(value)});
    known = value;
  }

  void learn(const Match& match) {
    if (match.sense == Sense::IsNot) return;
    if (const auto* family = std::get_if<Family>(&match.operand)) family_ = *family;
    if (const auto* protocol = std::get_if<Protocol>(&match.operand)) protocol_ = *protocol;
  }

  void accept() { emit(GiveVerdict{VerdictCode::Accept}); }
  void set_mark(sluice::Mark mark) {
    emit(Immediate{host_order(mark.number)});
    emit(SetMeta{MetaKey::Mark});
    accept();
  }

  void act(const Accept&) { accept(); }
  void act(const DropPacket&) { emit(GiveVerdict{VerdictCode::Drop}); }
  void act(const RedirectToPort& to) {
    emit(Immediate{network_order(to.port)});
    emit(Redir{});
  }
  void act(const TproxyToPort& to) {
    emit(Immediate{network_order(to.port)});
    emit(Tproxy{to.family});
    set_mark(to.mark);
  }
  void act(const MarkAndAccept& set) { set_mark(set.mark); }
  void act(const SaveMarkAndAccept&) {
    emit(LoadMeta{MetaKey::Mark});
    emit(SetCt{CtKey::Mark});
    accept();
  }
  void act(const RestoreMarkAndAccept&) {
    emit(LoadCt{CtKey::Mark});
    emit(SetMeta{MetaKey::Mark});
    accept();
  }
  void act(const ZoneAndAccept& set) {
    const Bytes zone = host_order(set.zone.number);  // 16 bits in the kernel
    emit(Immediate{std::endian::native == std::endian::little ? Bytes{zone[0], zone[1]}
                                                              : Bytes{zone[2], zone[3]}});
    emit(SetCt{CtKey::Zone});
    accept();
  }

  std::vector<Expr> out_;
  std::optional<Family> family_;
  std::optional<Protocol> protocol_;
};

bool is_zero(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
}
bool is_greatest(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0xFF; });
}

template <class T>
std::vector<Element> interval_elements(const std::vector<Range<T>>& ranges) {
  std::vector<Element> all;
  if (!ranges.empty() && !is_zero(Key{}(ranges.front().first))) {
    all.push_back({Bytes(Key{}(ranges.front().first).size()), true});
  }
  for (const Range<T>& range : ranges) {
    const bool open = is_greatest(Key{}(range.last));
    all.push_back({Key{}(range.first), false, open});
    if (!open) all.push_back({Key{}(next(range.last)), true});
  }
  return all;
}

struct SetKeys {
  bool interval;

  template <class T>
  std::vector<Element> operator()(const std::vector<Range<T>>& ranges) const {
    if (interval) return interval_elements(ranges);
    std::vector<Element> all;
    for (const Range<T>& range : ranges) all.push_back({Key{}(range.first)});
    return all;
  }
  template <class T>
  std::vector<Element> operator()(const std::vector<T>& values) const {
    std::vector<Element> all;
    for (const T& value : values) all.push_back({Key{}(value)});
    return all;
  }
};

}  // namespace

std::vector<Expr> lower(const Rule& rule) {
  Lowering lowering;
  for (const Match& match : rule.matches) lowering.match(match);
  lowering.statement(rule.statement);
  return lowering.take();
}

std::vector<Element> elements(const Set& set) {
  return std::visit(SetKeys{set.interval}, set.elements);
}

std::uint32_t key_length(SetType type) {
  switch (type) {
    case SetType::InetService:
      return 2;
    case SetType::Ipv4Addr:
    case SetType::Uid:
    case SetType::Gid:
      return 4;
    case SetType::Ipv6Addr:
    case SetType::IfName:
      return 16;
  }
  return 0;
}

}  // namespace sluice::nft
