#pragma once

// What a lab has to say at its end.

#include <vector>

#include "plugin/cli/lab/chain.h"
#include "plugin/cli/lab/probes.h"

namespace sluice::lab {

/// A probe: where decide() says it goes, and where the kernel sent it.
struct Row {
  Probe probe;
  Decision expected;
  Sighting seen;
  [[nodiscard]] bool agrees() const {
    return expected.verdict == seen.verdict && seen.destination_kept;
  }
};

enum class Form { Table, Json };

/// Prints rows and the duration of each plugin's call; gives how many rows disagree.
std::size_t report(const std::vector<Row>& rows, const std::vector<PluginCall>& calls, Form form);

}  // namespace sluice::lab
