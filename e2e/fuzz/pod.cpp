// Any bytes as the API's answer, and as the file of a person: refused, or a Pod whose policy is
// refused with a reason, or has a program.

#include "conf/kube/pod.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "rules/policy/pod_policy.h"
#include "rules/program/program.h"

namespace {

void use(const sluice::Result<sluice::PodFacts>& pod) {
  if (!pod) return;
  static_cast<void>(sluice::inject_wish(*pod));
  const auto policy = sluice::pod_policy(*pod);
  if (policy) {
    static_cast<void>(sluice::nft::to_nft(sluice::nft::plan(policy->policy)));
  } else if (policy.error().message.empty()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(bytes, bytes + size);
  use(sluice::kube::pod_facts(text));
  use(sluice::kube::pod_facts_from_file_text(text));
  return 0;
}
