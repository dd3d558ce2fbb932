#include "injector/render/render.h"

#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "conf/kube/yaml.h"
#include "injector/render/filler.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

const tmpl::FunctionTable kNoFunctions;

/// A renderer of `source` over a map of words.
class Render {
 public:
  explicit Render(const std::string& source)
      : renderer_(tmpl::Template::parse("t", source, kNoFunctions).value()) {}

  Result<json> operator()(const json& words) const {
    return renderer_.render(tmpl::Value::view(&words, schema::kAny));
  }

 private:
  Renderer renderer_;
};

/// The same without any cache.
Result<json> parse(const std::string& source, const json& words) {
  const auto parsed = tmpl::Template::parse("t", source, kNoFunctions).value();
  ASSIGN_OR_RETURN(const auto text, parsed.execute(tmpl::Value::view(&words, schema::kAny)));
  return kube::yaml_to_json(text);
}

/// What a filler of the form of `source` makes, or "closed" and "refused".
std::string outcome(const std::string& source, const json& words) {
  const auto parsed = tmpl::Template::parse("t", source, kNoFunctions).value();
  Skeleton skeleton;
  if (!parsed.execute(tmpl::Value::view(&words, schema::kAny), skeleton)) return "no document";
  const auto made = Filler::make(skeleton.form());
  const auto* filler = std::get_if<Filler>(&made);
  if (filler == nullptr) {
    return std::get<Filler::Refusal>(made).close.empty() ? "refused" : "closed";
  }
  const auto filled = filler->fill(skeleton.words());
  return filled ? filled->dump() : "parse";
}

TEST_CASE("a hole is filled where it stands, and typed by what comes of it") {
  struct Row {
    std::string source;
    std::string word;
    std::string outcome;
  };
  const std::vector<Row> rows{
      {"a: {{.}}", "x", R"({"a":"x"})"},
      {"a: {{.}}", "1337", R"({"a":1337})"},
      {"a: {{.}}", "1.5", R"({"a":1.5})"},
      {"a: {{.}}", "0x10", R"({"a":16})"},
      {"a: {{.}}", "010", R"({"a":8})"},
      {"a: {{.}}", "1e6", R"({"a":1000000})"},
      {"a: {{.}}", "yes", R"({"a":true})"},
      {"a: {{.}}", "off", R"({"a":false})"},
      {"a: {{.}}", "null", R"({"a":null})"},
      {"a: {{.}}", "1.2.3", R"({"a":"1.2.3"})"},
      {"a: \"{{.}}\"", "1337", R"({"a":"1337"})"},
      {"a: '{{.}}'", "null", R"({"a":"null"})"},
      {"a: !!str {{.}}", "7", R"({"a":"7"})"},
      {"a: !!int {{.}}", "7", "refused"},
      {"a: 1{{.}}", "0", R"({"a":10})"},
      {"a: -{{.}}", "5", R"({"a":-5})"},
      {"a: .{{.}}", "5", R"({"a":0.5})"},
      {"a: .{{.}}", "inf", "parse"},
      {"a: v{{.}}.y", "5", R"({"a":"v5.y"})"},
      {"a: {{.}}:8080", "host", R"({"a":"host:8080"})"},
      {"{{.}}: 1", "k", R"({"k":1})"},
      {"{{.}}: 1", "true", R"({"true":1})"},
      {"{{.}}: 1", "010", R"({"8":1})"},
      {"{{.}}: 1", "null", "parse"},
      {"a: 1\n{{.}}: 2\nb: 3", "a", R"({"a":2,"b":3})"},
      {"a: 1\n{{.}}: 2\nb: 3", "b", R"({"a":1,"b":3})"},
      {"a: 1\na: {{.}}", "x", R"({"a":"x"})"},
      {"- {{.}}\n- {{.}}", "x", R"(["x","x"])"},
      {"{a: {{.}}, b: [{{.}}, \"{{.}}\"],\n\n}", "1", R"({"a":1,"b":[1,"1"]})"},
      {"a: 1 # {{.}}\nb: 2", "x", R"({"a":1,"b":2})"},
      {"a: |\n  {{.}}\n  {{.}}", "x", R"({"a":"x\nx"})"},
      {"a: x {{.}}\n  y {{.}}", "z", R"({"a":"x z y z"})"},
      {"a: \"x {{.}}\n  y\"", "z", R"({"a":"x z y"})"},
      {"{{.}}", "x", R"("x")"},
      {"a: &x {{.}}\nb: *x", "w", R"({"a":"w","b":"w"})"},
      // Phrases: in quotes, blocks and comments.
      {"a: |\n  {{.}}", R"({"b": [1, "#"]})", R"({"a":"{\"b\": [1, \"#\"]}"})"},
      {"a: >-\n  {{.}}", "- x: y # z", R"({"a":"- x: y # z"})"},
      {"a: \"{{.}}\"", "x: y # z, 'w'", R"({"a":"x: y # z, 'w'"})"},
      {"a: \"{{.}}\"", "x\\ny", "parse"},
      {"a: \"{{.}}\"", "x\" y", "parse"},
      {"a: '{{.}}'", "x: \"y\"", R"({"a":"x: \"y\""})"},
      {"a: '{{.}}'", "it's", "parse"},
      {"a: 1 # {{.}}", "x: [", R"({"a":1})"},
      {"a: {{.}}", "\"x: y\"", R"({"a":"x: y"})"},
      {"a: {{.}}", "\"x\"", R"({"a":"x"})"},
      {"a: {{.}}", "\"\"", R"({"a":""})"},
      {"a: {{.}}", "\"10\"", R"({"a":"10"})"},
      {"a: {{.}}", "x: y", "closed"},
      {"a: {{.}}", "[x]", "closed"},
      {"a: {{.}}", "x y", "closed"},
      {"{{.}}", "---x", "closed"},
      {"a: |\n {{.}}", "--- y", R"({"a":"--- y"})"},
      {"a: |\n -{{.}}", "-- y", R"({"a":"--- y"})"},
      {"|\n-{{.}}", "-- y", "closed"},
      // What stands before a hole can make its letters mean something else.
      {"a: \"\\{{.}}\"", "n", "closed"},
      {"a: \"\\u00{{.}}\"", "41", "closed"},
      {"a: \"\\U0000{{.}}00{{.}}\"", "00", "closed"},
      {"a: &{{.}} 1", "x", "closed"},
      {"a: !{{.}} 1", "x", "closed"},
      {"a: |{{.}}\n   x", "1", "closed"},
      {"a: &x 1\nb: *{{.}}", "x", "closed"},
      {"%YAML {{.}}\n---\na: 1", "1.1", "refused"},
      // What no filler can say.
      {"a: &x {b: 1}\nc:\n  <<: *x\n  d: {{.}}", "1", "refused"},
      {"a: [{{.}}", "x", "refused"},
      {"a: 1\n---\nb: {{.}}", "x", "refused"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    CAPTURE(row.word);
    CHECK(outcome(row.source, row.word) == row.outcome);
    const Render render(row.source);
    const auto expected = parse(row.source, row.word);
    if (expected && !expected->is_object() && !expected->is_null()) continue;
    for (int time = 0; time < 4; ++time) {
      const auto rendered = render(row.word);
      REQUIRE(rendered.has_value() == expected.has_value());
      if (rendered) CHECK(*rendered == *expected);
    }
  }
}

TEST_CASE("a document is an object, or nothing at all") {
  for (const char* source : {"", "  \n", "# only {{.}}\n\n", "~", "{{/* x */}}"}) {
    CAPTURE(source);
    const Render render(source);
    for (int time = 0; time < 4; ++time) CHECK(render("x").value().is_null());
  }
  for (const char* source : {"- {{.}}", "{{.}}", "\"{{.}}\""}) {
    CAPTURE(source);
    const Render render(source);
    for (int time = 0; time < 4; ++time) {
      CHECK(render("x").error().message.starts_with("the rendered template is no YAML object"));
    }
  }
}

TEST_CASE("an error is the same with and without cache") {
  const Render render("a: {{.}}\nb: [\n");
  for (int time = 0; time < 4; ++time) {
    CHECK(render("x").error().message.starts_with("the rendered template: not YAML"));
  }
  const Render failing("a: {{.x.y.z}}");
  CHECK(failing(json::parse(R"({"x":{"y":null}})")).error().message.starts_with("template: t:1:"));
}

TEST_CASE("characters that mark holes may be in the text") {
  for (const char* mark : {"\\x00", "\\x01"}) {
    const std::string source = "a: '{{.}}{{\"" + std::string(mark) + "\"}}'";
    const Render render(source);
    for (int time = 0; time < 4; ++time) CHECK(!render("x"));  // no YAML, and no confusion
  }
}

TEST_CASE("a document whose last quote is open, or whose key has no colon, is refused each time") {
  for (const char* source : {"a: \"{{.}}", "a:\n  {{.}}\n  b: 1", "a: 1\n{{.}}"}) {
    CAPTURE(source);
    const Render render(source);
    for (int time = 0; time < 4; ++time) CHECK(!render("x"));
  }
}

TEST_CASE("a document with very many words is parsed each time, however often it comes") {
  json words;
  for (int i = 0; i < 2000; ++i) words["list"].push_back("w" + std::to_string(i));
  const std::string source = "a:\n{{range .list}}- {{.}}\n{{end}}";
  CHECK(outcome(source, words) == "refused");
  const Render render(source);
  for (int time = 0; time < 4; ++time) CHECK(render(words).value().at("a") == words.at("list"));
  const std::string long_word(300, 'x');
  const std::string long_phrase = "a " + std::string(3000, 'x');
  for (const std::string& word : {long_word, long_phrase}) {
    CHECK(outcome("a: \"{{.}}\"", word) == json{{"a", word}}.dump());  // but as part of the form
  }
}

/// Draws templates that look like YAML, most of them valid, with holes everywhere.
class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }

  std::string source() {
    std::string out = below(4) == 0 ? "# {{.w0}} {{.p0}}\n" : "";
    map(out, 0, 3);
    if (below(6) == 0) damage(out);
    return out;
  }

  json words() {
    static const std::vector<std::string> Words{
        "a",    "b",    "x1",      "1",     "07",    "0x1F", "1e3", "yes",  "No",
        "null", "true", "a.b.c/d", "12-34", "1.5.6", "v_1",  "0",   "on",   "1_000",
        "inf",  "nan",  "x---y",   "a...b", "n/a",   "Null", "y",   "TRUE", "0b11"};
    static const std::vector<std::string> Phrases{
        "{\"a\": 1}", "x: y",      "- a", "#c",  "a # b", "*",   "a, b",       "[",
        "it's",       "say \"x\"", "\\n", "!x",  "%",     "---", "\"quoted\"", "\"q: r\"",
        "\"\"",       "a",         "7",   ": :", "|",     "&a b"};
    json words = json::object();
    for (int i = 0; i < 4; ++i) {
      words["w" + std::to_string(i)] = Words[below(Words.size())];
      words["p" + std::to_string(i)] = Phrases[below(Phrases.size())];
    }
    return words;
  }

 private:
  std::string word() { return "{{.w" + std::to_string(below(4)) + "}}"; }
  std::string phrase() { return "{{.p" + std::to_string(below(4)) + "}}"; }

  std::string key() {
    static const std::vector<std::string> Keys{"a", "b", "c", "\"d\"", "e.f/g", "1", "yes"};
    switch (below(6)) {
      case 0:
        return word();
      case 1:
        return "k" + word();
      case 2:
        return "\"" + word() + "\"";
      default:
        return Keys[below(Keys.size())];
    }
  }

  std::string scalar() {
    const std::vector<std::function<std::string()>> forms{
        [&] { return word(); },
        [&] { return "x" + word() + "." + word(); },
        [&] { return "1" + word(); },
        [&] { return "\"" + word() + "\""; },
        [&] { return "\"a " + phrase() + "\""; },
        [&] { return "'" + phrase() + "'"; },
        [&] { return phrase(); },
        [&] { return "[" + word() + ", \"" + phrase() + "\", ]"; },
        [&] { return "{" + key() + ": " + word() + ",\n\n   \"q\": '" + phrase() + "' }"; },
        [&] { return std::string("plain text # comment ") + phrase(); },
        [&] { return "\"\\" + word() + "\""; },
        [&] { return "&" + word() + " x"; },
        [&] { return "!!str " + word(); },
        [&] { return std::string(); },
        [&] { return std::string("12"); },
    };
    return forms[below(forms.size())]();
  }

  void map(std::string& out, int indent, int depth) {
    for (std::size_t count = 1 + below(4); count > 0; --count) {
      out.append(static_cast<std::size_t>(indent), ' ');
      out += key() + ":";
      value(out, indent, depth);
    }
  }

  void value(std::string& out, int indent, int depth) {
    const std::string spaces(static_cast<std::size_t>(indent) + 2, ' ');
    switch (below(depth > 0 ? 6 : 3)) {
      case 0:
        out += " |" + std::string(below(2) == 0 ? "-" : "") + "\n" + spaces + phrase() + "\n" +
               spaces + "{ " + word() + "\n";
        return;
      case 3:
        out += "\n";
        return map(out, indent + 2, depth - 1);
      case 4:
        out += "\n";
        for (std::size_t count = 1 + below(3); count > 0; --count) {
          out += spaces + "- " + key() + ": " + scalar() + "\n" + spaces + "  z: " + word() + "\n";
        }
        return;
      case 5:
        out += "\n" + spaces + "- " + scalar() + "\n" + spaces + "# " + phrase() + "\n" + spaces +
               "- " + word() + "\n";
        return;
      default:
        out += " " + scalar() + "\n";
        return;
    }
  }

  /// Something that is not YAML any more, or another YAML.
  void damage(std::string& out) {
    static const std::string Telling = "\"'{}[]:#-|>&*!%, \n?";
    out.insert(below(out.size()), 1, Telling[below(Telling.size())]);
  }

  std::mt19937_64 engine_;
};

TEST_CASE("for any template and any words, filling gives what parsing gives") {
  std::size_t filled = 0;
  std::size_t valid = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Drawing drawing(seed);
    const std::string source = drawing.source();
    const auto parsed = tmpl::Template::parse("t", source, kNoFunctions);
    if (!parsed) continue;
    const Render render(source);
    for (int time = 0; time < 5; ++time) {
      const json words = drawing.words();
      const auto expected = parse(source, words);
      if (expected && !expected->is_object() && !expected->is_null()) continue;
      valid += expected ? 1U : 0U;
      // Thrice, so that the form is certainly known.
      for (int again = 0; again < 3; ++again) {
        const auto rendered = render(words);
        INFO("seed ", seed, "\n", source, "\n", words.dump());
        REQUIRE(rendered.has_value() == expected.has_value());
        if (rendered) REQUIRE(*rendered == *expected);
      }
      filled += outcome(source, words).front() == '{' ? 1U : 0U;
    }
  }
  // Or the test would say nothing.
  CHECK(valid > 200);
  CHECK(filled > 100);
}

TEST_CASE("many threads may render at once") {
  const Render render("a: {{.}}\nb: \"{{.}}\"\n{{.}}: {c: {{.}}}");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        const std::string word = "w" + std::to_string(thread) + "-" + std::to_string(i);
        const auto rendered = render(word);
        const json expected{{"a", word}, {"b", word}, {word, {{"c", word}}}};
        if (!rendered || *rendered != expected) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace sluice::injector
