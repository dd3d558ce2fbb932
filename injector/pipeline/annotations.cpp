#include "injector/pipeline/annotations.h"

#include <algorithm>
#include <array>
#include <limits>

#include "rules/base/decimal.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What is left of `text` behind a sign and a number; nothing if there is no number.
std::string_view behind_number(std::string_view text, bool& number) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  number = false;
  bool point = false;
  while (!text.empty() && (is_digit(text.front()) || (text.front() == '.' && !point))) {
    number = number || is_digit(text.front());
    point = point || text.front() == '.';
    text.remove_prefix(1);
  }
  return text;
}

/// Digits, and nothing else than zeros before what fits into 32 bits.
bool is_uint32(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return false;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  return parse_decimal(text, std::numeric_limits<std::uint32_t>::max()).has_value();
}

bool is_boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 12> Known{"1", "t", "T", "true",  "TRUE",  "True",
                                                          "0", "f", "F", "false", "FALSE", "False"};
  return std::ranges::find(Known, text) != Known.end();
}

/// The redirect's parser looks at what it says, but takes nothing for an empty list of ports.
bool is_there(std::string_view text) {
  return text.find_first_not_of(' ') != std::string_view::npos;
}

struct Check {
  std::string_view annotation;
  bool (*fits)(std::string_view);
  std::string_view wanted;
};

constexpr std::string_view kWholeNumber = "must be a whole number that fits into 32 bits";
constexpr std::string_view kQuantity = "must be a quantity, such as 100m or 128Mi";

constexpr Check kChecks[] = {
    {"readiness.status.sidecar.istio.io/initialDelaySeconds", is_uint32, kWholeNumber},
    {"readiness.status.sidecar.istio.io/periodSeconds", is_uint32, kWholeNumber},
    {"readiness.status.sidecar.istio.io/failureThreshold", is_uint32, kWholeNumber},
    {kMergeMetrics, is_boolean, "must be true or false"},
    {kStatusPort, is_there, "must be a port"},
    {"sidecar.istio.io/proxyCPU", is_quantity, kQuantity},
    {"sidecar.istio.io/proxyMemory", is_quantity, kQuantity},
    {"sidecar.istio.io/proxyCPULimit", is_quantity, kQuantity},
    {"sidecar.istio.io/proxyMemoryLimit", is_quantity, kQuantity},
};

/// Annotations that, where a pod has none, templates write from the values.
constexpr std::string_view kFromValues[][2] = {
    {kIncludeOutboundIpRanges, "includeIPRanges"},
    {kExcludeOutboundIpRanges, "excludeIPRanges"},
    {kIncludeOutboundPorts, "includeOutboundPorts"},
    {kExcludeOutboundPorts, "excludeOutboundPorts"},
    {kIncludeInboundPorts, "includeInboundPorts"},
    {kExcludeInboundPorts, "excludeInboundPorts"},
    {kStatusPort, "statusPort"},
};

}  // namespace

bool is_quantity(std::string_view text) {
  static constexpr std::array<std::string_view, 16> Suffixes{
      "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  bool number = false;
  const std::string_view suffix = behind_number(text, number);
  if (!number) return false;
  if (std::ranges::find(Suffixes, suffix) != Suffixes.end()) return true;
  if (suffix.front() != 'e' && suffix.front() != 'E') return false;
  std::string_view exponent = suffix.substr(1);
  if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
  return !exponent.empty() && exponent.size() < 10 && std::ranges::all_of(exponent, is_digit);
}

std::vector<std::string> annotation_problems(
    const std::map<std::string, std::string>& annotations) {
  std::vector<std::string> problems;
  for (const Check& check : kChecks) {
    const auto at = annotations.find(std::string(check.annotation));
    if (at == annotations.end() || check.fits(at->second)) continue;
    problems.push_back("annotation " + at->first + ": " + in_quotes(at->second) + ": " +
                       std::string(check.wanted));
  }
  return problems;
}

std::string where_else(std::string_view message, const std::map<std::string, std::string>& own) {
  std::string names;
  for (const auto& [annotation, value] : kFromValues) {
    const std::string name(annotation);
    if (own.contains(name) || message.find("annotation " + name + ":") == message.npos) continue;
    if (!names.empty()) names += ", ";
    names.append("global.proxy.").append(value);
  }
  return names.empty() ? names : "; where a pod does not say, the values do: " + names;
}

}  // namespace sluice::injector
