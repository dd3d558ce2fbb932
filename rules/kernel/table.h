#pragma once

// The table as the kernel holds it, in words: what plan() wants and what was read back take the
// same form, so that they can be compared, named and counted.

#include <cstdint>
#include <string>
#include <vector>

#include "rules/program/program.h"

namespace sluice::kernel {

/// Type of our own entry in the table's user data, beside nft's comment: the fingerprint of the
/// listing that was committed.
inline constexpr std::uint8_t kUdataFingerprint = 0x53;

struct SetState {
  std::string name;
  std::uint32_t key_type;
  bool interval;
  std::vector<std::string> elements;  ///< sorted
};

struct RuleState {
  std::string comment;
  std::string exprs;  ///< a line each, in libnftnl's notation; counters as if they had not counted
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

struct ChainState {
  std::string name;
  std::string type;
  std::uint32_t hook;
  std::int32_t priority;
  bool accepts;  ///< its policy, for what no rule decides
  std::vector<RuleState> rules;
};

struct TableState {
  std::string comment;
  std::string committed;       ///< fingerprint left by who committed it; empty in an expected table
  std::vector<SetState> sets;  ///< sorted by name
  std::vector<ChainState> chains;  ///< sorted by name
  bool dormant = false;            ///< there, but not in force

  /// Of everything but counters and `committed`.
  [[nodiscard]] std::string listing_fingerprint() const;
};

[[nodiscard]] TableState expected_table(const nft::Program& program);

/// NF_INET_PRE_ROUTING or NF_INET_LOCAL_OUT.
[[nodiscard]] std::uint32_t hook_number(Hook hook);

/// A set element as words: the key in hexadecimal, and whether it ends an interval.
[[nodiscard]] std::string element_text(const std::uint8_t* key, std::size_t size,
                                       bool interval_end);

/// One sentence for each set, chain or rule in which `actual` is not as `expected`.
[[nodiscard]] std::vector<std::string> differences(const TableState& expected,
                                                   const TableState& actual);

}  // namespace sluice::kernel
