#include "injector/webhook/metrics.h"

#include <regex>
#include <sstream>

#include <doctest/doctest.h>

using namespace sluice::webhook;
using namespace std::chrono_literals;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

Reviewed reviewed(Outcome outcome, const char* why) {
  return {{}, outcome, why, {}};
}

}  // namespace

TEST_CASE("each request counts once, as what it was") {
  Metrics metrics;
  metrics.count_injection(reviewed(Outcome::Injected, "policy"), 3ms);
  metrics.count_injection(reviewed(Outcome::Injected, "label"), 300us);
  metrics.count_injection(reviewed(Outcome::Skipped, "host-network"), 300us);
  metrics.count_injection(reviewed(Outcome::Refused, "invalid"), 30s);
  metrics.count_injection(reviewed(Outcome::Malformed, "no-review"), 1us);
  metrics.count_injection(reviewed(Outcome::Failed, "internal"), 1us);
  metrics.count_validation(reviewed(Outcome::Allowed, "policy"));
  const std::string text = metrics.text();
  for (const char* line : {
           "sidecar_injection_requests_total 6",
           "sidecar_injection_success_total 2",
           "sidecar_injection_skip_total 1",
           "sidecar_injection_failure_total 3",
           "sluice_injection_results_total{result=\"injected\",reason=\"policy\"} 1",
           "sluice_injection_results_total{result=\"refused\",reason=\"invalid\"} 1",
           "sluice_validation_results_total{result=\"allowed\",reason=\"policy\"} 1",
           "sidecar_injection_time_seconds_bucket{le=\"0.0005\"} 4",
           "sidecar_injection_time_seconds_bucket{le=\"0.0025\"} 4",
           "sidecar_injection_time_seconds_bucket{le=\"0.005\"} 5",
           "sidecar_injection_time_seconds_bucket{le=\"10\"} 5",
           "sidecar_injection_time_seconds_bucket{le=\"+Inf\"} 6",
           "sidecar_injection_time_seconds_count 6",
           "# TYPE sidecar_injection_time_seconds histogram",
       }) {
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
}

TEST_CASE("the text is what Prometheus reads: each family once, declared before its samples") {
  Metrics metrics;
  metrics.reloads.add("configuration", "success");
  metrics.patch_failures.add("a\"b\\c\nd", "denied");
  metrics.count_injection(reviewed(Outcome::Injected, "policy"), 1ms);
  const std::string text = metrics.text();
  CHECK(
      has_line(text, "webhook_patch_failures_total{name=\"a\\\"b\\\\c\\nd\",reason=\"denied\"} 1"));
  static const std::regex kSample(
      R"(([a-z_]+?)(_bucket|_sum|_count)?(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? [0-9.]+)");
  std::istringstream lines(text);
  std::string declared;
  std::map<std::string, int> families;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      declared = line.substr(7, line.find(' ', 7) - 7);
      CHECK(++families[declared] == 1);
      continue;
    }
    std::smatch parts;
    REQUIRE(std::regex_match(line, parts, kSample));
    CHECK(line.starts_with(declared));
  }
  CHECK(families.size() > 15);
}
