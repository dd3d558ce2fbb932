#include "rules/base/utf8.h"

#include <initializer_list>

#include <doctest/doctest.h>

using namespace sluice;
using namespace std::string_view_literals;

TEST_CASE("a rune is read from either end and written again") {
  const struct {
    std::string_view bytes;
    char32_t value;
  } table[] = {
      {"\0"sv, 0},
      {"a", U'a'},
      {"\x7f", 0x7F},
      {"\xC2\x80", 0x80},
      {"\xDF\xBF", 0x7FF},
      {"\xE0\xA0\x80", 0x800},
      {"\xED\x9F\xBF", 0xD7FF},
      {"\xEE\x80\x80", 0xE000},
      {"\xEF\xBF\xBD", 0xFFFD},
      {"\xEF\xBF\xBF", 0xFFFF},
      {"\xF0\x90\x80\x80", 0x10000},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF},
  };
  for (const auto& [bytes, value] : table) {
    CAPTURE(value);
    const std::string within = "\xC3\xA9" + std::string(bytes) + "\xC3\xA9";
    for (const Rune& rune :
         {first_rune(within.substr(2)), last_rune(within.substr(0, within.size() - 2))}) {
      CHECK(rune.value == value);
      CHECK(rune.size == bytes.size());
      CHECK_FALSE(rune.broken());
    }
    std::string written;
    append_rune(written, value);
    CHECK(written == bytes);
    CHECK(is_utf8(within));
    CHECK(to_runes(within) == std::u32string{U'\u00E9', value, U'\u00E9'});
  }
}

TEST_CASE("each byte of what is no UTF-8 stands for itself") {
  const std::string_view table[] = {
      "\x80",              // continues nothing
      "\xBF\xBF",          //
      "\xC0\x80",          // longer than need be
      "\xC1\xBF",          //
      "\xE0\x80\x80",      //
      "\xE0\x9F\xBF",      //
      "\xF0\x80\x80\x80",  //
      "\xF0\x8F\xBF\xBF",  //
      "\xED\xA0\x80",      // halves of a pair
      "\xED\xBF\xBF",      //
      "\xF4\x90\x80\x80",  // beyond the last
      "\xF5\x80\x80\x80",  //
      "\xFF",              //
      "\xC3",              // cut off
      "\xE2\x82",          //
      "\xF0\x9F\x98",      //
  };
  for (const std::string_view bytes : table) {
    CAPTURE(bytes.size());
    CHECK(first_rune(bytes).broken());
    CHECK(last_rune(bytes).broken());
    CHECK_FALSE(is_utf8(bytes));
    CHECK(to_runes(bytes) == std::u32string(bytes.size(), kRuneError));
    CHECK(to_runes(std::string(bytes) + "a").back() == U'a');
  }
}

TEST_CASE("there is no rune in an empty text") {
  CHECK(first_rune("").size == 0);
  CHECK(last_rune("").size == 0);
  CHECK(is_utf8(""));
}

TEST_CASE("what is no rune is written as U+FFFD") {
  for (const char32_t value :
       std::initializer_list<char32_t>{0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0x110000}) {
    std::string written;
    append_rune(written, value);
    CHECK(written == "\xEF\xBF\xBD");
  }
}

TEST_CASE("two surrogates are one rune") {
  CHECK(of_surrogates(0xD800, 0xDC00) == 0x10000);
  CHECK(of_surrogates(0xD83D, 0xDE00) == 0x1F600);
  CHECK(of_surrogates(0xDBFF, 0xDFFF) == 0x10FFFF);
}
