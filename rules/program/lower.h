#pragma once

// Register-level expressions, as nf_tables takes them: what lies between a typed rule and the
// bytes. Lowered as nft 1.0.6 lowers the same text, so that nft itself can check it.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/program/program.h"

namespace sluice::nft {

using Bytes = std::vector<std::uint8_t>;

enum class MetaKey { L4Proto, NfProto, IifName, OifName, SkUid, SkGid, Mark };
enum class CtKey { State, Mark, Zone };
enum class Header { Network, Transport };

// All expressions use register 1.
struct LoadMeta {
  MetaKey key;
};
struct SetMeta {
  MetaKey key;
};
struct LoadCt {
  CtKey key;
};
struct SetCt {
  CtKey key;
};
struct LoadPayload {
  Header base;
  std::uint32_t offset;
  std::uint32_t length;
};
struct Mask {
  std::uint32_t mask;
};
struct Compare {
  Sense sense;
  Bytes bytes;
};
struct Lookup {
  std::string set;
  Sense sense;
};
struct Immediate {
  Bytes bytes;
};
struct Counter {};
struct Redir {};  ///< to the port in the register
struct Tproxy {   ///< to the port in the register
  Family family;
};
enum class VerdictCode { Accept, Drop };
struct GiveVerdict {
  VerdictCode code;
};

using Expr = std::variant<LoadMeta, SetMeta, LoadCt, SetCt, LoadPayload, Mask, Compare, Lookup,
                          Immediate, Counter, Redir, Tproxy, GiveVerdict>;

[[nodiscard]] std::vector<Expr> lower(const Rule& rule);

/// Appends one expression in libnftnl's notation, such as "[ meta load l4proto => reg 1 ]".
void append_text(std::string& out, const Expr& expr);

/// A set element as the kernel holds it. In an interval set a range is two: its first value, and
/// the value after its last with `interval_end`; the latter is absent when the range reaches the
/// type's greatest value (`open`: nft marks these for its listing), and a set that does not begin
/// at zero begins with zero as an end.
struct Element {
  Bytes key;
  bool interval_end = false;
  bool open = false;
};

[[nodiscard]] std::vector<Element> elements(const Set& set);

/// Key length in bytes.
[[nodiscard]] std::uint32_t key_length(SetType type);

}  // namespace sluice::nft
