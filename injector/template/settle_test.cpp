#include "injector/template/template_fixture.h"

namespace sluice::tmpl {
namespace {

/// How often a template asks for what costs something, once its constants are settled.
struct Row {
  std::string_view source;
  int calls;
  std::string_view output;
};

TEST_CASE("what follows from constants alone is worked out once") {
  const std::vector<Row> rows{
      {"{{cost .Constant}}", 0, "c"},
      {"{{cost .Other}}", 1, "o"},
      {"{{cost \"x\"}}", 0, "x"},
      {"{{.Constant | cost}}", 0, "c"},
      {"{{.Constant | cost | cost}}", 0, "c"},
      {"{{.Other | cost}}", 1, "o"},
      {"{{join .Other (cost .Constant)}}", 0, "oc"},
      {"{{join (cost .Other) (cost .Constant)}}", 1, "oc"},
      {"{{$x := cost .Constant}}{{$x}}", 1, "c"},
      {"{{$x := (cost .Constant)}}{{$x}}", 0, "c"},
      {"{{if cost .Constant}}{{cost .Constant}}{{else}}{{cost .Other}}{{end}}", 0, "c"},
      {"{{if .None}}{{else}}{{cost .Constant}}{{end}}", 0, "c"},
      {"{{with cost .Constant}}{{cost .}}{{end}}", 1, "c"},
      {"{{with .None}}{{else}}{{cost .Constant}}{{end}}", 0, "c"},
      {"{{with .Map}}{{cost .Constant}}{{end}}", 1, "other"},  // another dot
      {"{{range .List}}{{cost .Constant}}{{end}}", 2, "12"},
      {"{{range .Empty}}{{else}}{{cost .Constant}}{{end}}", 0, "c"},
      {"{{define \"d\"}}{{cost .Constant}}{{end}}{{template \"d\" .}}", 0, "c"},
      {"{{define \"d\"}}{{cost .Constant}}{{end}}{{template \"d\" .Map}}", 1, "other"},
      {"{{define \"d\"}}{{cost .Constant}}{{end}}{{template \"d\" .}}{{template \"d\" .Map}}", 2,
       "cother"},
      {"{{define \"d\"}}{{template \"e\" .}}{{end}}{{define \"e\"}}{{cost .Constant}}{{end}}"
       "{{template \"d\" .Map}}",
       1, "other"},
      {"{{(pair .Constant).a}}", 0, "c"},
      {"{{$d := pair .Constant}}{{put $d}}{{$d.a}}", 0, "xx"},  // a dict of each execution's own
      {"{{(put (pair .Constant))}}", 0, "x"},
  };
  int calls = 0;
  FunctionTable functions;
  const auto add = [&](std::string_view name, std::vector<std::string_view> parameters, auto call) {
    functions.emplace(name, Function{name, std::move(parameters), call});
  };
  add("cost", {"any"}, [&](const Arguments& a) -> Result<Value> { return ++calls, a[0]; });
  add("join", {"any", "any"},
      [](const Arguments& a) -> Result<Value> { return a[0].print() + a[1].print(); });
  add("pair", {"any"}, [](const Arguments& a) -> Result<Value> { return Dict{{"a", a[0]}}; });
  add("put", {"map[string]any"}, [](const Arguments& a) -> Result<Value> {
    auto& dict = *std::get<std::shared_ptr<Dict>>(a[0].held());
    dict["a"] = dict["a"].print() == "c" ? "x" : "changed before";
    return dict["a"];
  });
  const Dict constants{{"Constant", "c"}};
  Dict data = constants;
  data["Other"] = "o";
  data["None"] = "";
  data["Empty"] = List{};
  data["Map"] = Dict{{"Constant", "other"}};
  data["List"] = List{Dict{{"Constant", 1}}, Dict{{"Constant", 2}}};
  for (const Row& row : rows) {
    CAPTURE(row.source);
    auto parsed = Template::parse("t", std::string(row.source), functions);
    REQUIRE(parsed);
    parsed->settle(constants);
    for (int time = 0; time < 2; ++time) {
      calls = 0;
      CHECK(parsed->execute(data).value() == row.output);
      CHECK(calls == row.calls);
    }
  }
}

TEST_CASE("what is settled is the template's own text, and its errors wait for their turn") {
  struct Receive final : Output {
    std::string out;
    void text(std::string_view literal) override { (out += literal) += '|'; }
    void action(std::string_view printed) override { (out += printed) += '!'; }
  };
  auto parsed = Template::parse(
      "t", "a{{.Constant}}{{.Other}}{{if .Other}}{{.Constant.none}}{{end}}", fixture_functions());
  REQUIRE(parsed);
  parsed->settle({{"Constant", "c"}});
  Receive receive;
  CHECK(parsed->execute(Dict{{"Constant", "c"}, {"Other", ""}}, receive));
  CHECK(receive.out == "a|c|!");
  const auto failed = parsed->execute(Dict{{"Constant", "c"}, {"Other", "o"}});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find("executing \"t\" at <.Constant.none>") != std::string::npos);
}

}  // namespace
}  // namespace sluice::tmpl
