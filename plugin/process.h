#pragma once

// The edges of the process that sluice-cni is: its environment, stdin and stdout.

#include <string_view>

#include "plugin/cni/request.h"

namespace sluice {

/// The variables whose names begin with CNI_. Nothing else in the environment is looked at.
[[nodiscard]] cni::Environment cni_variables(char** variables);

/// Everything up to the end. Io with errno; Malformed beyond 4 MiB, for a configuration with its
/// prevResult has a few KiB and a pod must not make the node hold what it likes.
[[nodiscard]] Result<std::string> read_stdin();

[[nodiscard]] bool write_stdout(std::string_view text);

/// Whether a person started this: nothing to do in the environment, a terminal to read from.
[[nodiscard]] bool started_by_hand(const cni::Environment& environment);

/// Tells that person on stderr what this is.
void write_about();

}  // namespace sluice
