// Any text as the value of each annotation and variable: an error that names it, or a program.

#include "rules/policy/annotations.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rules/policy/pod_policy.h"
#include "rules/program/program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sluice;
  constexpr std::array kNames{kInterceptionMode,
                              kIncludeOutboundIpRanges,
                              kExcludeOutboundIpRanges,
                              kIncludeOutboundPorts,
                              kExcludeOutboundPorts,
                              kIncludeInboundPorts,
                              kExcludeInboundPorts,
                              kExcludeInterfaces,
                              kRerouteVirtualInterfaces,
                              kKubevirtInterfaces,
                              kStatusPort,
                              kInject,
                              kExcludeOutboundUids,
                              kOutboundPort,
                              kInboundPort,
                              kPolicy};
  const std::string value(bytes, bytes + size);
  for (const std::string_view name : kNames) {
    PodFacts pod;
    pod.annotations[std::string(name)] = value;
    const auto policy = pod_policy(pod);
    if (policy) {
      static_cast<void>(nft::to_nft(nft::plan(policy->policy)));
    } else if (policy.error().message.find(name) == std::string::npos) {
      std::abort();
    }
  }
  return 0;
}
