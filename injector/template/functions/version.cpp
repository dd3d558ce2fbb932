#include "injector/template/functions/version.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <re2/re2.h>

#include "injector/template/functions/text.h"
#include "injector/template/print.h"

namespace sluice::tmpl {
namespace {

constexpr std::string_view Digits = "0123456789";

bool only_digits(std::string_view text) {
  return text.find_first_not_of(Digits) == std::string_view::npos;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::uint64_t> segment(std::string_view text) {
  if (text.starts_with('.')) text.remove_prefix(1);
  if (text.empty()) return 0;
  if (const auto value = whole_number(text)) return *value;
  return go_error("error parsing version segment: strconv.ParseUint: parsing " + quote(text) +
                  ": value out of range");
}

int compare_numbers(std::uint64_t a, std::uint64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/// Numbers come before words; a part that is missing before both.
int compare_parts(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (a.empty() || b.empty()) return a.empty() ? -1 : 1;
  const auto number_a = whole_number(a);
  const auto number_b = whole_number(b);
  if (number_a && number_b) return *number_a > *number_b ? 1 : -1;
  if (number_a || number_b) return number_a ? -1 : 1;
  return a > b ? 1 : -1;
}

std::string_view take_part(std::string_view& text) {
  const std::size_t dot = text.find('.');
  const std::string_view part = text.substr(0, dot);
  text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  return part;
}

int compare_prereleases(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    if (const int order = compare_parts(take_part(a), take_part(b)); order != 0) return order;
  }
  return 0;
}

// The groups of a version that may have wildcards: its three numbers, what follows the hyphen with
// and without it, and what follows the plus.
constexpr std::string_view Wild =
    R"(v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?)"
    R"((-(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?)";
constexpr std::string_view Operators = R"(=||!=|>|<|>=|=>|<=|=<|~|~>|\^)";

/// `pattern` with OP and VERSION replaced.
RE2 with_words(std::string pattern) {
  for (const auto& [word, text] : {std::pair{"OP", Operators}, std::pair{"VERSION", Wild}}) {
    for (std::size_t at = pattern.find(word); at != std::string::npos;
         at = pattern.find(word, at + text.size())) {
      pattern.replace(at, std::string_view(word).size(), text);
    }
  }
  return RE2(pattern);
}

/// One comparison, as ">= 1.2.x".
struct Constraint {
  std::string operation;
  Version version;
  bool any_minor = false;  ///< 1.x
  bool any_patch = false;  ///< 1.2.x
  bool wild = false;       ///< either, or x
};

bool is_wild(std::string_view part) {
  if (part.starts_with('.')) part.remove_prefix(1);
  return part.empty() || part == "x" || part == "X" || part == "*";
}

Result<Constraint> parse_constraint(std::string_view text) {
  static const RE2 form = with_words(R"(\s*(OP)\s*(VERSION)\s*)");
  Constraint constraint;
  std::string version;
  std::string major;
  std::string minor;
  std::string patch;
  std::string prerelease;
  if (!RE2::FullMatch({text.data(), text.size()}, form, &constraint.operation, &version, &major,
                      &minor, &patch, &prerelease)) {
    return go_error("improper constraint: " + quote(text));
  }
  if (is_wild(major)) {
    constraint.wild = true;
    version = "0.0.0" + prerelease;
  } else if (is_wild(minor)) {
    constraint.wild = constraint.any_minor = true;
    version = major + ".0.0" + prerelease;
  } else if (is_wild(patch)) {
    constraint.wild = constraint.any_patch = true;
    version = major + minor + ".0" + prerelease;
  }
  auto parsed = parse_version(version);
  if (!parsed) return go_error("constraint parser error");
  constraint.version = std::move(*parsed);
  return constraint;
}

bool not_equal(const Version& version, const Constraint& constraint) {
  const Version& wanted = constraint.version;
  if (!constraint.wild) return compare(version, wanted) != 0;
  if (wanted.major != version.major) return true;
  if (constraint.any_minor) return false;
  if (wanted.minor != version.minor) return true;
  if (!constraint.any_patch) return compare(version, wanted) != 0;
  if (version.prerelease.empty() && wanted.prerelease.empty()) return false;
  return compare_prereleases(version.prerelease, wanted.prerelease) != 0;
}

bool greater(const Version& version, const Constraint& constraint) {
  const Version& wanted = constraint.version;
  if (!constraint.wild) return compare(version, wanted) > 0;
  if (version.major != wanted.major) return version.major > wanted.major;
  if (constraint.any_minor) return false;
  if (constraint.any_patch) return version.minor > wanted.minor;
  return compare(version, wanted) > 0;
}

bool less_or_equal(const Version& version, const Constraint& constraint) {
  const Version& wanted = constraint.version;
  if (!constraint.wild) return compare(version, wanted) <= 0;
  if (version.major > wanted.major) return false;
  return version.major != wanted.major || version.minor <= wanted.minor || constraint.any_minor;
}

/// The same minor version, from this patch on; ~1 is the same major version.
bool close(const Version& version, const Constraint& constraint) {
  const Version& wanted = constraint.version;
  if (compare(version, wanted) < 0) return false;
  const bool zero = wanted.major == 0 && wanted.minor == 0 && wanted.patch == 0;
  if (zero && !constraint.any_minor && !constraint.any_patch) return true;
  if (version.major != wanted.major) return false;
  return version.minor == wanted.minor || constraint.any_minor;
}

/// From this version on, up to the next that may break: the leftmost number that is not zero stays.
bool compatible(const Version& version, const Constraint& constraint) {
  const Version& wanted = constraint.version;
  if (compare(version, wanted) < 0) return false;
  if (wanted.major > 0 || constraint.any_minor) return version.major == wanted.major;
  if (version.major > 0) return false;
  if (wanted.minor > 0 || constraint.any_patch) return version.minor == wanted.minor;
  return version.minor == 0 && version.patch == wanted.patch;
}

bool holds(const Version& version, const Constraint& constraint, bool prereleases) {
  if (!version.prerelease.empty() && !prereleases) return false;
  const std::string& operation = constraint.operation;
  if (operation == "!=") return not_equal(version, constraint);
  if (operation == ">") return greater(version, constraint);
  if (operation == "<") return compare(version, constraint.version) < 0;
  if (operation == ">=" || operation == "=>") return compare(version, constraint.version) >= 0;
  if (operation == "<=" || operation == "=<") return less_or_equal(version, constraint);
  if (operation == "~" || operation == "~>") return close(version, constraint);
  if (operation == "^") return compatible(version, constraint);
  return constraint.wild ? close(version, constraint) : compare(version, constraint.version) == 0;
}

/// "1 - 2" as ">= 1, <= 2 ".
std::string without_ranges(std::string text) {
  static const RE2 range = with_words(R"(\s*(VERSION)\s+-\s+(VERSION)\s*)");
  // The second version's group: after the first one and its four.
  RE2::GlobalReplace(&text, range, ">= \\1, <= \\6 ");
  return text;
}

}  // namespace

Result<Version> parse_version(std::string_view text) {
  static const RE2 form(
      R"(v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?)"
      R"((?:-([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?)");
  constexpr std::size_t Longest = 256;
  if (text.size() > Longest) return go_error("version string is too long (max 256 bytes)");
  Version version;
  std::string major;
  std::string minor;
  std::string patch;
  if (!RE2::FullMatch({text.data(), text.size()}, form, &major, &minor, &patch, &version.prerelease,
                      &version.metadata)) {
    return go_error("invalid semantic version");
  }
  ASSIGN_OR_RETURN(version.major, segment(major));
  ASSIGN_OR_RETURN(version.minor, segment(minor));
  ASSIGN_OR_RETURN(version.patch, segment(patch));
  for (std::string_view rest = version.prerelease; !rest.empty();) {
    const std::string_view part = take_part(rest);
    if (part.size() > 1 && part[0] == '0' && only_digits(part)) {
      return go_error("version segment starts with 0");
    }
  }
  return version;
}

std::string version_text(const Version& version) {
  std::string text = std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
                     std::to_string(version.patch);
  if (!version.prerelease.empty()) text += "-" + version.prerelease;
  if (!version.metadata.empty()) text += "+" + version.metadata;
  return text;
}

int compare(const Version& a, const Version& b) {
  if (const int order = compare_numbers(a.major, b.major); order != 0) return order;
  if (const int order = compare_numbers(a.minor, b.minor); order != 0) return order;
  if (const int order = compare_numbers(a.patch, b.patch); order != 0) return order;
  if (a.prerelease.empty() || b.prerelease.empty()) {
    return compare_numbers(a.prerelease.empty() ? 1 : 0, b.prerelease.empty() ? 1 : 0);
  }
  return compare_prereleases(a.prerelease, b.prerelease);
}

Result<bool> satisfies(const Version& version, std::string_view constraint) {
  static const RE2 form =
      with_words(R"(\s*(?:OP)\s*VERSION\s*(?:(?:\s+|,\s*)(?:OP)\s*VERSION\s*)*)");
  static const RE2 one = with_words(R"(((?:OP)\s*(?:VERSION)))");
  constexpr std::size_t Longest = 512;
  constexpr std::size_t MostGroups = 32;
  if (constraint.size() > Longest) {
    return go_error("constraint string is too long (max 512 bytes)");
  }
  ASSIGN_OR_RETURN(const Strings groups, split(without_ranges(std::string(constraint)), "||"));
  if (groups.size() > MostGroups) return go_error("too many constraint groups (max 32)");
  bool satisfied = false;
  for (const std::string& group : groups) {
    if (!RE2::FullMatch(group, form)) return go_error("improper constraint: " + quote(group));
    std::vector<Constraint> constraints;
    re2::StringPiece rest(group);
    std::string text;
    while (RE2::FindAndConsume(&rest, one, &text)) {
      ASSIGN_OR_RETURN(Constraint parsed, parse_constraint(text));
      constraints.push_back(std::move(parsed));
    }
    const bool prereleases =
        std::any_of(constraints.begin(), constraints.end(),
                    [](const Constraint& item) { return !item.version.prerelease.empty(); });
    satisfied = satisfied ||
                std::all_of(constraints.begin(), constraints.end(), [&](const Constraint& item) {
                  return holds(version, item, prereleases);
                });
  }
  return satisfied;
}

}  // namespace sluice::tmpl
