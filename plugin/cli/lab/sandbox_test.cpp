#include "plugin/cli/lab/sandbox.h"

#include <doctest/doctest.h>

using namespace sluice;
using lab::id_map;
using lab::IdRange;

namespace {

std::string refusal(std::uint32_t count, const std::set<std::uint32_t>& wanted) {
  const auto map = id_map(1000, 100000, count, wanted);
  REQUIRE_FALSE(map.has_value());
  CHECK(map.error().code == Errc::Unavailable);
  return map.error().message;
}

}  // namespace

TEST_CASE("subordinate ids stand for 1 and up, and for what is wanted beyond them") {
  using Map = std::vector<IdRange>;
  const IdRange self{0, 1000, 1};
  CHECK(id_map(1000, 100000, 65536, {0, 1337, 65536}).value() == Map{self, {1, 100000, 65536}});
  CHECK(id_map(1000, 100000, 65536, {1337, 1000620000}).value() ==
        Map{self, {1, 100000, 65535}, {1000620000, 165535, 1}});
  CHECK(id_map(1000, 100000, 65536, {1000620000, 1000629999}).value() ==
        Map{self, {1, 100000, 65534}, {1000629999, 165534, 1}, {1000620000, 165535, 1}});
  // What is taken for one may put another beyond what is left.
  CHECK(id_map(1000, 100000, 2000, {2000, 4000}).value() ==
        Map{self, {1, 100000, 1998}, {4000, 101998, 1}, {2000, 101999, 1}});
  CHECK(id_map(1000, 100000, 1, {4000}).value() == Map{self, {4000, 100000, 1}});
}

TEST_CASE("an id for which there is none left is named, with the range") {
  CHECK(refusal(0, {1337}) ==
        "the range of 0 subordinate ids from 100000 is too short for id 1337");
  CHECK(refusal(1, {1337, 1000620000}) ==
        "the range of 1 subordinate ids from 100000 is too short for id 1337");
}
