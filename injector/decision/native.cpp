#include "injector/decision/native.h"

#include <nlohmann/json.hpp>

#include "rules/base/decimal.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

std::string string_at(const json& object, const char* pointer) {
  const json::json_pointer where{std::string(pointer)};
  if (!object.is_object() || !object.contains(where)) return {};
  const json& value = object.at(where);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

bool has_native_sidecars(std::string_view kubelet_version) {
  constexpr std::uint64_t FirstMinor = 33;
  const std::size_t dot = kubelet_version.find('.');
  if (dot == std::string_view::npos) return false;
  std::string_view minor = kubelet_version.substr(dot + 1);
  minor = minor.substr(0, minor.find_first_not_of("0123456789"));
  return parse_decimal(minor, 100'000).value_or(0) >= FirstMinor;
}

NativeByNode native_by_node(const std::vector<json>& nodes) {
  NativeByNode result;
  result.everywhere = true;
  for (const json& node : nodes) {
    const bool can = has_native_sidecars(string_at(node, "/status/nodeInfo/kubeletVersion"));
    result.nodes[string_at(node, "/metadata/name")] = can;
    result.everywhere = result.everywhere && can;
  }
  return result;
}

}  // namespace sluice::injector
