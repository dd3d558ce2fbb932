#include "plugin/cli/inject/unified_diff.h"

#include <random>
#include <sstream>

#include <doctest/doctest.h>

using namespace sluice::cli;

TEST_CASE("changes come with three lines around them, near ones in one hunk") {
  const struct {
    const char* before;
    const char* after;
    const char* diff;
  } rows[] = {
      {"a\nb\n", "a\nb\n", ""},
      {"", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n"},
      {"a\n", "", "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n"},
      {"a\n", "b\n", "--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n"},
      {"1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nx\n5\n6\n",
       "--- f\n+++ f\n@@ -2,5 +2,6 @@\n 2\n 3\n 4\n+x\n 5\n 6\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
       "--- f\n+++ f\n@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
       "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.before);
    CAPTURE(row.after);
    CHECK(unified_diff(row.before, row.after, "f", Color::Never) == row.diff);
  }
}

TEST_CASE("colours mark what is added and what is taken away") {
  CHECK(unified_diff("k\na\n", "k\nb\n", "f", Color::Always) ==
        "\033[1m--- f\033[0m\n\033[1m+++ f\033[0m\n\033[36m@@ -1,2 +1,2 @@\033[0m\n k\n"
        "\033[31m-a\033[0m\n\033[32m+b\033[0m\n");
}

namespace {

/// As patch(1) does, trusting the hunks' numbers.
std::string patched(const std::string& before, const std::string& diff) {
  std::istringstream old(before);
  std::istringstream hunks(diff);
  std::string out;
  std::string line;
  int at = 0;
  while (std::getline(hunks, line)) {
    std::string text;
    if (line.starts_with("---") || line.starts_with("+++")) continue;
    if (line.starts_with("@@ -")) {
      const bool empty = line.find(",0 ") != std::string::npos && line.find(",0 ") < line.find('+');
      for (const int first = std::stoi(line.substr(4)); at < (empty ? first : first - 1); ++at) {
        std::getline(old, text);
        out += text + "\n";
      }
      continue;
    }
    if (line[0] != '+') {
      std::getline(old, text);
      REQUIRE(text == line.substr(1));
      ++at;
    }
    if (line[0] != '-') out += line.substr(1) + "\n";
  }
  for (std::string text; std::getline(old, text);) out += text + "\n";
  return out;
}

}  // namespace

TEST_CASE("a diff leads from one text to the other") {
  std::mt19937 random(20);
  for (int round = 0; round < 400; ++round) {
    const auto some = [&](int most) {
      std::string text;
      for (auto lines = random() % static_cast<unsigned>(most); lines > 0; --lines) {
        text += static_cast<char>('a' + random() % 4);
        text += '\n';
      }
      return text;
    };
    const std::string before = some(40);
    const std::string after = some(40);
    CAPTURE(before);
    CAPTURE(after);
    CHECK(patched(before, unified_diff(before, after, "f", Color::Never)) == after);
  }
}

TEST_CASE("texts that have next to nothing in common are replaced whole") {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  CHECK(patched(before, unified_diff(before, after, "f", Color::Never)) == after);
}
