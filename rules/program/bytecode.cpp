#include <array>
#include <cstdio>

#include "rules/base/hex.h"
#include "rules/program/lower.h"

namespace sluice::nft {
namespace {

constexpr std::array<const char*, 7> kMetaKeys{"l4proto", "nfproto", "iifname", "oifname",
                                               "skuid",   "skgid",   "mark"};
constexpr std::array<const char*, 3> kCtKeys{"state", "mark", "zone"};

template <class Enum, std::size_t N>
const char* name(const std::array<const char*, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

// Every ADD prints its table for the fingerprint, so the pieces go straight into one text.

/// 32-bit words as a little-endian machine reads them, the last one padded with zeros; each between
/// `before` and `after`.
void append_words(std::string& out, const Bytes& bytes, const char* before, const char* after) {
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
      word |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
    }
    out += before;
    append_hex(out, word, 8);
    out += after;
  }
}

struct ExprText {
  std::string& out;

  void operator()(const LoadMeta& e) const {
    out.append("meta load ").append(name(kMetaKeys, e.key)).append(" => reg 1");
  }
  void operator()(const SetMeta& e) const {
    out.append("meta set ").append(name(kMetaKeys, e.key)).append(" with reg 1");
  }
  void operator()(const LoadCt& e) const {
    out.append("ct load ").append(name(kCtKeys, e.key)).append(" => reg 1");
  }
  void operator()(const SetCt& e) const {
    out.append("ct set ").append(name(kCtKeys, e.key)).append(" with reg 1");
  }
  void operator()(const LoadPayload& e) const {
    out.append("payload load ").append(std::to_string(e.length)).append("b @ ");
    out.append(e.base == Header::Network ? "network" : "transport").append(" header + ");
    out.append(std::to_string(e.offset)).append(" => reg 1");
  }
  void operator()(const Mask& e) const {
    out.append("bitwise reg 1 = ( reg 1 & 0x");
    append_hex(out, e.mask, 8);
    out.append(" ) ^ 0x00000000");
  }
  void operator()(const Compare& e) const {
    out.append(e.sense == Sense::Is ? "cmp eq reg 1" : "cmp neq reg 1");
    append_words(out, e.bytes, " 0x", "");
  }
  void operator()(const Lookup& e) const {
    out.append("lookup reg 1 set ").append(e.set).append(e.sense == Sense::IsNot ? " 0x1" : "");
  }
  void operator()(const Immediate& e) const {
    out.append("immediate reg 1");
    append_words(out, e.bytes, " 0x", "");
  }
  void operator()(const Counter&) const { out.append("counter pkts 0 bytes 0"); }
  void operator()(const Redir&) const { out.append("redir proto_min reg 1 flags 0x2"); }
  void operator()(const Tproxy& e) const {
    out.append("tproxy ").append(e.family == Family::V4 ? "ip" : "ip6").append(" port reg 1");
  }
  void operator()(const GiveVerdict& e) const {
    out.append("immediate reg 0 ").append(e.code == VerdictCode::Accept ? "accept" : "drop");
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
  append_words(text, element.key, "", " ");
  text += std::string(" : ") + (element.interval_end ? "1" : "0") + " [end]";
  if (element.open) text += "  userdata = { \\x01\\x04\\x01\\x00\\x00\\x00 }";
  return text;
}

}  // namespace

void append_text(std::string& out, const Expr& expr) {
  out += "[ ";
  std::visit(ExprText{out}, expr);
  out += " ]";
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
      for (const Expr& expr : lower(rule)) {
        all += "  ";
        append_text(all, expr);
        all += "\n";
      }
      all += "  userdata = { " + userdata(rule.comment) + " }\n";
    }
  }
  return all;
}

}  // namespace sluice::nft
