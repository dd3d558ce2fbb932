#include "plugin/log.h"

#include <array>
#include <chrono>
#include <cstdio>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "rules/base/json.h"

namespace sluice {
namespace {

constexpr std::array<const char*, 4> kLevels{"debug", "info", "warn", "error"};

/// The members of an object as they stand between its braces, after a comma.
std::string members(const nlohmann::json& object) {
  if (object.empty()) return {};
  const std::string text = dump_compact(object);
  return "," + text.substr(1, text.size() - 2);
}

/// RFC 3339, UTC, milliseconds. gmtime(3) would read the host's time zone for that.
std::string now() {
  using namespace std::chrono;
  const auto time = floor<milliseconds>(system_clock::now());
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 32> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

void write_line(int fd, const std::string& line) {
  // A log that cannot be written must not fail the pod.
  if (::write(fd, line.data(), line.size()) < 0) return;
}

}  // namespace

Logger::Logger(cni::LogLevel least, const std::string& file, const nlohmann::json& fields)
    : least_(least), common_(members(fields)) {
  if (file.empty()) return;
  file_.reset(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file_) write(cni::LogLevel::Warn, "log file " + file + " cannot be opened");
}

Logger::~Logger() = default;

void Logger::write(cni::LogLevel level, const std::string& message,
                   const nlohmann::json& fields) const {
  if (level < least_) return;
  const std::string line = R"({"ts":")" + now() + R"(","level":")" +
                           kLevels[static_cast<std::size_t>(level)] + R"(","msg":)" +
                           dump_compact(message) + R"(,"component":"sluice-cni")" + common_ +
                           members(fields) + "}\n";
  write_line(STDERR_FILENO, line);
  if (file_) write_line(file_.get(), line);
}

void Logger::write(cni::LogLevel level, const std::string& message) const {
  write(level, message, nlohmann::json::object());
}

}  // namespace sluice
