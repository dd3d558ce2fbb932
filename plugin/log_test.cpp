#include "plugin/log.h"

#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "plugin/verbs/fakes.h"

using namespace sluice;
using cni::LogLevel;
using nlohmann::json;

namespace {

std::vector<json> lines_of(const std::string& file) {
  std::ifstream stream(file);
  std::vector<json> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("a line is one JSON object with time, level, message and fields, appended") {
  const fake::Directory directory;
  const std::string file = directory.path() + "/log";
  for (const char* container : {"c1", "c2"}) {
    const Logger log(LogLevel::Error, file, {{"containerId", container}});
    log.write(LogLevel::Error, "bad \"\xFF\"\n", {{"durMs", 1.5}});
    log.write(LogLevel::Warn, "not grave enough");
  }
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1]["containerId"] == "c2");
  CHECK(lines[1]["component"] == "sluice-cni");
  CHECK(lines[1]["level"] == "error");
  CHECK(lines[1]["durMs"] == 1.5);
  CHECK(lines[1]["msg"].get<std::string>().find("bad \"") == 0);
  const std::string time = lines[1]["ts"];
  CHECK(time.size() == std::string("2026-11-23T11:39:36.650Z").size());
  CHECK(time.back() == 'Z');
}

TEST_CASE("a log that cannot be opened stops nothing") {
  const Logger log(LogLevel::Error, "/proc/nowhere/log", json::object());
  log.write(LogLevel::Debug, "nobody hears this");
}
