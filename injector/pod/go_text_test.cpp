#include "injector/pod/go_text.h"

#include <doctest/doctest.h>

using namespace sluice::injector;

TEST_CASE("texts are read as strconv reads them") {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) CHECK(parse_go_bool(yes) == true);
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    CHECK(parse_go_bool(no) == false);
  for (const char* odd : {"", "yes", "tRUE", " true", "2"})
    CHECK(parse_go_bool(odd) == std::nullopt);
  CHECK(parse_go_int("15020") == 15020);
  CHECK(parse_go_int("+007") == 7);
  CHECK(parse_go_int("-1") == -1);
  for (const char* odd : {"", "+", "-", "+-1", "1 ", " 1", "1x", "0x1", "99999999999999999999"}) {
    CAPTURE(odd);
    CHECK(parse_go_int(odd) == std::nullopt);
  }
}
