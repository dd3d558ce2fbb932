#include "injector/pod/patch.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "injector/pod/random_pod.h"

using namespace sluice::injector;
using nlohmann::json;

namespace {

struct Row {
  const char* what;
  const char* before;
  const char* after;
  const char* patch;
};

json operations(const json& before, const json& after) {
  const std::string text = make_patch(before, after);
  return text.empty() ? json::array() : json::parse(text);
}

json pod_with(const char* spec) {
  return {{"spec", json::parse(spec)}};
}

}  // namespace

TEST_CASE("a patch says what changed, and nothing else") {
  const Row rows[] = {
      {"nothing", R"({"containers":[{"name":"a","x":1}]})",
       R"({"containers":[{"name":"a","x":1}]})", "[]"},
      {"a member more", "{}", R"({"nodeName":"n"})",
       R"([{"op":"add","path":"/spec/nodeName","value":"n"}])"},
      {"a member less", R"({"nodeName":"n"})", "{}",
       R"([{"op":"remove","path":"/spec/nodeName"}])"},
      {"another value", R"({"nodeName":"n"})", R"({"nodeName":"m"})",
       R"([{"op":"replace","path":"/spec/nodeName","value":"m"}])"},
      {"a float that was a whole number, in a list", R"({"x":[1]})", R"({"x":[1.0]})",
       R"([{"op":"replace","path":"/spec/x","value":[1.0]}])"},
      {"a float that was a whole number", R"({"x":1})", R"({"x":1.0})",
       R"([{"op":"replace","path":"/spec/x","value":1.0}])"},
      {"keys are escaped", R"({"nodeSelector":{"a/b~c":"1"}})",
       R"({"nodeSelector":{"a/b~c":"2","~1":"3"}})",
       R"([{"op":"replace","path":"/spec/nodeSelector/a~1b~0c","value":"2"},
           {"op":"add","path":"/spec/nodeSelector/~01","value":"3"}])"},
      {"a container in front", R"({"containers":[{"name":"a","novel":1}]})",
       R"({"containers":[{"name":"p"},{"name":"a","novel":1}]})",
       R"([{"op":"add","path":"/spec/containers/0","value":{"name":"p"}}])"},
      {"a container behind", R"({"containers":[{"name":"a"}]})",
       R"({"containers":[{"name":"a"},{"name":"p"}]})",
       R"([{"op":"add","path":"/spec/containers/1","value":{"name":"p"}}])"},
      {"one in front, and the other changed", R"({"containers":[{"name":"a","image":"1"}]})",
       R"({"containers":[{"name":"p"},{"name":"a","image":"2"}]})",
       R"([{"op":"add","path":"/spec/containers/0","value":{"name":"p"}},
           {"op":"replace","path":"/spec/containers/1/image","value":"2"}])"},
      {"one gone, one new", R"({"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]})",
       R"({"containers":[{"name":"b"},{"name":"d"}]})",
       R"([{"op":"remove","path":"/spec/containers/2"},{"op":"remove","path":"/spec/containers/0"},
           {"op":"add","path":"/spec/containers/1","value":{"name":"d"}}])"},
      {"one moved goes and comes whole",
       R"({"containers":[{"name":"p","novel":1},{"name":"a"},{"name":"b"}]})",
       R"({"containers":[{"name":"a"},{"name":"b"},{"name":"p","novel":1}]})",
       R"([{"op":"remove","path":"/spec/containers/0"},
           {"op":"add","path":"/spec/containers/2","value":{"name":"p","novel":1}}])"},
      {"ports are told apart by protocol too",
       R"({"containers":[{"name":"a","ports":[{"containerPort":53},{"containerPort":53,"protocol":"UDP"}]}]})",
       R"({"containers":[{"name":"a","ports":[{"containerPort":53},{"containerPort":53,"protocol":"UDP","name":"d"}]}]})",
       R"([{"op":"add","path":"/spec/containers/0/ports/1/name","value":"d"}])"},
      {"lists without a key are replaced", R"({"containers":[{"name":"a","args":["1","2"]}]})",
       R"({"containers":[{"name":"a","args":["0","1","2"]}]})",
       R"([{"op":"replace","path":"/spec/containers/0/args","value":["0","1","2"]}])"},
      {"and so are lists where a key is missing or there twice",
       R"({"containers":[{"name":"a","env":[{"name":"E"},{"name":"E","value":"1"}]}]})",
       R"({"containers":[{"name":"a","env":[{"name":"E"}]}]})",
       R"([{"op":"replace","path":"/spec/containers/0/env","value":[{"name":"E"}]}])"},
      {"null is a value", R"({"x":null})", R"({"x":{}})",
       R"([{"op":"replace","path":"/spec/x","value":{}}])"},
      {"another shape", R"({"x":{"a":1}})", R"({"x":[1]})",
       R"([{"op":"replace","path":"/spec/x","value":[1]}])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const json before = pod_with(row.before);
    const json after = pod_with(row.after);
    const json patch = operations(before, after);
    CHECK(patch == json::parse(row.patch));
    CHECK(before.patch(patch) == after);
  }
}

TEST_CASE("a document of another shape is replaced whole") {
  const json patch = operations(json::array(), json::object());
  CHECK(patch == json::parse(R"([{"op":"replace","path":"","value":{}}])"));
}

TEST_CASE("whole numbers are equal however they are held") {
  json before = {{"spec", {{"x", 7U}}}};
  const json after = {{"spec", {{"x", 7}}}};
  CHECK(make_patch(before, after).empty());
}

TEST_CASE("applying a patch gives what it was made for, whatever was edited") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 engine(seed);
    const json before = random_pod(engine);
    const json after = random_edit(engine, before);
    const json patch = operations(before, after);
    REQUIRE(before.patch(patch) == after);
    REQUIRE(patch.empty() == (before == after));
  }
}
