// sluice-injector: the webhook that puts istio-proxy, and nothing else, into pods.

#include <cstdio>

#include "injector/webhook/options.h"
#include "injector/webhook/program.h"

int main(int argc, char** argv) {
  using namespace sluice;
  constexpr int Usage = 2;
  const auto options = webhook::parse_options(argc, argv);
  if (!options) {
    if (options.error().message.empty()) return 0;
    std::fprintf(stderr, "sluice-injector: %s\n", options.error().message.c_str());
    return Usage;
  }
  if (const auto ended = webhook::run(*options); !ended) {
    std::fprintf(stderr, "sluice-injector: %s\n", ended.error().message.c_str());
    return 1;
  }
  return 0;
}
