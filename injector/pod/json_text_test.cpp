#include "injector/pod/json_text.h"

#include <random>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "injector/pod/random_pod.h"

using namespace sluice::injector;
using nlohmann::json;

namespace {

void compare(const json& value) {
  std::string text;
  write_json(text, value);
  CHECK(text == value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

TEST_CASE("values are written as the library does it") {
  for (const char* text :
       {"null", "true", "[]", "{}", "[1,[],{}]", R"({"a":{"b":[{}]},"c":-1.5e300})", "0.1", "-0.0",
        "18446744073709551615", "-9223372036854775808", R"("\"\\\/\b\f\n\r\t\u0000\u001f\u007f")",
        R"({"\n\u20ac":"\ud83d\ude00 x"})"}) {
    compare(json::parse(text));
  }
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 engine(seed);
    compare(random_pod(engine));
  }
}

TEST_CASE("what is no UTF-8 is replaced when it is written") {
  for (const char* text : {"\xff", "a\xff z", "\xc3", "a\nb\xe2\x82", "\x01\"\\\x7f", "\x7f"}) {
    compare(std::string(text));
  }
}

TEST_CASE("every byte that is not plain ends what is, wherever it stands") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = c;
      if (at + 1 < text.size()) text[at + 1] = '#';  // a quote and one: what a borrow would spoil
      CAPTURE(byte);
      CAPTURE(at);
      const char* const end = text.data() + text.size();
      CHECK(plain_end(text.data(), end) == (is_plain_in_json(c) ? end : text.data() + at));
    }
  }
}
