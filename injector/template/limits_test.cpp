#include "injector/template/template_fixture.h"

namespace sluice::tmpl {
namespace {

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string execute(std::string source, Limits limits) {
  const auto parsed = Template::parse("t", std::move(source), fixture_functions());
  REQUIRE(parsed);
  auto output = parsed->execute(fixture_data(), limits);
  return output ? std::move(*output) : std::move(output.error().message);
}

TEST_CASE("a template that would not end is stopped, and what stopped it is named") {
  CHECK(execute("{{range 1000}}{{range 1000}}{{range 1000}}{{end}}{{end}}{{end}}", {}) ==
        "template: t:1:36: executing \"t\" at <{{1000}}>: more than 1000000 steps");
  CHECK(execute("{{range 100}}{{.}}{{end}}", {.steps = 50}).find("more than 50 steps") !=
        std::string::npos);
  CHECK(execute("{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" 1}}", {}) ==
        "template: t:1:25: executing \"a\" at <{{template \"a\" .}}>: exceeded maximum template "
        "depth (100)");
}

TEST_CASE("output is bounded, with and without actions") {
  const std::string error = "more than 10 bytes of output";
  CHECK(execute("0123456789", {.output_bytes = 10}) == "0123456789");
  CHECK(execute("01234567890", {.output_bytes = 10}).find(error) != std::string::npos);
  CHECK(execute("{{range 11}}{{.}}{{end}}", {.output_bytes = 10}).find(error) != std::string::npos);
}

TEST_CASE("what functions make counts as steps by its size") {
  // Each printf makes a megabyte that never becomes output.
  CHECK(execute("{{range 1000}}{{$x := printf \"%1000000d\" 1}}{{end}}", {}).find("steps") !=
        std::string::npos);
}

TEST_CASE("depth of nesting is bounded while parsing, so that no template overflows the stack") {
  const auto error_of = [](const std::string& source) {
    const auto parsed = Template::parse("t", source, fixture_functions());
    return parsed ? "parsed" : parsed.error().message;
  };
  const std::string too_deep = "template: t:1: max expression depth exceeded";
  CHECK(error_of("{{" + repeat("(", 400) + "1" + repeat(")", 400) + "}}") == "parsed");
  CHECK(error_of("{{" + repeat("(", 100000) + "1" + repeat(")", 100000) + "}}") == too_deep);
  CHECK(error_of(repeat("{{if 1}}", 200) + repeat("{{end}}", 200)) == "parsed");
  CHECK(error_of(repeat("{{if 1}}", 100000)) == too_deep);
  CHECK(error_of("{{if 1}}" + repeat("{{else if 1}}", 100000) + "{{end}}") == too_deep);
  CHECK(error_of(repeat("{{block \"x\" 1}}", 100000)) == too_deep);
}

TEST_CASE("depth of nesting is bounded while executing, calls of templates included") {
  const std::string body = repeat("{{if 1}}", 200) + "{{template \"a\"}}" + repeat("{{end}}", 200);
  CHECK(execute("{{define \"a\"}}" + body + "{{end}}{{template \"a\"}}", {.depth = 100000})
            .find("too deeply nested") != std::string::npos);
  CHECK(execute("{{define \"a\"}}{{if " + repeat("(", 400) + "true" + repeat(")", 400) +
                    "}}{{template \"a\"}}{{end}}{{end}}{{template \"a\"}}",
                {.depth = 100000})
            .find("too deeply nested") != std::string::npos);
}

TEST_CASE("after an error nothing more is written, and the template can be executed again") {
  const auto parsed =
      Template::parse("t", "a{{if .Values.t}}{{refuse \"x\"}}{{end}}b", fixture_functions());
  REQUIRE(parsed);
  struct Collect final : Output {
    std::string out;
    void text(std::string_view literal) override { out += literal; }
    void action(std::string_view printed) override { out += printed; }
  };
  for (int i = 0; i < 2; ++i) {
    Collect collect;
    CHECK(!parsed->execute(fixture_data(), collect));
    CHECK(collect.out == "a");
  }
}

TEST_CASE("a receiver can tell the template's own text from what actions print") {
  struct Pieces final : Output {
    std::vector<std::string> pieces;
    void text(std::string_view literal) override { pieces.emplace_back(literal).insert(0, "t:"); }
    void action(std::string_view printed) override { pieces.emplace_back(printed).insert(0, "a:"); }
  };
  const auto parsed =
      Template::parse("t",
                      "x{{$y := 1}}{{.Values.s}}{{.Values.empty}}{{define \"d\"}}z{{.}}{{end}}"
                      "{{template \"d\" $y}}",
                      fixture_functions());
  REQUIRE(parsed);
  Pieces pieces;
  REQUIRE(parsed->execute(fixture_data(), pieces));
  CHECK(pieces.pieces == std::vector<std::string>{"t:x", "a:text", "a:", "t:z", "a:1"});
}

}  // namespace
}  // namespace sluice::tmpl
