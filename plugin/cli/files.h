#pragma once

// Files as the command line names them: what they mean, reading them, writing them whole.

#include <string>
#include <vector>

#include "rules/base/result.h"

namespace sluice::cli {

/// The files that the arguments of `-f` stand for, in this order: a directory for the *.yaml, *.yml
/// and *.json in it by name, not deeper; "-" for stdin, once. Usage for what is not there, and for
/// a directory with no such file.
[[nodiscard]] Result<std::vector<std::string>> input_files(const std::vector<std::string>& names);

/// The whole of a file, or of stdin for "-". Usage with errno.
[[nodiscard]] Result<std::string> read_input(const std::string& path);

/// Writes `text` to `path` whole or not at all: into a file beside it, which then takes its name
/// (that of what it points to, if it is a symbolic link) and its mode. What is no regular file,
/// such as /dev/stdout, is simply written to. "-" and "" are stdout. Io with errno.
[[nodiscard]] Result<void> write_output(const std::string& path, const std::string& text);

}  // namespace sluice::cli
