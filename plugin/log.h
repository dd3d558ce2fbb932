#pragma once

// Logs as JSON lines, one write(2) each, on stderr and, where wanted, in a file. Never on stdout,
// which belongs to the CNI result.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "plugin/cni/request.h"
#include "rules/base/unique_fd.h"

namespace sluice {

class Logger {
 public:
  /// `fields` go into every line. A file that cannot be opened is said so once, on stderr.
  Logger(cni::LogLevel least, const std::string& file, const nlohmann::json& fields);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void write(cni::LogLevel level, const std::string& message, const nlohmann::json& fields) const;
  void write(cni::LogLevel level, const std::string& message) const;

 private:
  cni::LogLevel least_;
  UniqueFd file_;
  std::string common_;  // JSON members, with a leading comma
};

}  // namespace sluice
