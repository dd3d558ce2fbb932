#include <array>

#include "rules/program/program.h"

namespace sluice::nft {
namespace {

template <class Enum, std::size_t N>
const char* name(const std::array<const char*, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

constexpr std::array<const char*, 6> kSetTypes{"inet_service", "ipv4_addr", "ipv6_addr",
                                               "uid",          "gid",       "ifname"};
constexpr std::array<const char*, 17> kSelectors{
    "iifname",    "oifname",    "meta l4proto", "meta nfproto", "tcp dport", "tcp sport",
    "udp dport",  "udp sport",  "ip daddr",     "ip saddr",     "ip6 daddr", "ip6 saddr",
    "meta skuid", "meta skgid", "meta mark",    "ct mark",      "ct state"};
constexpr std::array<const char*, 3> kStates{"new", "established", "invalid"};
constexpr std::array<const char*, 3> kChainTypes{"filter", "route", "nat"};

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

struct OperandText {
  std::string operator()(const SetRef& set) const { return "@" + set.name; }
  std::string operator()(const IfName& interface) const { return quoted(interface.text()); }
  std::string operator()(Protocol p) const { return p == Protocol::Tcp ? "tcp" : "udp"; }
  std::string operator()(Family family) const { return family == Family::V4 ? "ipv4" : "ipv6"; }
  std::string operator()(Port port) const { return std::to_string(port.number()); }
  std::string operator()(const IpAddress& address) const { return address.to_string(); }
  std::string operator()(ConnState state) const { return name(kStates, state); }
  template <class Tag>
  std::string operator()(Id<Tag> id) const {
    return std::to_string(id.number);
  }
};

std::string text(const Match& match) {
  return std::string(name(kSelectors, match.selector)) + (match.sense == Sense::Is ? " " : " != ") +
         std::visit(OperandText{}, match.operand);
}

std::string number(Port port) {
  return std::to_string(port.number());
}

struct StatementText {
  std::string operator()(const Accept&) const { return "accept"; }
  std::string operator()(const DropPacket&) const { return "drop"; }
  std::string operator()(const RedirectToPort& to) const {
    return "redirect to :" + number(to.port);
  }
  std::string operator()(const TproxyToPort& to) const {
    return std::string("tproxy ") + (to.family == Family::V4 ? "ip" : "ip6") +
           " to :" + number(to.port) + " " + (*this)(MarkAndAccept{to.mark});
  }
  std::string operator()(const MarkAndAccept& set) const {
    return "meta mark set " + std::to_string(set.mark.number) + " accept";
  }
  std::string operator()(const SaveMarkAndAccept&) const { return "ct mark set meta mark accept"; }
  std::string operator()(const RestoreMarkAndAccept&) const {
    return "meta mark set ct mark accept";
  }
  std::string operator()(const ZoneAndAccept& set) const {
    return "ct zone set " + std::to_string(set.zone.number) + " accept";
  }
};

std::string text(const Rule& rule) {
  std::string line;
  for (const Match& match : rule.matches) line += text(match) + " ";
  return line + "counter " + std::visit(StatementText{}, rule.statement) + " comment " +
         quoted(rule.comment);
}

struct ElementText {
  std::string operator()(const PortRange& range) const { return sluice::to_string(range); }
  std::string operator()(const AddressRange& range) const { return sluice::to_string(range); }
  std::string operator()(const IfName& interface) const { return quoted(interface.text()); }
  template <class Tag>
  std::string operator()(Id<Tag> id) const {
    return std::to_string(id.number);
  }
};

std::string text(const Set& set) {
  std::string elements;
  std::visit(
      [&](const auto& values) {
        for (const auto& value : values) {
          elements += (elements.empty() ? "" : ", ") + ElementText{}(value);
        }
      },
      set.elements);
  return "\tset " + set.name + " {\n\t\ttype " + name(kSetTypes, set.type) + "\n" +
         (set.interval ? "\t\tflags interval\n" : "") + "\t\telements = { " + elements +
         " }\n\t}\n";
}

std::string text(const Chain& chain) {
  std::string block = "\tchain " + chain.name + " {\n\t\ttype " + name(kChainTypes, chain.type) +
                      " hook " + (chain.hook == Hook::Output ? "output" : "prerouting") +
                      " priority " + std::to_string(chain.priority) + "; policy accept;\n";
  for (const Rule& rule : chain.rules) block += "\t\t" + text(rule) + "\n";
  return block + "\t}\n";
}

}  // namespace

std::string to_nft(const Program& program) {
  std::string all =
      std::string("table inet ") + kTableName + " {\n\tcomment " + quoted(program.comment) + "\n";
  for (const Set& set : program.sets) all += "\n" + text(set);
  for (const Chain& chain : program.chains) all += "\n" + text(chain);
  return all + "}\n";
}

}  // namespace sluice::nft
