#include "injector/webhook/log.h"

#include <array>
#include <ctime>

#include <unistd.h>

#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> kLevels{"debug", "info", "warn", "error"};

/// RFC 3339, UTC, milliseconds.
std::string now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  tm parts{};
  gmtime_r(&time.tv_sec, &parts);
  std::array<char, 32> text{};
  const std::size_t size = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return std::string(text.data(), size) + "." +
         std::to_string(1000 + time.tv_nsec / 1'000'000).substr(1) + "Z";
}

}  // namespace

Log::Log(Level least, Sink sink) : least_(least), sink_(std::move(sink)) {
  if (sink_) return;
  sink_ = [](const std::string& line) {
    // A log that cannot be written must not fail a pod.
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
  };
}

void Log::write(Level level, std::string_view message, const json& fields) const {
  if (level < least_) return;
  std::string line = R"({"ts":")" + now() + R"(","level":")" +
                     kLevels[static_cast<std::size_t>(level)] + R"(","msg":)" +
                     dump_compact(json(message)) + R"(,"component":"sluice-injector")";
  if (fields.is_object() && !fields.empty()) {
    const std::string members = dump_compact(fields);
    line.append(",").append(members, 1, members.size() - 2);
  }
  sink_(line + "}\n");
}

void Log::debug(std::string_view message, const json& fields) const {
  write(Level::Debug, message, fields);
}

void Log::info(std::string_view message, const json& fields) const {
  write(Level::Info, message, fields);
}

void Log::warn(std::string_view message, const json& fields) const {
  write(Level::Warn, message, fields);
}

void Log::error(std::string_view message, const json& fields) const {
  write(Level::Error, message, fields);
}

}  // namespace sluice::webhook
