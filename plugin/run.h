#pragma once

// One CNI call from environment and stdin to stdout and exit status.

#include <functional>
#include <string>

#include "plugin/cni/request.h"

namespace sluice {

struct Outcome {
  std::string out;  ///< for stdout: a result or an error object
  int exit_code;
};

/// Serves the call with the real kernel, API and clock. `read_stdin` is called at most once, and
/// not for VERSION, whose caller need not close its end.
[[nodiscard]] Outcome run(const cni::Environment& environment,
                          const std::function<Result<std::string>()>& read_stdin);

}  // namespace sluice
