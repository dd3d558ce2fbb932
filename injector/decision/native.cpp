#include "injector/decision/native.h"

#include "rules/base/decimal.h"
#include "rules/base/json.h"

namespace sluice::injector {
bool has_native_sidecars(std::string_view kubelet_version) {
  constexpr std::uint64_t FirstMinor = 33;
  const std::size_t dot = kubelet_version.find('.');
  if (dot == std::string_view::npos) return false;
  std::string_view minor = kubelet_version.substr(dot + 1);
  minor = minor.substr(0, minor.find_first_not_of("0123456789"));
  return parse_decimal(minor, 100'000).value_or(0) >= FirstMinor;
}

NativeByNode native_by_node(const std::vector<nlohmann::json>& nodes) {
  NativeByNode result;
  result.everywhere = true;
  for (const nlohmann::json& node : nodes) {
    const bool can = has_native_sidecars(text_at(node, {"status", "nodeInfo", "kubeletVersion"}));
    result.nodes[text_at(node, {"metadata", "name"})] = can;
    result.everywhere = result.everywhere && can;
  }
  return result;
}

}  // namespace sluice::injector
