#include "injector/template/functions/decimal.h"

#include <array>
#include <charconv>
#include <cmath>

#include <boost/multiprecision/cpp_int.hpp>

#include "injector/template/functions/bind.h"
#include "injector/template/functions/cast.h"
#include "injector/template/functions/text.h"

namespace sluice::tmpl {
namespace {

using boost::multiprecision::cpp_int;

/// value * 10^exponent
struct Decimal {
  cpp_int value;
  int exponent = 0;
};

cpp_int power_of_ten(int exponent) {
  return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

/// The shortest decimal that reads back as `value`.
Decimal to_decimal(double value) {
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific).ptr;
  const std::string text(buffer.begin(), end);
  const std::size_t mark = text.find('e');
  std::string digits = text.substr(0, mark);
  int exponent = std::stoi(text.substr(mark + 1));
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    exponent -= static_cast<int>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  return {cpp_int(digits), exponent};
}

/// Both at the smaller exponent.
void align(Decimal& a, Decimal& b) {
  Decimal& higher = a.exponent > b.exponent ? a : b;
  const int lower = std::min(a.exponent, b.exponent);
  higher.value *= power_of_ten(higher.exponent - lower);
  higher.exponent = lower;
}

/// To 16 digits after the point; half rounds away from zero.
Decimal quotient(const Decimal& a, const Decimal& b) {
  constexpr int Digits = 16;
  cpp_int dividend = a.value;
  cpp_int divisor = b.value;
  const int shift = a.exponent - b.exponent + Digits;
  (shift >= 0 ? dividend : divisor) *= power_of_ten(shift >= 0 ? shift : -shift);
  cpp_int whole;
  cpp_int rest;
  boost::multiprecision::divide_qr(dividend, divisor, whole, rest);
  if (abs(rest) * 2 >= abs(divisor)) whole += a.value.sign() * b.value.sign() < 0 ? -1 : 1;
  return {whole, -Digits};
}

double to_double(const Decimal& decimal) {
  const std::string text = decimal.value.str() + "e" + std::to_string(decimal.exponent);
  return parse_float(text).value_or(decimal.value.sign() < 0 ? -INFINITY : INFINITY);
}

}  // namespace

std::vector<double> to_floats(const std::vector<Value>& values) {
  std::vector<double> floats;
  for (const Value& value : values) floats.push_back(to_float64(value));
  return floats;
}

Result<double> calculate(Operation operation, double first, const std::vector<double>& others) {
  const auto checked = [](double value) -> Result<Decimal> {
    if (std::isfinite(value)) return to_decimal(value);
    return go_error("Cannot create a Decimal from " + Value(value).print());
  };
  ASSIGN_OR_RETURN(Decimal result, checked(first));
  for (const double other : others) {
    ASSIGN_OR_RETURN(Decimal operand, checked(other));
    switch (operation) {
      case Operation::Add:
      case Operation::Subtract:
        align(result, operand);
        result.value += operation == Operation::Add ? operand.value : -operand.value;
        break;
      case Operation::Multiply:
        result = {result.value * operand.value, result.exponent + operand.exponent};
        break;
      case Operation::Divide:
        if (operand.value == 0) return go_error("decimal division by 0");
        result = quotient(result, operand);
        break;
    }
    constexpr unsigned MostBits = 100'000;  // a product of thousands of numbers
    if (result.value != 0 && msb(abs(result.value)) > MostBits) return too_large();
  }
  return to_double(result);
}

}  // namespace sluice::tmpl
