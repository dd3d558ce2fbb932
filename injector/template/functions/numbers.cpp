// sprig's arithmetic: on 64-bit integers that wrap around, on decimals, and on floats.

#include <algorithm>
#include <cmath>
#include <limits>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/cast.h"
#include "injector/template/functions/decimal.h"
#include "injector/template/functions/text.h"

namespace sluice::tmpl {
namespace {

/// Go's integers wrap around; C++'s signed ones must not.
std::int64_t wrapped(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}
std::uint64_t bits(const Value& value) {
  return bits(to_int64(value));
}

Result<std::int64_t> divided(const Value& a, const Value& b, bool remainder) {
  const std::int64_t dividend = to_int64(a);
  const std::int64_t divisor = to_int64(b);
  if (divisor == 0) return go_error("runtime error: integer divide by zero");
  if (divisor == -1) return remainder ? 0 : wrapped(~bits(dividend) + 1);
  return remainder ? dividend % divisor : dividend / divisor;
}

/// 0 for what is no number; the nearest for one that is too large, as Go reports it beside the
/// error that sprig drops.
std::int64_t nearest_int(std::string_view text) {
  if (const auto number = parse_int(text, 10)) return *number;
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative || text.starts_with('+') ? 1 : 0);
  using Limits = std::numeric_limits<std::int64_t>;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  return negative ? Limits::min() : Limits::max();
}

void add_integers(Binder& binder) {
  binder.bind("int", to_int64);
  binder.alias("int64", "int");
  binder.bind("atoi", [](const std::string& text) { return nearest_int(text); });
  binder.bind("toDecimal",
              [](const Value& value) { return parse_int(value.print(), 8).value_or(0); });
  binder.bind("add1", [](const Value& value) { return wrapped(bits(value) + 1); });
  binder.bind("add", [](const Rest<Value>& values) {
    std::uint64_t sum = 0;
    for (const Value& value : values.items) sum += bits(value);
    return wrapped(sum);
  });
  binder.bind("sub", [](const Value& a, const Value& b) { return wrapped(bits(a) - bits(b)); });
  binder.bind("mul", [](const Value& first, const Rest<Value>& others) {
    std::uint64_t product = bits(first);
    for (const Value& value : others.items) product *= bits(value);
    return wrapped(product);
  });
  binder.bind("div", [](const Value& a, const Value& b) { return divided(a, b, false); });
  binder.bind("mod", [](const Value& a, const Value& b) { return divided(a, b, true); });
  binder.bind("max", [](const Value& first, const Rest<Value>& others) {
    std::int64_t most = to_int64(first);
    for (const Value& value : others.items) most = std::max(most, to_int64(value));
    return most;
  });
  binder.alias("biggest", "max");
  binder.bind("min", [](const Value& first, const Rest<Value>& others) {
    std::int64_t least = to_int64(first);
    for (const Value& value : others.items) least = std::min(least, to_int64(value));
    return least;
  });
}

double round_to(const Value& value, std::int64_t places, const Rest<double>& threshold) {
  const double round_on = threshold.items.empty() ? 0.5 : threshold.items[0];
  const double power = std::pow(10.0, static_cast<double>(places));
  const double digits = power * to_float64(value);
  double whole = 0;
  const double fraction = std::modf(digits, &whole);
  return (fraction >= round_on ? std::ceil(digits) : std::floor(digits)) / power;
}

/// math.Max and Min: NaN wins, and so does the positive or the negative zero.
double larger(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isinf(a) && a > 0 ? a : std::isinf(b) && b > 0 ? b : NAN;
  if (a == 0 && b == 0) return std::signbit(a) ? b : a;
  return std::max(a, b);
}
double smaller(double a, double b) {
  return -larger(-a, -b);
}

void add_floats(Binder& binder) {
  binder.bind("float64", to_float64);
  binder.bind("floor", [](const Value& value) { return std::floor(to_float64(value)); });
  binder.bind("ceil", [](const Value& value) { return std::ceil(to_float64(value)); });
  binder.bind("round", round_to);
  binder.bind("maxf", [](const Value& first, const Rest<Value>& others) {
    double most = to_float64(first);
    for (const Value& value : others.items) most = larger(most, to_float64(value));
    return most;
  });
  binder.bind("minf", [](const Value& first, const Rest<Value>& others) {
    double least = to_float64(first);
    for (const Value& value : others.items) least = smaller(least, to_float64(value));
    return least;
  });
  binder.bind("add1f",
              [](const Value& value) { return calculate(Operation::Add, to_float64(value), {1}); });
  binder.bind("addf", [](const Rest<Value>& values) {
    return calculate(Operation::Add, 0, to_floats(values.items));
  });
  binder.bind("subf", [](const Value& first, const Rest<Value>& others) {
    return calculate(Operation::Subtract, to_float64(first), to_floats(others.items));
  });
  binder.bind("mulf", [](const Value& first, const Rest<Value>& others) {
    return calculate(Operation::Multiply, to_float64(first), to_floats(others.items));
  });
  binder.bind("divf", [](const Value& first, const Rest<Value>& others) {
    return calculate(Operation::Divide, to_float64(first), to_floats(others.items));
  });
}

Result<Integers> until_step(std::int64_t start, std::int64_t stop, std::int64_t step) {
  Integers numbers;
  const bool down = stop < start;
  if (down ? step >= 0 : step <= 0) return numbers;
  std::int64_t at = start;
  while (down ? at > stop : at < stop) {
    if (numbers.size() >= kMostElements) return too_large();
    numbers.push_back(at);
    if (__builtin_add_overflow(at, step, &at)) break;  // Go would go round, without end
  }
  return numbers;
}

Result<std::string> sequence(const Rest<std::int64_t>& given) {
  const Integers& numbers = given.items;
  if (numbers.empty() || numbers.size() > 3) return std::string();
  const std::int64_t start = numbers.size() == 1 ? 1 : numbers.front();
  const std::int64_t end = numbers.back();
  const std::int64_t direction = end < start ? -1 : 1;
  const std::int64_t step = numbers.size() == 3 ? numbers[1] : direction;
  if (numbers.size() == 3 && end < start && step > 0) return std::string();
  ASSIGN_OR_RETURN(const Integers range,
                   until_step(start, wrapped(bits(end) + bits(direction)), step));
  std::string out;
  for (const std::int64_t number : range) {
    if (!out.empty()) out += ' ';
    out += std::to_string(number);
  }
  return out;
}

}  // namespace

void add_numbers(FunctionTable& table) {
  Binder binder(table);
  add_integers(binder);
  add_floats(binder);
  binder.bind("until", [](std::int64_t count) { return until_step(0, count, count < 0 ? -1 : 1); });
  binder.bind("untilStep", until_step);
  binder.bind("seq", sequence);
}

}  // namespace sluice::tmpl
