#include <array>
#include <cstdio>

#include "rules/program/lower.h"

namespace sluice::nft {
namespace {

constexpr std::array<const char*, 7> kMetaKeys{"l4proto", "nfproto", "iifname", "oifname",
                                               "skuid",   "skgid",   "mark"};
constexpr std::array<const char*, 3> kCtKeys{"state", "mark", "zone"};

template <class Enum, std::size_t N>
std::string name(const std::array<const char*, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

std::string hex(std::uint32_t word) {
  // Every ADD prints its table for the fingerprint: not with snprintf.
  std::string text(8, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, word >>= 4) {
    *digit = "0123456789abcdef"[word & 0xFU];
  }
  return text;
}

/// 32-bit words as a little-endian machine reads them, the last one padded with zeros.
std::vector<std::string> words(const Bytes& bytes) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
      word |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
    }
    all.push_back(hex(word));
  }
  return all;
}

std::string register_words(const Bytes& bytes) {
  std::string text;
  for (const std::string& word : words(bytes)) text += " 0x" + word;
  return text;
}

std::string ordinal(Sense sense) {
  return sense == Sense::Is ? "eq" : "neq";
}

struct ExprText {
  std::string operator()(const LoadMeta& e) const {
    return "meta load " + name(kMetaKeys, e.key) + " => reg 1";
  }
  std::string operator()(const SetMeta& e) const {
    return "meta set " + name(kMetaKeys, e.key) + " with reg 1";
  }
  std::string operator()(const LoadCt& e) const {
    return "ct load " + name(kCtKeys, e.key) + " => reg 1";
  }
  std::string operator()(const SetCt& e) const {
    return "ct set " + name(kCtKeys, e.key) + " with reg 1";
  }
  std::string operator()(const LoadPayload& e) const {
    return "payload load " + std::to_string(e.length) + "b @ " +
           (e.base == Header::Network ? "network" : "transport") + " header + " +
           std::to_string(e.offset) + " => reg 1";
  }
  std::string operator()(const Mask& e) const {
    return "bitwise reg 1 = ( reg 1 & 0x" + hex(e.mask) + " ) ^ 0x00000000";
  }
  std::string operator()(const Compare& e) const {
    return "cmp " + ordinal(e.sense) + " reg 1" + register_words(e.bytes);
  }
  std::string operator()(const Lookup& e) const {
    return "lookup reg 1 set " + e.set + (e.sense == Sense::IsNot ? " 0x1" : "");
  }
  std::string operator()(const Immediate& e) const {
    return "immediate reg 1" + register_words(e.bytes);
  }
  std::string operator()(const Counter&) const { return "counter pkts 0 bytes 0"; }
  std::string operator()(const Redir&) const { return "redir proto_min reg 1 flags 0x2"; }
  std::string operator()(const Tproxy& e) const {
    return std::string("tproxy ") + (e.family == Family::V4 ? "ip" : "ip6") + " port reg 1";
  }
  std::string operator()(const GiveVerdict& e) const {
    return std::string("immediate reg 0 ") + (e.code == VerdictCode::Accept ? "accept" : "drop");
  }
};

/// nft's dump of a comment, printable bytes as they are: attribute type 0, the length with the
/// final zero, the text.
std::string userdata(const std::string& comment) {
  std::string bytes{'\0', static_cast<char>(comment.size() + 1)};
  bytes.append(comment).push_back('\0');
  std::string text;
  for (const char c : bytes) {
    std::array<char, 5> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned char>(c));
    text += c >= ' ' && c <= '~' ? std::string(1, c) : std::string(escaped.data());
  }
  return text;
}

std::string element_text(const Element& element) {
  std::string text = "\telement ";
  for (const std::string& word : words(element.key)) text += word + " ";
  text += std::string(" : ") + (element.interval_end ? "1" : "0") + " [end]";
  if (element.open) text += "  userdata = { \\x01\\x04\\x01\\x00\\x00\\x00 }";
  return text;
}

}  // namespace

std::string to_string(const Expr& expr) {
  return "[ " + std::visit(ExprText{}, expr) + " ]";
}

std::string to_bytecode(const Program& program) {
  std::string all;
  for (const Set& set : program.sets) {
    all += set.name + " " + kTableName + (set.interval ? " 4\n" : " 0\n");
    all += set.name + " " + kTableName + " 0\n";
    for (const Element& element : elements(set)) all += element_text(element);
    all += "\n";
  }
  for (const Chain& chain : program.chains) {
    for (const Rule& rule : chain.rules) {
      all += std::string("inet ") + kTableName + " " + chain.name + "\n";
      for (const Expr& expr : lower(rule)) all += "  " + to_string(expr) + "\n";
      all += "  userdata = { " + userdata(rule.comment) + " }\n";
    }
  }
  return all;
}

}  // namespace sluice::nft
