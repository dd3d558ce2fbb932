#include "injector/render/cache.h"

#include <doctest/doctest.h>

namespace sluice::injector {
namespace {

TEST_CASE("what was used longest ago is forgotten first, and never more than a few hundred kept") {
  FormCache cache;
  for (int i = 0; i < 400; ++i) {
    cache.insert("form " + std::to_string(i), Filler::Refusal{});
    CHECK(cache.find("form 0") != nullptr);  // in use all the time
  }
  CHECK(cache.count() == 256);
  CHECK(cache.find("form 1") == nullptr);
  CHECK(cache.find("form 399") != nullptr);
}

TEST_CASE("forms are bounded by their size as well") {
  FormCache cache;
  for (int i = 0; i < 100; ++i) {
    cache.insert(std::to_string(i) + std::string(1 << 20, 'x'), Filler::Refusal{});
  }
  CHECK(cache.count() == 31);
  cache.insert(std::string(9 << 20, 'x'), Filler::Refusal{});
  CHECK(cache.count() == 31);
}

TEST_CASE("a form that is known already stays as it is") {
  FormCache cache;
  cache.insert("a", Filler::Refusal{{1}});
  cache.insert("a", Filler::Refusal{{2}});
  CHECK(std::get<Filler::Refusal>(*cache.find("a")).close == std::vector<std::size_t>{1});
  CHECK(cache.count() == 1);
}

TEST_CASE("what comes a second time was seen") {
  FormCache cache;
  CHECK(!cache.seen("a"));
  CHECK(!cache.seen("b"));
  CHECK(cache.seen("a"));
  CHECK(cache.seen("a"));
}

}  // namespace
}  // namespace sluice::injector
