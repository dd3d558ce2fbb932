#pragma once

// For tests: the error of what must have failed.

#include <doctest/doctest.h>

#include "rules/base/result.h"

namespace sluice {

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

}  // namespace sluice
