#include "conf/kube/yaml.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "conf/kube/error_of.h"

using namespace sluice;
using namespace sluice::kube;

TEST_CASE("plain scalars are what Kubernetes' reader takes them for, quoted ones are strings") {
  const struct {
    const char* yaml;
    const char* json;
  } rows[] = {
      {"true", "true"},
      {"False", "false"},
      {"yes", "true"},
      {"off", "false"},
      {"~", "null"},
      {"null", "null"},
      {"\"\"", "\"\""},
      {"'true'", "\"true\""},
      {"\"80\"", "\"80\""},
      {"80", "80"},
      {"-7", "-7"},
      {"+7", "7"},
      {"0x1F", "31"},
      {"0755", "493"},
      {"0o17", "15"},
      {"0b101", "5"},
      {"0", "0"},
      {"1_000", "1000"},
      {"08", "8"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"1e3", "1000"},
      {"-0.25", "-0.25"},
      {"1.", "1"},
      {"1.2.3", "\"1.2.3\""},
      {"10.0.0.0/8", "\"10.0.0.0/8\""},
      {"-", "[null]"},
      {"*a", nullptr},
      {"a b", "\"a b\""},
      {"80,443", "\"80,443\""},
      {"2020-01-01", "\"2020-01-01\""},
      {"\"\\N\\_\\xe9\\u2028\\U0001F600 \u00e9\"", "\"\u0085\u00a0\u00e9\u2028\U0001F600 \u00e9\""},
      {"!!str 80", "\"80\""},
      {"!!int 80", "80"},
      {"!!int '80'", "80"},
      {"!!int 5.5", nullptr},
      {"!!int x", nullptr},
      {"!!float 5", "5"},
      {"!!bool yes", "true"},
      {"!!bool x", nullptr},
      {"!!null x", nullptr},
      {"!!binary aGk=", "\"hi\""},
      {"!!binary |\n  aGk=\n", "\"hi\""},
      {"!!binary aG", nullptr},
      {"!!timestamp 2001-01-01", "\"2001-01-01\""},
      {"!!timestamp x", nullptr},
      {"!x 80", "\"80\""},
      {"!x bar", "\"bar\""},
      {"!!nope true", "\"true\""},
      {"!x {a: 1}", "{\"a\":1}"},
      {".inf", nullptr},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"|\n  a\n  b\n", "\"a\\nb\\n\""},
      {"0x", "\"0x\""},
      {"+", "\"+\""},
      {".", "\".\""},
      {"1e", "\"1e\""},
      {"12345678901234567890123", "1.2345678901234568e+22"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    const auto read = yaml_to_json(row.yaml);
    REQUIRE(read.has_value() == (row.json != nullptr));
    if (read) CHECK(read->dump() == row.json);
  }
}

TEST_CASE("maps, lists, aliases and merge keys become plain JSON") {
  const struct {
    const char* yaml;
    const char* json;
  } rows[] = {
      {"a: 1\nb: [x, {c: null}]\n", R"({"a":1,"b":["x",{"c":null}]})"},
      {"a: &x {k: v}\nb: *x\n", R"({"a":{"k":"v"},"b":{"k":"v"}})"},
      {"a: &x {k: v, l: w}\nb: {<<: *x, l: own}\n",
       R"({"a":{"k":"v","l":"w"},"b":{"k":"v","l":"own"}})"},
      {"<<: [{a: 1}, {a: 2, b: 3}]\n", R"({"a":1,"b":3})"},
      {"\"<<\": x\n", R"({"<<":"x"})"},
      {"80: http\ntrue: x\n", R"({"80":"http","true":"x"})"},
      {"a: 1\na: 2\n", R"({"a":2})"},
      {"# only a comment\na:\n", R"({"a":null})"},
      {"---\na: 1\n...\n", R"({"a":1})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    const auto read = yaml_to_json(row.yaml);
    REQUIRE(read.has_value());
    CHECK(read->dump() == row.json);
  }
}

TEST_CASE("what is no YAML, or no sensible one, is refused with its line") {
  const auto message = [](const std::string& text) {
    const Error error = error_of(yaml_to_json(text));
    CHECK(error.code == Errc::Malformed);
    return error.message;
  };
  CHECK(message("a: 1\nb: [\n").find("line ") != std::string::npos);
  CHECK(message("a: 1\n---\nb: 2\n") == "not one YAML document but several");
  CHECK(message(",") == "not one YAML document but several");  // endless to YAML::LoadAll
  CHECK(message("") == "not one YAML document but none");
  CHECK(message("a: 1\n? [x]\n: 2\n").find("line 2: a key is not a scalar") != std::string::npos);
  CHECK(message("a: 1\n<<: x\n").find("a merge key needs") != std::string::npos);
  CHECK(message("~: 1\n").find("a key is null") != std::string::npos);
  CHECK(message("a: \"\xff\"\n").find("UTF-8") != std::string::npos);
  CHECK(message(std::string(5000, '[')).find("not YAML") == 0);
  // What was cut off in its middle must not be taken for whole.
  CHECK(message("a: \"x\n").find("not YAML") == 0);
  CHECK(message("a: 'x").find("not YAML") == 0);
  CHECK(message("kind: Pod\nspec:\n  a: 1\n  cont").find("line 4: no ':' after \"cont\"") !=
        std::string::npos);
  CHECK(yaml_to_json("a: {b, c}\nd:\n? e\n\"f\" :\n").value().dump() ==
        R"({"a":{"b":null,"c":null},"d":null,"e":null,"f":null})");

  std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string one = std::string("*") + static_cast<char>(c - 1) + " ";
    laughs += std::string(1, c) + ": &" + c + " [" + one;
    for (int i = 0; i < 8; ++i) laughs += "," + one;
    laughs += "]\n";
  }
  CHECK(message(laughs).find("too large") != std::string::npos);
}

TEST_CASE("a text that begins with a brace is JSON, or else a flow mapping") {
  CHECK(json_or_yaml(" {\"a\":\"yes\"}").value().dump() == R"({"a":"yes"})");
  CHECK(json_or_yaml("{a: yes}").value().dump() == R"({"a":true})");
  CHECK(json_or_yaml("a: yes").value().dump() == R"({"a":true})");
  CHECK(error_of(json_or_yaml("{\"a\":1,,}")).message == "not JSON, at byte 8");
  CHECK(error_of(parse_json("{\"a\":1e999}")).message == "not JSON: a number is out of range");
  CHECK(error_of(parse_json("\xff")).code == Errc::Malformed);
}
