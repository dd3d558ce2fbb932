#pragma once

// The messages of Istio's mesh API as tables, and what a table of fields does not say about them:
// odd names, former fields, and enumerators whose number is not their place.

#include <cstdint>
#include <string_view>

#include "conf/mesh/mesh_config.h"
#include "conf/schema/type.h"

namespace sluice::mesh {

extern const schema::Type kInt32;
extern const schema::Type kUint32;
extern const schema::Type kDouble;
extern const schema::Type kDuration;
extern const schema::Type kBoolValue;
extern const schema::Type kInt32Value;
extern const schema::Type kUint32Value;
extern const schema::Type kInt64Value;

extern const schema::Type kCertificateData;
extern const schema::Type kClientTlsSettings;
extern const schema::Type kConnectionPoolSettings;
extern const schema::Type kEnvoyFileAccessLogProviderLogFormat;
extern const schema::Type kExtensionProvider;
extern const schema::Type kHttpHeader;
extern const schema::Type kHttpRetry;
extern const schema::Type kLocalityLoadBalancerSetting;
extern const schema::Type kOutlierDetection;
extern const schema::Type kPrivateKeyProvider;
extern const schema::Type kProxyImage;
extern const schema::Type kReadinessProbe;
extern const schema::Type kTcpKeepalive;
extern const schema::Type kTracing;
extern const schema::Type kTracingCustomTag;
extern const schema::Type kTracingLightstep;
extern const schema::Type kZoneAwareLoadBalancerSetting;

/// The name of a field in its .proto file, where it is not the JSON name with `_` before capitals.
[[nodiscard]] std::string_view odd_proto_name(std::string_view json);

/// The enumerator that `number` stands for, or empty.
[[nodiscard]] std::string_view enumerator(const schema::Type& type, std::int64_t number);

/// Whether `message` has had a field `json` once, but has it no more: templates may ask for it, and
/// nothing prints it.
[[nodiscard]] bool is_former_field(const schema::Type& message, std::string_view json);

}  // namespace sluice::mesh
