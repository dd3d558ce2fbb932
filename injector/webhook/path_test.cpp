#include "injector/webhook/path.h"

#include <doctest/doctest.h>

using namespace sluice::webhook;

TEST_CASE("a target's path is decoded, without query and slashes at its end") {
  struct Row {
    const char* target;
    std::optional<std::string> expected;
  };
  for (const Row& row : std::initializer_list<Row>{{"/inject", "/inject"},
                                                   {"/inject?timeout=10s", "/inject"},
                                                   {"/inject/?timeout=10s", "/inject"},
                                                   {"/inject//", "/inject"},
                                                   {"/", "/"},
                                                   {"", ""},
                                                   {"/a%2Fb%20c", "/a/b c"},
                                                   {"/a%2fb", "/a/b"},
                                                   {"/a%", std::nullopt},
                                                   {"/a%2", std::nullopt},
                                                   {"/a%zz", std::nullopt},
                                                   {"/a%00b", std::nullopt},
                                                   {"/a?b%", "/a"}}) {
    CAPTURE(row.target);
    CHECK(decoded_path(row.target) == row.expected);
  }
}

TEST_CASE("the path of /inject names cluster, network and variables") {
  struct Row {
    const char* path;
    PathParameters expected;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"/inject", {}},
           {"/inject/cluster/one", {"one", "", {}}},
           {"/inject/cluster/one/net/two", {"one", "two", {}}},
           {"/inject/net/two/cluster/one", {"one", "two", {}}},
           {"/inject/cluster/a--slash--b/net/--slash--c--slash--", {"a/b", "/c/", {}}},
           {"/inject/cluster/one/some_name/value", {"one", "", {{"SOME_NAME", "value"}}}},
           {"/inject/a--slash--b/c", {"", "", {{"A--SLASH--B", "c"}}}},
           {"/inject/cluster", {}},
           {"/inject/cluster/one/net", {"one", "", {}}},
           {"/inject//value", {}},
           {"/inject/key/", {"", "", {{"KEY", ""}}}},
           {"/inject/Cluster/x", {"", "", {{"CLUSTER", "x"}}}},
           {"/inject/:ENV:cluster=one:ENV:root=/a/b", {"one", "", {{"ROOT", "/a/b"}}}},
           {"/inject/:ENV:net=two:ENV:empty=:ENV:=nameless:ENV:=:ENV:nothing",
            {"", "two", {{"EMPTY", ""}}}},
           {"/inject/:ENV:a=b=c", {"", "", {{"A", "b=c"}}}},
           {"/inject/a/b/c/:ENV:d=e", {"", "", {{"A", "b"}, {"C", ":ENV:d=e"}}}}}) {
    CAPTURE(row.path);
    CHECK(inject_parameters(row.path) == row.expected);
  }
}

TEST_CASE("other paths are not below /inject") {
  for (const char* path :
       {"", "/", "/injectx", "/inject2/a/b", "/validate", "inject", "/x/inject"}) {
    CAPTURE(path);
    CHECK_FALSE(inject_parameters(path).has_value());
  }
}
