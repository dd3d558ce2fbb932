#include "injector/template/duration.h"

namespace sluice::tmpl {
namespace {

/// value / 10^digits, without trailing zeros.
std::string with_point(std::uint64_t value, int digits) {
  std::uint64_t power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  std::string out = std::to_string(value / power);
  std::string fraction = std::to_string(value % power + power).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? out : out + "." + fraction;
}

}  // namespace

std::string duration_text(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const auto bits = static_cast<std::uint64_t>(nanoseconds);
  const std::uint64_t size = negative ? ~bits + 1 : bits;
  const std::string sign = negative ? "-" : "";
  if (size == 0) return "0s";
  if (size < 1'000) return sign + std::to_string(size) + "ns";
  if (size < 1'000'000) return sign + with_point(size, 3) + "µs";
  if (size < 1'000'000'000) return sign + with_point(size, 6) + "ms";
  const std::uint64_t seconds = size / 1'000'000'000;
  std::string out = with_point(seconds % 60 * 1'000'000'000 + size % 1'000'000'000, 9) + "s";
  if (seconds >= 60) out.insert(0, std::to_string(seconds / 60 % 60) + "m");
  if (seconds >= 3600) out.insert(0, std::to_string(seconds / 3600) + "h");
  return sign + out;
}

Value duration_value(std::int64_t nanoseconds) {
  static constexpr schema::Field Methods[] = {
      {kNumber, kNumber, &schema::kInt},
      {"Microseconds", "Microseconds", &schema::kInt},
      {"Milliseconds", "Milliseconds", &schema::kInt},
      {"Seconds", "Seconds", &schema::kFloat},
      {"Minutes", "Minutes", &schema::kFloat},
      {"Hours", "Hours", &schema::kFloat},
      {"String", "String", &schema::kString},
  };
  static constexpr schema::Type Duration{
      .kind = schema::Kind::Int, .name = "time.Duration", .methods = Methods};
  const auto count = static_cast<double>(nanoseconds);
  auto owner = std::make_shared<const nlohmann::json>(
      nlohmann::json{{kNumber, nanoseconds},
                     {"Microseconds", nanoseconds / 1'000},
                     {"Milliseconds", nanoseconds / 1'000'000},
                     {"Seconds", count / 1e9},
                     {"Minutes", count / 60e9},
                     {"Hours", count / 3600e9},
                     {"String", duration_text(nanoseconds)}});
  const nlohmann::json* seen = owner.get();
  return View{seen, &Duration, std::move(owner)};
}

}  // namespace sluice::tmpl
