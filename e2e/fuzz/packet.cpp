// Any text as a packet: refused, or decided.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "rules/policy/decide.h"
#include "rules/policy/policy_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto kPolicy =
      sluice::parse_policy(R"({"mode":"tproxy","dns":"all","dropInvalid":true,
          "interfaces":{"exclude":["eth1"],"reroute":["net1"]},
          "outbound":{"includeCIDRs":["10.0.0.0/8","fd00::/8"]}})")
          .value();
  const auto packet = sluice::parse_packet(std::string(bytes, bytes + size));
  if (packet && sluice::decide(kPolicy, *packet).reason.empty()) std::abort();
  return 0;
}
