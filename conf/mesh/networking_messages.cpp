// What MeshConfig and ProxyConfig borrow from Istio's networking API.

#include "conf/mesh/messages.h"

namespace sluice::mesh {

using schema::Field;
using schema::Kind;
using schema::Type;

constexpr std::string_view kClientTLSSettingsTLSmodeNames[] = {"DISABLE", "SIMPLE", "MUTUAL",
                                                               "ISTIO_MUTUAL"};
constinit const Type kClientTLSSettingsTLSmode{.kind = Kind::Enum,
                                               .name = "v1alpha3.ClientTLSSettings_TLSmode",
                                               .enumerators = kClientTLSSettingsTLSmodeNames};

constexpr Field kClientTlsSettingsFields[] = {
    {"Mode", "mode", &kClientTLSSettingsTLSmode},
    {"ClientCertificate", "clientCertificate", &schema::kString},
    {"PrivateKey", "privateKey", &schema::kString},
    {"CaCertificates", "caCertificates", &schema::kString},
    {"CredentialName", "credentialName", &schema::kString},
    {"SubjectAltNames", "subjectAltNames", &schema::kStringList},
    {"Sni", "sni", &schema::kString},
    {"InsecureSkipVerify", "insecureSkipVerify", &kBoolValue},
    {"CaCrl", "caCrl", &schema::kString},
};
constinit const Type kClientTlsSettings{.kind = Kind::Message,
                                        .name = "v1alpha3.ClientTLSSettings",
                                        .fields = kClientTlsSettingsFields};

constexpr Field kTcpKeepaliveFields[] = {
    {"Probes", "probes", &kUint32},
    {"Time", "time", &kDuration},
    {"Interval", "interval", &kDuration},
};
constinit const Type kTcpKeepalive{
    .kind = Kind::Message,
    .name = "v1alpha3.ConnectionPoolSettings_TCPSettings_TcpKeepalive",
    .fields = kTcpKeepaliveFields};

constexpr Field kHTTPHeaderFields[] = {
    {"Name", "name", &schema::kString},
    {"Value", "value", &schema::kString},
};
constinit const Type kHTTPHeader{
    .kind = Kind::Message, .name = "v1alpha3.HTTPHeader", .fields = kHTTPHeaderFields};

constinit const Type kHTTPHeaderList{.kind = Kind::List, .element = &kHTTPHeader};

constexpr Field kHTTPHealthCheckConfigFields[] = {
    {"Path", "path", &schema::kString},
    {"Port", "port", &kUint32},
    {"Host", "host", &schema::kString},
    {"Scheme", "scheme", &schema::kString},
    {"HttpHeaders", "httpHeaders", &kHTTPHeaderList},
};
constinit const Type kHTTPHealthCheckConfig{.kind = Kind::Message,
                                            .name = "v1alpha3.HTTPHealthCheckConfig",
                                            .fields = kHTTPHealthCheckConfigFields};

constexpr Field kTCPHealthCheckConfigFields[] = {
    {"Host", "host", &schema::kString},
    {"Port", "port", &kUint32},
};
constinit const Type kTCPHealthCheckConfig{.kind = Kind::Message,
                                           .name = "v1alpha3.TCPHealthCheckConfig",
                                           .fields = kTCPHealthCheckConfigFields};

constexpr Field kExecHealthCheckConfigFields[] = {
    {"Command", "command", &schema::kStringList},
};
constinit const Type kExecHealthCheckConfig{.kind = Kind::Message,
                                            .name = "v1alpha3.ExecHealthCheckConfig",
                                            .fields = kExecHealthCheckConfigFields};

constexpr Field kGrpcHealthCheckConfigFields[] = {
    {"Port", "port", &kUint32},
    {"Service", "service", &schema::kString},
};
constinit const Type kGrpcHealthCheckConfig{.kind = Kind::Message,
                                            .name = "v1alpha3.GrpcHealthCheckConfig",
                                            .fields = kGrpcHealthCheckConfigFields};

constexpr Field kReadinessProbeFields[] = {
    {"InitialDelaySeconds", "initialDelaySeconds", &kInt32},
    {"TimeoutSeconds", "timeoutSeconds", &kInt32},
    {"PeriodSeconds", "periodSeconds", &kInt32},
    {"SuccessThreshold", "successThreshold", &kInt32},
    {"FailureThreshold", "failureThreshold", &kInt32},
    {"HttpGet", "httpGet", &kHTTPHealthCheckConfig},
    {"TcpSocket", "tcpSocket", &kTCPHealthCheckConfig},
    {"Exec", "exec", &kExecHealthCheckConfig},
    {"Grpc", "grpc", &kGrpcHealthCheckConfig},
};
constinit const Type kHealthCheckMethod{.kind = Kind::OneOf,
                                        .name = "v1alpha3.isReadinessProbe_HealthCheckMethod",
                                        .fields = std::span(kReadinessProbeFields).subspan(5, 4)};
constinit const Type kReadinessProbe{.kind = Kind::Message,
                                     .name = "v1alpha3.ReadinessProbe",
                                     .fields = kReadinessProbeFields,
                                     .one_of = &kHealthCheckMethod};

constexpr Field kProxyImageFields[] = {
    {"ImageType", "imageType", &schema::kString},
};
constinit const Type kProxyImage{
    .kind = Kind::Message, .name = "v1beta1.ProxyImage", .fields = kProxyImageFields};

constinit const Type kUint32Map{.kind = Kind::Map, .element = &kUint32};

constexpr Field kLocalityLoadBalancerSettingDistributeFields[] = {
    {"From", "from", &schema::kString},
    {"To", "to", &kUint32Map},
};
constinit const Type kLocalityLoadBalancerSettingDistribute{
    .kind = Kind::Message,
    .name = "v1alpha3.LocalityLoadBalancerSetting_Distribute",
    .fields = kLocalityLoadBalancerSettingDistributeFields};

constexpr Field kLocalityLoadBalancerSettingFailoverFields[] = {
    {"From", "from", &schema::kString},
    {"To", "to", &schema::kString},
};
constinit const Type kLocalityLoadBalancerSettingFailover{
    .kind = Kind::Message,
    .name = "v1alpha3.LocalityLoadBalancerSetting_Failover",
    .fields = kLocalityLoadBalancerSettingFailoverFields};

constinit const Type kLocalityLoadBalancerSettingDistributeList{
    .kind = Kind::List, .element = &kLocalityLoadBalancerSettingDistribute};

constinit const Type kLocalityLoadBalancerSettingFailoverList{
    .kind = Kind::List, .element = &kLocalityLoadBalancerSettingFailover};

constexpr Field kLocalityLoadBalancerSettingFields[] = {
    {"Distribute", "distribute", &kLocalityLoadBalancerSettingDistributeList},
    {"Failover", "failover", &kLocalityLoadBalancerSettingFailoverList},
    {"FailoverPriority", "failoverPriority", &schema::kStringList},
    {"Enabled", "enabled", &kBoolValue},
};
constinit const Type kLocalityLoadBalancerSetting{.kind = Kind::Message,
                                                  .name = "v1alpha3.LocalityLoadBalancerSetting",
                                                  .fields = kLocalityLoadBalancerSettingFields};

constexpr Field kZoneAwareLoadBalancerSettingFailoverFields[] = {
    {"From", "from", &schema::kString},
    {"To", "to", &schema::kString},
};
constinit const Type kZoneAwareLoadBalancerSettingFailover{
    .kind = Kind::Message,
    .name = "v1alpha3.ZoneAwareLoadBalancerSetting_Failover",
    .fields = kZoneAwareLoadBalancerSettingFailoverFields};

constinit const Type kZoneAwareLoadBalancerSettingFailoverList{
    .kind = Kind::List, .element = &kZoneAwareLoadBalancerSettingFailover};

constexpr Field kZoneAwareLoadBalancerSettingFields[] = {
    {"Enabled", "enabled", &kBoolValue},
    {"Failover", "failover", &kZoneAwareLoadBalancerSettingFailoverList},
    {"FailoverPriority", "failoverPriority", &schema::kStringList},
    {"MinClusterSize", "minClusterSize", &kUint32Value},
};
constinit const Type kZoneAwareLoadBalancerSetting{.kind = Kind::Message,
                                                   .name = "v1alpha3.ZoneAwareLoadBalancerSetting",
                                                   .fields = kZoneAwareLoadBalancerSettingFields};

constexpr Field kHttpRetryFields[] = {
    {"Attempts", "attempts", &kInt32},
    {"PerTryTimeout", "perTryTimeout", &kDuration},
    {"RetryOn", "retryOn", &schema::kString},
    {"RetryRemoteLocalities", "retryRemoteLocalities", &kBoolValue},
    {"RetryIgnorePreviousHosts", "retryIgnorePreviousHosts", &kBoolValue},
    {"Backoff", "backoff", &kDuration},
};
constinit const Type kHttpRetry{
    .kind = Kind::Message, .name = "v1alpha3.HTTPRetry", .fields = kHttpRetryFields};

constexpr Field kConnectionPoolSettingsTCPSettingsFields[] = {
    {"MaxConnections", "maxConnections", &kInt32},
    {"ConnectTimeout", "connectTimeout", &kDuration},
    {"TcpKeepalive", "tcpKeepalive", &kTcpKeepalive},
    {"MaxConnectionDuration", "maxConnectionDuration", &kDuration},
    {"IdleTimeout", "idleTimeout", &kDuration},
};
constinit const Type kConnectionPoolSettingsTCPSettings{
    .kind = Kind::Message,
    .name = "v1alpha3.ConnectionPoolSettings_TCPSettings",
    .fields = kConnectionPoolSettingsTCPSettingsFields};

constexpr Field kConnectionPoolSettingsHTTPSettingsConnectionKeepaliveFields[] = {
    {"Interval", "interval", &kDuration},
    {"Timeout", "timeout", &kDuration},
};
constinit const Type kConnectionPoolSettingsHTTPSettingsConnectionKeepalive{
    .kind = Kind::Message,
    .name = "v1alpha3.ConnectionPoolSettings_HTTPSettings_ConnectionKeepalive",
    .fields = kConnectionPoolSettingsHTTPSettingsConnectionKeepaliveFields};

constexpr std::string_view kConnectionPoolSettingsHTTPSettingsH2UpgradePolicyNames[] = {
    "DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"};
constinit const Type kConnectionPoolSettingsHTTPSettingsH2UpgradePolicy{
    .kind = Kind::Enum,
    .name = "v1alpha3.ConnectionPoolSettings_HTTPSettings_H2UpgradePolicy",
    .enumerators = kConnectionPoolSettingsHTTPSettingsH2UpgradePolicyNames};

constexpr Field kConnectionPoolSettingsHTTPSettingsFields[] = {
    {"Http1MaxPendingRequests", "http1MaxPendingRequests", &kInt32},
    {"Http2MaxRequests", "http2MaxRequests", &kInt32},
    {"MaxRequestsPerConnection", "maxRequestsPerConnection", &kInt32},
    {"MaxRetries", "maxRetries", &kInt32},
    {"IdleTimeout", "idleTimeout", &kDuration},
    {"H2UpgradePolicy", "h2UpgradePolicy", &kConnectionPoolSettingsHTTPSettingsH2UpgradePolicy},
    {"UseClientProtocol", "useClientProtocol", &schema::kBool},
    {"MaxConcurrentStreams", "maxConcurrentStreams", &kInt32},
    {"Http2KeepAlive", "http2KeepAlive", &kConnectionPoolSettingsHTTPSettingsConnectionKeepalive},
};
constinit const Type kConnectionPoolSettingsHTTPSettings{
    .kind = Kind::Message,
    .name = "v1alpha3.ConnectionPoolSettings_HTTPSettings",
    .fields = kConnectionPoolSettingsHTTPSettingsFields};

constexpr Field kConnectionPoolSettingsFields[] = {
    {"Tcp", "tcp", &kConnectionPoolSettingsTCPSettings},
    {"Http", "http", &kConnectionPoolSettingsHTTPSettings},
};
constinit const Type kConnectionPoolSettings{.kind = Kind::Message,
                                             .name = "v1alpha3.ConnectionPoolSettings",
                                             .fields = kConnectionPoolSettingsFields};

constinit const Type kUint32List{.kind = Kind::List, .element = &kUint32};

constexpr Field kOutlierDetectionFields[] = {
    {"ConsecutiveErrors", "consecutiveErrors", &kInt32},
    {"SplitExternalLocalOriginErrors", "splitExternalLocalOriginErrors", &schema::kBool},
    {"ConsecutiveLocalOriginFailures", "consecutiveLocalOriginFailures", &kUint32Value},
    {"ConsecutiveGatewayErrors", "consecutiveGatewayErrors", &kUint32Value},
    {"Consecutive_5XxErrors", "consecutive5xxErrors", &kUint32Value},
    {"Interval", "interval", &kDuration},
    {"BaseEjectionTime", "baseEjectionTime", &kDuration},
    {"MaxEjectionPercent", "maxEjectionPercent", &kInt32},
    {"MinHealthPercent", "minHealthPercent", &kInt32},
    {"OutlierDetectionHttpErrorCodes", "outlierDetectionHttpErrorCodes", &kUint32List},
};
constinit const Type kOutlierDetection{
    .kind = Kind::Message, .name = "v1alpha3.OutlierDetection", .fields = kOutlierDetectionFields};

}  // namespace sluice::mesh
