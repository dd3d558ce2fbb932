// Any bytes on stdin: refused with a message, or a configuration. prevResult stays as it came.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/cni/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(bytes, bytes + size);
  const auto config = sluice::cni::parse_config(text);
  if (config ? text.find(config->prev_result) == std::string::npos
             : config.error().message.empty()) {
    std::abort();
  }
  return 0;
}
