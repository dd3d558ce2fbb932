#pragma once

// A program as netlink messages, in one buffer for one sendmsg.

#include <cstdint>
#include <string>
#include <vector>

#include "rules/program/program.h"

namespace sluice::kernel {

/// Messages of one transaction. `labels[i]` says what message number i (its sequence number) is
/// for, so that a kernel's refusal names the rule it refused.
struct Batch {
  std::vector<std::uint8_t> bytes;
  std::vector<std::string> labels;
};

enum class Onto {
  Nothing,  ///< the table must not exist yet; the quick way, for it waits for no grace period
  Any,      ///< whatever table is there is replaced in the same transaction
};

[[nodiscard]] Batch encode_create(const nft::Program& program, Onto onto);
[[nodiscard]] Batch encode_remove();

/// nft's number for a set's key type (its datatype.h), which its listing goes by.
[[nodiscard]] std::uint32_t key_type(nft::SetType type);

}  // namespace sluice::kernel
