#include "injector/template/value.h"

#include <array>

#include <doctest/doctest.h>

#include "injector/template/template.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using schema::Kind;
using schema::Type;

constexpr Type kQuantity{.kind = Kind::Quantity};
constexpr Type kTime{.kind = Kind::Time};
constexpr Type kDuration{.kind = Kind::Duration};
constexpr Type kIntOrString{.kind = Kind::IntOrString};
constexpr std::array<std::string_view, 2> kNames{"OFF", "ON"};
constexpr Type kEnum{.kind = Kind::Enum, .name = "v1.Switch", .enumerators = kNames};
constexpr Type kWrapper{.kind = Kind::Wrapper, .element = &schema::kInt};
constexpr std::array<schema::Field, 4> kFields{{{"Every", "every", &kDuration},
                                                {"IsOn", "isOn", &kEnum},
                                                {"Names", "names", &schema::kStringList},
                                                {"Labels", "labels", &schema::kStringMap}}};
constexpr Type kMessage{.kind = Kind::Message, .name = "v1.Thing", .fields = kFields};
constexpr Type kPointer{.kind = Kind::Pointer, .element = &schema::kInt};

TEST_CASE("data prints as the Go type that it has") {
  struct Row {
    const char* document;
    const Type& type;
    const char* printed;
    bool truth;
    bool nil;
  };
  const std::vector<Row> rows{
      {"1000000", schema::kAny, "1e+06", true, false},
      {"1000000", schema::kInt, "1000000", true, false},
      {"1e3", schema::kInt, "1000", true, false},
      {"null", schema::kAny, "<nil>", false, true},
      {"null", schema::kInt, "0", false, false},
      {"null", schema::kString, "", false, false},
      {"null", schema::kBool, "false", false, false},
      {"null", schema::kStringMap, "map[]", false, true},
      {"null", schema::kStringList, "[]", false, true},
      {"[]", schema::kStringList, "[]", false, false},
      {"5", schema::kString, "5", true, false},
      {"\"x\"", schema::kInt, "0", false, false},
      {"\"100m\"", kQuantity, "100m", true, false},
      {"2", kQuantity, "2", true, false},
      {"null", kQuantity, "0", true, false},
      {"\"2024-02-03T04:05:06Z\"", kTime, "2024-02-03 04:05:06 +0000 UTC", true, false},
      {"null", kTime, "0001-01-01 00:00:00 +0000 UTC", true, false},
      {"\"http\"", kIntOrString, "http", true, false},
      {"8080", kIntOrString, "8080", true, false},
      {"\"ON\"", kEnum, "ON", true, false},
      {"\"OFF\"", kEnum, "OFF", false, false},
      {"null", kEnum, "OFF", false, false},
      {"0", kWrapper, "", true, false},
      {"7", kWrapper, "value:7", true, false},
      {"null", kWrapper, "<nil>", false, true},
      {"\"45s\"", kDuration, "seconds:45", true, false},
      {"\"1.5s\"", kDuration, "seconds:1 nanos:500000000", true, false},
      {"null", kDuration, "<nil>", false, true},
      {"0", kPointer, "0", true, false},
      {"null", kPointer, "<nil>", false, true},
      {"null", kMessage, "<nil>", false, true},
      {"{}", kMessage, "", true, false},
      {R"({"every":"1s","isOn":"ON","names":["a"],"labels":{"k":"v"}})", kMessage,
       R"(every:{seconds:1} is_on:ON names:"a" labels:{key:"k" value:"v"})", true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.document);
    CAPTURE(row.printed);
    const json document = json::parse(row.document);
    const Value value = Value::view(&document, row.type);
    CHECK(value.print() == row.printed);
    CHECK(value.truth() == row.truth);
    CHECK(value.nil() == row.nil);
  }
}

TEST_CASE("an embedded struct is part of the outer one, and can be named by itself") {
  static constexpr std::array<schema::Field, 2> Inner{
      {{"Path", "path", &schema::kString}, {"Size", "size", &schema::kInt}}};
  static constexpr Type Source{.kind = Kind::Struct, .name = "v1.Source", .fields = Inner};
  static constexpr std::array<schema::Field, 2> Outer{
      {{"Name", "name", &schema::kString}, {"Source", "", &Source}}};
  static constexpr Type Volume{.kind = Kind::Struct, .name = "v1.Volume", .fields = Outer};
  const json document = json::parse(R"({"name":"v","path":"/p","size":3})");
  const Value volume = Value::view(&document, Volume);
  CHECK(volume.print() == "{v {/p 3}}");
  const FunctionTable none;
  const auto text = Template::parse("t", "{{.Source.Path}} {{.Path}} {{.Source.Size}}", none);
  REQUIRE(text.has_value());
  CHECK(text->execute(volume).value() == "/p /p 3");
}

TEST_CASE("what is absent is the zero value of its type") {
  CHECK(Value::view(nullptr, schema::kString).print().empty());
  CHECK(Value::view(nullptr, schema::kAny).nil());
  CHECK(Value::view(nullptr, schema::kStringMap).members().value().empty());
  CHECK(Value::view(nullptr, schema::kStringList).elements().value().empty());
  CHECK(Value::view(nullptr, kMessage).nil());
  CHECK(Value().valid() == false);
  CHECK(Value(Value::Nil{}).valid());
}

TEST_CASE("lists and maps open to what is in them, and nothing else does") {
  const json document = json::parse(R"({"a":[1,"x"],"b":{"c":null}})");
  const Value data = Value::view(&document, schema::kAny);
  CHECK(!data.elements());
  const Dict members = data.members().value();
  CHECK(members.at("a").elements().value().at(0).print() == "1");
  CHECK(!members.at("a").members());
  CHECK(members.at("b").members().value().at("c").nil());
  CHECK(!Value("x").elements());
  CHECK(!Value(1).members());
}

TEST_CASE("values go to JSON as encoding/json writes them") {
  const json document = json::parse(R"({"a":[1,2.5,"x",null,true],"b":{}})");
  CHECK(Value::view(&document, schema::kAny).to_json() == document);
  CHECK(Value::from_json(document).to_json() == document);
  CHECK(Value(1e6).to_json().dump() == "1000000");
  CHECK(Value(1.5).to_json().dump() == "1.5");
  CHECK(Value().to_json().is_null());
  CHECK(Value(Dict{{"k", List{1, "x"}}}).to_json().dump() == R"({"k":[1,"x"]})");
}

TEST_CASE("types are named as in Go") {
  const json object = json::object();
  const json array = json::array();
  CHECK(Value(1).type_name() == "int");
  CHECK(Value(1.5).type_name() == "float64");
  CHECK(Value(List{}).type_name() == "[]interface {}");
  CHECK(Value(Dict{}).type_name() == "map[string]interface {}");
  CHECK(Value::view(&object, schema::kAny).type_name() == "map[string]interface {}");
  CHECK(Value::view(&array, schema::kAny).type_name() == "[]interface {}");
  CHECK(Value::view(&object, schema::kStringMap).type_name() == "map[string]string");
  CHECK(Value::view(&object, kMessage).type_name() == "*v1.Thing");
  CHECK(Value::view(nullptr, kPointer).type_name() == "*int64");
  CHECK(Value::view(nullptr, kDuration).type_name() == "*durationpb.Duration");
  CHECK(Value().type_name() == "<nil>");
  Dict record{{"A", 1}};
  record.struct_name = "p.Record";
  CHECK(Value(record).type_name() == "p.Record");
}

TEST_CASE("a dict is shared by its copies, and one that holds itself still prints") {
  Value dict(Dict{});
  Value copy;
  copy = dict;
  const auto shared = std::get<std::shared_ptr<Dict>>(dict.held());
  (*shared)["a"] = 1;
  CHECK(copy.print() == "map[a:1]");
  (*shared)["self"] = dict;
  CHECK(copy.print().find("map[a:1 self:map[a:1") == 0);
  (*shared)["again"] = dict;
  CHECK(copy.print().size() > 1000);
  CHECK(copy.to_json().at("a") == 1);
  shared->clear();  // or it would never be freed
}

}  // namespace
}  // namespace sluice::tmpl
