#include "conf/mesh/messages.h"

#include <algorithm>
#include <array>

namespace sluice::mesh {

using schema::Kind;
using schema::Type;

constinit const Type kInt32{.kind = Kind::Int, .name = "int32"};
constinit const Type kUint32{.kind = Kind::Int, .name = "uint32"};
constinit const Type kDouble{.kind = Kind::Float, .name = "float64"};
constinit const Type kDuration{.kind = Kind::Duration, .name = "durationpb.Duration"};

constinit const Type kBoolValue{
    .kind = Kind::Wrapper, .name = "wrapperspb.BoolValue", .element = &schema::kBool};
constinit const Type kInt32Value{
    .kind = Kind::Wrapper, .name = "wrapperspb.Int32Value", .element = &kInt32};
constinit const Type kUint32Value{
    .kind = Kind::Wrapper, .name = "wrapperspb.UInt32Value", .element = &kUint32};
constinit const Type kInt64Value{
    .kind = Kind::Wrapper, .name = "wrapperspb.Int64Value", .element = &schema::kInt};

namespace {

/// Enumerators whose number is not their place in the list.
constexpr struct {
  std::string_view type;
  std::string_view name;
  std::int64_t number;
} kNumbers[] = {
    {"v1alpha1.MeshConfig_OutboundTrafficPolicy_Mode", "ALLOW_ANY_DYNAMIC_DNS", 3},
    {"v1alpha1.AuthenticationPolicy", "INHERIT", 1000},
};

}  // namespace

std::string_view odd_proto_name(std::string_view json) {
  static constexpr std::array<std::array<std::string_view, 2>, 5> kOdd{
      {{"matchLabels", "matchLabels"},
       {"matchExpressions", "matchExpressions"},
       {"enable64bitTraceId", "enable_64bit_trace_id"},
       {"consecutive5xxErrors", "consecutive_5xx_errors"},
       {"meshMTLS", "mesh_mTLS"}}};
  const auto at = std::ranges::find(kOdd, json, [](const auto& row) { return row[0]; });
  return at == kOdd.end() ? std::string_view() : (*at)[1];
}

std::string_view enumerator(const Type& type, std::int64_t number) {
  const std::string_view* odd = nullptr;
  for (const auto& row : kNumbers) {
    if (row.type != type.name) continue;
    if (row.number == number) return row.name;
    odd = &row.name;
  }
  const auto place = static_cast<std::uint64_t>(number);
  if (number < 0 || place >= type.enumerators.size()) return {};
  const std::string_view name = type.enumerators[place];
  return odd != nullptr && *odd == name ? std::string_view() : name;
}

bool is_former_field(const Type& message, std::string_view json) {
  if (&message == &kProxyConfig)
    return json == "parentShutdownDuration" || json == "connectTimeout";
  return &message == &kTracingLightstep && (json == "secure" || json == "cacertPath");
}

}  // namespace sluice::mesh
