#pragma once

// sluice-injector as a whole: everything that options.h asks for, started, kept and ended.

#include "injector/webhook/options.h"
#include "rules/base/result.h"

namespace sluice::webhook {

/// Serves until SIGTERM or SIGINT, then drains; a second signal ends it at once.
[[nodiscard]] Result<void> run(const Options& options);

}  // namespace sluice::webhook
