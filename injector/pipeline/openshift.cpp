#include "injector/pipeline/openshift.h"

#include <charconv>
#include <optional>
#include <string>

#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

constexpr std::string_view kUidRange = "openshift.io/sa.scc.uid-range";
constexpr std::string_view kGroups = "openshift.io/sa.scc.supplemental-groups";

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

/// The last id of "FIRST/COUNT" or "FIRST-LAST".
std::optional<std::uint32_t> last_of(std::string_view block) {
  const bool counted = block.find('/') != std::string_view::npos;
  const auto first = take_number(block);
  if (!first || block.empty() || block.front() != (counted ? '/' : '-')) return std::nullopt;
  block.remove_prefix(1);
  const auto second = take_number(block);
  if (!second) return std::nullopt;
  return counted ? *first + *second - 1 : *second;
}

/// The greatest of the first block; nothing if any block is none.
std::optional<std::uint32_t> last_of_first(std::string_view blocks) {
  const auto first = last_of(blocks.substr(0, blocks.find(',')));
  while (first) {
    const auto comma = blocks.find(',');
    if (!last_of(blocks.substr(0, comma))) return std::nullopt;
    if (comma == std::string_view::npos) break;
    blocks.remove_prefix(comma + 1);
  }
  return first;
}

}  // namespace

ProxyIds proxy_ids(const json& namespace_object) {
  ProxyIds ids;
  const json& annotations = at_path(namespace_object, {"metadata", "annotations"});
  const std::string users = text_at(annotations, {kUidRange});
  if (const auto user = last_of(users)) ids.user = *user;
  const bool own = annotations.is_object() && annotations.contains(kGroups);
  const std::string groups = own ? text_at(annotations, {kGroups}) : users;
  if (const auto group = last_of_first(groups)) ids.group = *group;
  return ids;
}

}  // namespace sluice::injector
