#pragma once

// A lab leaves nothing behind, however it ends: the lab is a child, and its parent clears up.

#include <functional>
#include <string>

#include "plugin/cli/command.h"

namespace sluice::lab {

/// Runs `work` in a child process, with a directory that is gone afterwards. Its error is printed
/// there, and only its exit status comes back. SIGINT, SIGTERM and SIGHUP are passed on; a child
/// that dies of one takes this process with it, once everything is gone.
[[nodiscard]] cli::Ended supervise(const std::function<cli::Ended(const std::string& dir)>& work);

/// In the child: returns when someone has pressed Enter, where stdin is a terminal, or at SIGINT,
/// SIGTERM or SIGHUP, which it survives.
void wait_until_told();

}  // namespace sluice::lab
