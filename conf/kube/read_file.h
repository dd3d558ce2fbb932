#pragma once

// Small files, read whole.

#include <string>

#include "rules/base/result.h"

namespace sluice::kube {

/// The bytes of a file of at most 1 MiB. Io with errno, or Invalid when it is larger; both name it.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

}  // namespace sluice::kube
