#include "injector/decision/native.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace sluice::injector;
using nlohmann::json;

namespace {

json node(const std::string& name, const std::string& version) {
  return {{"metadata", {{"name", name}}},
          {"status", {{"nodeInfo", {{"kubeletVersion", version}}}}}};
}

}  // namespace

TEST_CASE("kubelets from 1.33 on have native sidecars") {
  struct Row {
    const char* version;
    bool expected;
  };
  for (const Row& row : std::initializer_list<Row>{{"v1.33.0", true},
                                                   {"1.33.0", true},
                                                   {"v1.32.9", false},
                                                   {"v1.33.4-gke.1172000", true},
                                                   {"v1.34", true},
                                                   {"v1.100.0", true},
                                                   {"v1.4+", false},
                                                   {"v1.33+", true},
                                                   {"v1", false},
                                                   {"v1.", false},
                                                   {"", false},
                                                   {"latest", false}}) {
    CAPTURE(row.version);
    CHECK(has_native_sidecars(row.version) == row.expected);
  }
}

TEST_CASE("one old node is enough against native sidecars, but for pods that name another") {
  const auto result = native_by_node({node("a", "v1.34.1"), node("b", "v1.31.0")});
  CHECK_FALSE(result.everywhere);
  CHECK(result.nodes == std::map<std::string, bool>{{"a", true}, {"b", false}});
  CHECK(native_by_node({node("a", "v1.34.1")}).everywhere);
  CHECK(native_by_node({}).everywhere);
  CHECK_FALSE(native_by_node({json::object()}).everywhere);
}
