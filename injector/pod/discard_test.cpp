#include "injector/pod/discard.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace sluice::injector;
using nlohmann::json;

TEST_CASE("what is discarded is empty, whatever it was") {
  for (const char* text :
       {"null", "1", R"("text")", "[]", "[1,[2,[]],{}]", R"({"a":{"b":[{}]}})"}) {
    json document = json::parse(text);
    const bool structured = document.is_structured();
    discard(document);
    CHECK(document.empty() == (structured || document.is_null()));
  }
}
