#pragma once

// Arithmetic on decimals, in which 0.1 and 0.2 are 0.3.

#include <vector>

#include "injector/template/value.h"
#include "rules/base/result.h"

namespace sluice::tmpl {

enum class Operation { Add, Subtract, Multiply, Divide };

[[nodiscard]] std::vector<double> to_floats(const std::vector<Value>& values);

/// `first` and the others one after the other, exactly; quotients to 16 digits after the point.
/// Invalid for a division by zero, and for what is not finite.
[[nodiscard]] Result<double> calculate(Operation operation, double first,
                                       const std::vector<double>& others);

}  // namespace sluice::tmpl
