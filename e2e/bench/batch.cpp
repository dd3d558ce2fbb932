// The transaction of a policy as sluice-cni sends it, for the floor to send the very same bytes.
//
//   sluice_bench_batch <policy.json >batch

#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "rules/kernel/encode.h"
#include "rules/policy/policy_json.h"
#include "rules/program/program.h"

int main() {
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const auto policy = sluice::parse_policy(text);
  if (!policy) {
    std::cerr << "sluice_bench_batch: " << policy.error().message << '\n';
    return 2;
  }
  const auto batch =
      sluice::kernel::encode_create(sluice::nft::plan(*policy), sluice::kernel::Onto::Nothing);
  const bool written =
      std::fwrite(batch.bytes.data(), 1, batch.bytes.size(), stdout) == batch.bytes.size();
  return written ? 0 : 1;
}
