// The reader of reviews, held against the library's.

#include "injector/webhook/document.h"

#include <random>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "injector/webhook/review_fixture.h"

using namespace sluice;
using namespace sluice::webhook;
using nlohmann::json;

namespace {

bool keep_all(const Path&) {
  return true;
}

/// Same verdict, same value, same kinds of numbers in it.
void compare(const std::string& text) {
  CAPTURE(text);
  const json expected = json::parse(text, nullptr, false);
  const auto read = parse_document(text, keep_all);
  REQUIRE(read.has_value() == !expected.is_discarded());
  if (!read) return;
  CHECK(*read == expected);
  CHECK(read->dump() == expected.dump());
}

}  // namespace

TEST_CASE("documents are read as the library does it") {
  for (const char* text : {"null",
                           "true",
                           "false",
                           " [ ] ",
                           "{ }",
                           "[1,2]",
                           R"({"a":{"b":[{}]}})",
                           "0",
                           "-0",
                           "-1",
                           "1.5",
                           "-1.5e3",
                           "1E+2",
                           "1e-400",
                           "18446744073709551615",
                           "18446744073709551616",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "0.1",
                           "123456789012345678901234567890",
                           R"("")",
                           R"("\"\\\/\b\f\n\r\t")",
                           R"("\u0041\u00e4\u20ac\ud83d\ude00\u0000\u001f")",
                           "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f\"",
                           R"({"a":1,"a":2})",
                           R"({"a":{"b":1},"a":{"c":1}})",
                           "\t\r\n1\n"}) {
    compare(text);
    CHECK(parse_document(text, keep_all).has_value());
  }
}

TEST_CASE("what the library refuses is refused") {
  for (const char* text : {"",
                           " ",
                           "tru",
                           "nul",
                           "True",
                           "[",
                           "]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{",
                           "}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\" 1}",
                           "{1:1}",
                           "01",
                           "-",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "1e+",
                           "1e400",
                           "-1e400",
                           "0x1",
                           "1 2",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\u-123\"",
                           "\"\\ud800\"",
                           "\"\\ud800x\"",
                           "\"\\ud800\\n\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "\"\x01\"",
                           "\"\xff\"",
                           "\"\xc3\"",
                           "\"\xc0\xaf\"",
                           "\"\xe0\x80\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf0\x80\x80\xaf\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xf5\x80\x80\x80\"",
                           "\"\xe2\x82\"",
                           "'a'",
                           "[1]x",
                           "NaN",
                           "/**/1"}) {
    compare(text);
    CHECK_FALSE(parse_document(text, keep_all).has_value());
  }
  compare(std::string("\"a\0b\"", 5));
}

TEST_CASE("mutations of a review are read as the library reads them") {
  const std::string review = review_of(pod_object()).dump();
  const std::string telling = "\"{}[],:-+.eE019\\u\n\t tfn\x01\x7f\xc3\xa4\xff";
  std::mt19937 dice(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text = review;
    for (unsigned left = 1 + dice() % 4; left > 0; --left) {
      const std::size_t at = dice() % text.size();
      switch (dice() % 3) {
        case 0:
          text.erase(at, 1 + dice() % 3);
          break;
        case 1:
          text.insert(at, 1, telling[dice() % telling.size()]);
          break;
        default:
          text[at] = telling[dice() % telling.size()];
      }
    }
    compare(text);
  }
}

TEST_CASE("levels are counted, also of what is left out") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(parse_document(nested(256), keep_all).has_value());
  const auto deep = parse_document(nested(257), keep_all);
  REQUIRE_FALSE(deep.has_value());
  CHECK(deep.error().message == "nested deeper than 256 levels");
  const auto nothing = [](const Path&) { return false; };
  CHECK(parse_document(R"({"a":)" + nested(255) + "}", nothing).value() == json::object());
  CHECK_FALSE(parse_document(R"({"a":)" + nested(256) + "}", nothing).has_value());
  CHECK_FALSE(parse_document(R"({"a":[1,]})", nothing).has_value());
}

TEST_CASE("members are asked about by their path, four levels down") {
  static std::vector<std::string> asked;
  asked.clear();
  const auto keep = [](const Path& path) {
    std::string text;
    for (const std::string_view key : path) text += "/" + std::string(key);
    asked.push_back(text);
    return text != "/a/x" && text != "/b";
  };
  const auto read = parse_document(
      R"({"a":{"x":{"y":1},"p":{"q":{"r":{"s":1}}},"l":[{"m":1}]},"b":{"c":1}})", keep);
  CHECK(read.value() == json::parse(R"({"a":{"p":{"q":{"r":{"s":1}}},"l":[{"m":1}]}})"));
  CHECK(asked ==
        std::vector<std::string>{"/a", "/a/x", "/a/p", "/a/p/q", "/a/p/q/r", "/a/l", "/b"});
}
