// Any text as a policy: refused, or a value that survives its own canonical text and has a program.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "rules/policy/policy_json.h"
#include "rules/program/program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto policy = sluice::parse_policy(std::string(bytes, bytes + size));
  if (!policy) {
    if (policy.error().message.empty()) std::abort();
    return 0;
  }
  const auto again = sluice::parse_policy(sluice::canonical_json(*policy));
  if (!again || *again != *policy) std::abort();
  const sluice::nft::Program program = sluice::nft::plan(*policy);
  if (sluice::nft::to_nft(program).empty()) std::abort();
  static_cast<void>(sluice::nft::to_bytecode(program));
  return 0;
}
