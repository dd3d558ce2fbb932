#pragma once

// Logs as JSON lines on stderr, one write(2) each. Requests that went well are not logged: they are
// counted.

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace sluice::webhook {

enum class Level { Debug, Info, Warn, Error };

class Log {
 public:
  using Sink = std::function<void(const std::string& line)>;

  /// Writes to stderr; with a `sink`, to that instead.
  explicit Log(Level least = Level::Info, Sink sink = {});

  void debug(std::string_view message, const nlohmann::json& fields = {}) const;
  void info(std::string_view message, const nlohmann::json& fields = {}) const;
  void warn(std::string_view message, const nlohmann::json& fields = {}) const;
  void error(std::string_view message, const nlohmann::json& fields = {}) const;

 private:
  void write(Level level, std::string_view message, const nlohmann::json& fields) const;
  Level least_;
  Sink sink_;
};

}  // namespace sluice::webhook
