#pragma once

// Work in several processes at once: most of a trial is waiting for the kernel to let go of an old
// table.

#include <functional>

#include "rules/kernel/differential/campaign.h"

namespace sluice::differential {

/// Calls `work(number, coverage)` in `workers` processes, numbered from 0; adds up what they
/// covered. True when all of them returned true.
[[nodiscard]] bool in_workers(unsigned workers,
                              const std::function<bool(unsigned, Coverage&)>& work,
                              Coverage& coverage);

}  // namespace sluice::differential
