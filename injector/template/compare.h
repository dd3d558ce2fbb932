#pragma once

// eq and lt, which the other comparisons are made of.

#include <string>

#include "injector/template/value.h"

namespace sluice::tmpl {

/// False, with `error` in Go's words, for values that cannot be compared.
[[nodiscard]] bool is_equal(const Value& left, const Value& right, bool& equal, std::string& error);
[[nodiscard]] bool is_less(const Value& left, const Value& right, bool& less, std::string& error);

}  // namespace sluice::tmpl
