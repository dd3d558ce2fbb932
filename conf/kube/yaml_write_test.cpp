#include "conf/kube/yaml_write.h"

#include <random>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "conf/kube/yaml.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

namespace {

/// Documents made of everything that has ever been misread.
class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : random_(seed) {}

  json value(int depth) {
    switch (pick(depth > 3 ? 6 : 9)) {
      case 0:
        return nullptr;
      case 1:
        return pick(2) == 0;
      case 2:
        return static_cast<std::int64_t>(random_()) - (std::int64_t{1} << 31);
      case 3:
        return pick(2) == 0 ? json(static_cast<double>(pick(2000)) / 16 - 50) : json(1.5e300);
      case 4:
      case 5:
        return text();
      case 6: {
        json list = json::array();
        for (unsigned i = pick(4); i > 0; --i) list.push_back(value(depth + 1));
        return list;
      }
      default: {
        json map = json::object();
        for (unsigned i = pick(5); i > 0; --i) map[text()] = value(depth + 1);
        return map;
      }
    }
  }

  std::string text() {
    static constexpr std::string_view Pieces[] = {
        " ",      "  ",  "\n",   "\n\n",   ":",          ": ",         "#",    " #",
        "-",      "- ",  "?",    "a",      "word",       "yes",        "0x1f", "1e3",
        "12",     ":30", "'",    "\"",     "\\",         "\t",         "\r",   "\x01",
        "\x7f",   "é",   "世界", "🙂",     "\u2028",     "\u0085",     "{",    "]",
        ",",      "&a",  "*",    "!",      "|",          ">",          "%",    "@",
        "`",      "=",   "<<",   "~",      "null",       ".5",         "_",    "---",
        "\ufeff", "...", "true", "\u00a0", "2020-01-01", "T12:00:00Z", "+",    ".inf"};
    std::string made;
    for (unsigned i = pick(3) == 0 ? pick(40) : pick(4); i > 0; --i) {
      made += Pieces[pick(std::size(Pieces))];
    }
    return made;
  }

 private:
  unsigned pick(std::size_t below) { return static_cast<unsigned>(random_() % below); }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("documents are printed as Kubernetes' tools print them") {
  const struct {
    const char* json;
    const char* yaml;
  } rows[] = {
      {"null", "null\n"},
      {"{}", "{}\n"},
      {"[]", "[]\n"},
      {"\"\"", "\"\"\n"},
      {R"({"b":1,"a":{"c":null,"d":[]},"B":true})", "B: true\na:\n  c: null\n  d: []\nb: 1\n"},
      {R"({"a":["x",{"k":"v","l":["y"]},["p","q"],{}]})",
       "a:\n- x\n- k: v\n  l:\n  - \"y\"\n- - p\n  - q\n- {}\n"},
      {R"(["x",["y1"]])", "- x\n- - y1\n"},
      {R"({"port10":1,"port9":2,"port-1":3,"port":4})",
       "port: 4\nport-1: 3\nport9: 2\nport10: 1\n"},
      {R"({"a":"one\ntwo\n","b":"one\ntwo","c":"one\n\n","d":" one\ntwo","e":"\n"})",
       "a: |\n  one\n  two\nb: |-\n  one\n  two\nc: |+\n  one\n\nd: |2-\n   one\n  two\ne: "
       "|2+\n\n"},
      {R"({"a":"x \ny","b":"x\ty","c":"it's","d":" x","e":"x: y","f":"x #y","g":"a\nb "})",
       "a: \"x \\ny\"\nb: \"x\\ty\"\nc: it's\nd: ' x'\ne: 'x: y'\nf: 'x #y'\ng: \"a\\nb \"\n"},
      {R"({"a":"\u0001\u007f\u0085\u00a0é\ufeff🙂"})",
       "a: \"\\x01\\x7F\\x85\u00a0é\\uFEFF\\U0001F642\"\n"},
      {R"([1,-1,1.5,1e6,1e21,1e-7,18446744073709551615,123456.5,1234567.5])",
       "- 1\n- -1\n- 1.5\n- 1000000\n- 1e+21\n- 1e-07\n- 18446744073709551615\n- 123456.5\n"
       "- 1.2345675e+06\n"},
      {R"({"a":"aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccc ddd eee"})",
       "a: aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccc\n"
       "  ddd eee\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.json);
    CHECK(to_yaml(json::parse(row.json)) == row.yaml);
  }
}

TEST_CASE("text that some reader would take for something else is quoted") {
  for (const char* text : {"on",
                           "Off",
                           "y",
                           "N",
                           "yes",
                           "NO",
                           "true",
                           "False",
                           "null",
                           "~",
                           "1e3",
                           "0x10",
                           "0o7",
                           "010",
                           "1_000",
                           ".5",
                           "1.",
                           "12:30",
                           "1:2:3.",
                           ".inf",
                           "-.INF",
                           ".NaN",
                           "",
                           "=",
                           "<<",
                           "0b1",
                           "+1",
                           "-0",
                           "1e999",
                           "0xffffffffffffffffffff",
                           "2020-01-01",
                           "2020-13-45",
                           "2001-12-14 21:59:43.10 -5",
                           "2020-1-2t3:4:5Z",
                           "._1"}) {
    CAPTURE(text);
    CHECK(to_yaml(text) == "\"" + std::string(text) + "\"\n");
    CHECK(to_yaml(json{{text, 1}}) == "\"" + std::string(text) + "\": 1\n");
  }
  CHECK(to_yaml("a\u2028b") == "\"a\\Lb\"\n");
  for (const char* text : {"-",  "- a", "? a",   "#",   "[a", "*a", "&a", "!a", "|",  ">", "@a",
                           "%a", "a:",  "--- a", "...", "'",  "\"", "`",  " a", "a ", "{", ","}) {
    CAPTURE(text);
    const std::string inner = std::string_view(text) == "'" ? "''" : text;
    CHECK(to_yaml(text) == "'" + inner + "'\n");
  }
  for (const char* text :
       {"a", "-a", "10.0.0.0/8", "80,443", "a:b", "1.2.3", "yes!", "0x", "1e", "a#b", "12:60",
        "12:30:99", "2020-01", "+", ".", "nUll", "<<x", "é", "世"}) {
    CAPTURE(text);
    CHECK(to_yaml(text) == std::string(text) + "\n");
  }
}

TEST_CASE("bytes that are no UTF-8 are replaced") {
  CHECK(to_yaml("a\xff\xc3") == "a\uFFFD\uFFFD\n");
  CHECK(to_yaml("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD\n");
}

TEST_CASE("what is written is read back the same") {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    const json document = RandomJson(seed).value(0);
    const std::string yaml = to_yaml(document);
    CAPTURE(seed);
    CAPTURE(yaml);
    const auto read = yaml_to_json(yaml);
    REQUIRE_MESSAGE(read.has_value(), read.error().message);
    CHECK(*read == document);
  }
}
