// Any text as a kubeconfig: refused with a message, or an access. The corpus names no files.

#include "conf/kube/kubeconfig.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto access = sluice::kube::parse_kubeconfig(std::string(bytes, bytes + size), "kubeconfig",
                                                     "/nonexistent", std::nullopt);
  if (!access && access.error().message.empty()) std::abort();
  return 0;
}
