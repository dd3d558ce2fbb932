#include "rules/base/json.h"

#include <doctest/doctest.h>

using namespace sluice;
using nlohmann::json;

namespace {

const json kDocument = json::parse(R"({"a":{"b":{"c":"text","d":1,"e":null},"":[{"f":true}]}})");

}  // namespace

TEST_CASE("a path that is not there ends in null") {
  const struct {
    std::string_view pointer;
    JsonPath path;
    json found;
  } table[] = {
      {"", {}, kDocument},
      {"/a/b/c", {"a", "b", "c"}, "text"},
      {"/a/b/d", {"a", "b", "d"}, 1},
      {"/a/b/e", {"a", "b", "e"}, nullptr},
      {"/a/", {"a", ""}, json::parse(R"([{"f":true}])")},
      {"/a/x", {"a", "x"}, nullptr},
      {"/x/b", {"x", "b"}, nullptr},
      {"/a/b/c/d", {"a", "b", "c", "d"}, nullptr},  // within a string
      {"/a/b/e/x", {"a", "b", "e", "x"}, nullptr},  // within null
  };
  for (const auto& [pointer, path, found] : table) {
    CAPTURE(pointer);
    CHECK(at_path(kDocument, path) == found);
    CHECK(at_pointer(kDocument, pointer) == found);
    CHECK(text_at(kDocument, path) == (found == "text" ? "text" : ""));
    CHECK((string_at(kDocument, path) != nullptr) == (found == "text"));
  }
  CHECK(at_pointer(kDocument, "/a//0/f") == true);
  CHECK(at_pointer(kDocument, "/a//1").is_null());
}

TEST_CASE("only an object has members") {
  json object = {{"a", nullptr}};
  REQUIRE(member(object, "a") != nullptr);
  *member(object, "a") = 1;
  CHECK(*member(std::as_const(object), "a") == 1);
  CHECK(member(object, "b") == nullptr);
  for (json other : {json(), json(1), json("a"), json::array({"a"})}) {
    CHECK(member(other, "a") == nullptr);
    CHECK(member(std::as_const(other), "a") == nullptr);
  }
}

TEST_CASE("whatever the bytes, it can be written") {
  CHECK(dump_compact({{"a", {1, "é"}}, {"b", "\xff"}}) ==
        "{\"a\":[1,\"é\"],\"b\":\"\xEF\xBF\xBD\"}");
}
