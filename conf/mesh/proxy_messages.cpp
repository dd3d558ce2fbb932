// meshconfig.ProxyConfig and what is below it.

#include "conf/mesh/messages.h"

namespace sluice::mesh {

using schema::Field;
using schema::Kind;
using schema::Type;

constexpr Field kTracingZipkinFields[] = {
    {"Address", "address", &schema::kString},
};
constinit const Type kTracingZipkin{
    .kind = Kind::Message, .name = "v1alpha1.Tracing_Zipkin", .fields = kTracingZipkinFields};

// The last two as in ProxyConfig, below.
constexpr Field kTracingLightstepFields[] = {
    {"Address", "address", &schema::kString},
    {"AccessToken", "accessToken", &schema::kString},
    {"Secure", "secure", &schema::kBool},
    {"CacertPath", "cacertPath", &schema::kString},
};
constinit const Type kTracingLightstep{
    .kind = Kind::Message, .name = "v1alpha1.Tracing_Lightstep", .fields = kTracingLightstepFields};

constexpr Field kTracingDatadogFields[] = {
    {"Address", "address", &schema::kString},
};
constinit const Type kTracingDatadog{
    .kind = Kind::Message, .name = "v1alpha1.Tracing_Datadog", .fields = kTracingDatadogFields};

constexpr Field kTracingStackdriverFields[] = {
    {"Debug", "debug", &schema::kBool},
    {"MaxNumberOfAttributes", "maxNumberOfAttributes", &kInt64Value},
    {"MaxNumberOfAnnotations", "maxNumberOfAnnotations", &kInt64Value},
    {"MaxNumberOfMessageEvents", "maxNumberOfMessageEvents", &kInt64Value},
};
constinit const Type kTracingStackdriver{.kind = Kind::Message,
                                         .name = "v1alpha1.Tracing_Stackdriver",
                                         .fields = kTracingStackdriverFields};

constexpr std::string_view kTracingOpenCensusAgentTraceContextNames[] = {
    "UNSPECIFIED", "W3C_TRACE_CONTEXT", "GRPC_BIN", "CLOUD_TRACE_CONTEXT", "B3"};
constinit const Type kTracingOpenCensusAgentTraceContext{
    .kind = Kind::Enum,
    .name = "v1alpha1.Tracing_OpenCensusAgent_TraceContext",
    .enumerators = kTracingOpenCensusAgentTraceContextNames};

constinit const Type kTracingOpenCensusAgentTraceContextList{
    .kind = Kind::List, .element = &kTracingOpenCensusAgentTraceContext};

constexpr Field kTracingOpenCensusAgentFields[] = {
    {"Address", "address", &schema::kString},
    {"Context", "context", &kTracingOpenCensusAgentTraceContextList},
};
constinit const Type kTracingOpenCensusAgent{.kind = Kind::Message,
                                             .name = "v1alpha1.Tracing_OpenCensusAgent",
                                             .fields = kTracingOpenCensusAgentFields};

constexpr Field kTracingLiteralFields[] = {
    {"Value", "value", &schema::kString},
};
constinit const Type kTracingLiteral{
    .kind = Kind::Message, .name = "v1alpha1.Tracing_Literal", .fields = kTracingLiteralFields};

constexpr Field kTracingEnvironmentFields[] = {
    {"Name", "name", &schema::kString},
    {"DefaultValue", "defaultValue", &schema::kString},
};
constinit const Type kTracingEnvironment{.kind = Kind::Message,
                                         .name = "v1alpha1.Tracing_Environment",
                                         .fields = kTracingEnvironmentFields};

constexpr Field kTracingRequestHeaderFields[] = {
    {"Name", "name", &schema::kString},
    {"DefaultValue", "defaultValue", &schema::kString},
};
constinit const Type kTracingRequestHeader{.kind = Kind::Message,
                                           .name = "v1alpha1.Tracing_RequestHeader",
                                           .fields = kTracingRequestHeaderFields};

constexpr Field kTracingCustomTagFields[] = {
    {"Literal", "literal", &kTracingLiteral},
    {"Environment", "environment", &kTracingEnvironment},
    {"Header", "header", &kTracingRequestHeader},
};
constinit const Type kCustomTagType{.kind = Kind::OneOf,
                                    .name = "v1alpha1.isTracing_CustomTag_Type",
                                    .fields = kTracingCustomTagFields};
constinit const Type kTracingCustomTag{.kind = Kind::Message,
                                       .name = "v1alpha1.Tracing_CustomTag",
                                       .fields = kTracingCustomTagFields,
                                       .one_of = &kCustomTagType};

constinit const Type kTracingCustomTagMap{.kind = Kind::Map, .element = &kTracingCustomTag};

constexpr Field kTracingFields[] = {
    {"Zipkin", "zipkin", &kTracingZipkin},
    {"Lightstep", "lightstep", &kTracingLightstep},
    {"Datadog", "datadog", &kTracingDatadog},
    {"Stackdriver", "stackdriver", &kTracingStackdriver},
    {"OpenCensusAgent", "openCensusAgent", &kTracingOpenCensusAgent},
    {"CustomTags", "customTags", &kTracingCustomTagMap},
    {"MaxPathTagLength", "maxPathTagLength", &kUint32},
    {"Sampling", "sampling", &kDouble},
    {"TlsSettings", "tlsSettings", &kClientTlsSettings},
    {"EnableIstioTags", "enableIstioTags", &kBoolValue},
};
constinit const Type kTracer{.kind = Kind::OneOf,
                             .name = "v1alpha1.isTracing_Tracer",
                             .fields = std::span(kTracingFields).subspan(0, 5)};
constinit const Type kTracing{.kind = Kind::Message,
                              .name = "v1alpha1.Tracing",
                              .fields = kTracingFields,
                              .one_of = &kTracer};

constexpr Field kSDSFields[] = {
    {"Enabled", "enabled", &schema::kBool},
    {"K8SSaJwtPath", "k8sSaJwtPath", &schema::kString},
};
constinit const Type kSDS{.kind = Kind::Message, .name = "v1alpha1.SDS", .fields = kSDSFields};

constexpr Field kRemoteServiceFields[] = {
    {"Address", "address", &schema::kString},
    {"TlsSettings", "tlsSettings", &kClientTlsSettings},
    {"TcpKeepalive", "tcpKeepalive", &kTcpKeepalive},
};
constinit const Type kRemoteService{
    .kind = Kind::Message, .name = "v1alpha1.RemoteService", .fields = kRemoteServiceFields};

constinit const Type kTopologyProxyProtocolConfiguration{
    .kind = Kind::Message, .name = "v1alpha1.Topology_ProxyProtocolConfiguration"};

constexpr std::string_view kForwardClientCertDetailsNames[] = {
    "UNDEFINED",      "SANITIZE",     "FORWARD_ONLY",
    "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY"};
constinit const Type kForwardClientCertDetails{.kind = Kind::Enum,
                                               .name = "v1alpha1.ForwardClientCertDetails",
                                               .enumerators = kForwardClientCertDetailsNames};

constexpr Field kTopologyFields[] = {
    {"NumTrustedProxies", "numTrustedProxies", &kUint32},
    {"ForwardClientCertDetails", "forwardClientCertDetails", &kForwardClientCertDetails},
    {"ProxyProtocol", "proxyProtocol", &kTopologyProxyProtocolConfiguration},
};
constinit const Type kTopology{
    .kind = Kind::Message, .name = "v1alpha1.Topology", .fields = kTopologyFields};

constexpr Field kProxyConfigProxyStatsMatcherFields[] = {
    {"InclusionPrefixes", "inclusionPrefixes", &schema::kStringList},
    {"InclusionSuffixes", "inclusionSuffixes", &schema::kStringList},
    {"InclusionRegexps", "inclusionRegexps", &schema::kStringList},
};
constinit const Type kProxyConfigProxyStatsMatcher{.kind = Kind::Message,
                                                   .name = "v1alpha1.ProxyConfig_ProxyStatsMatcher",
                                                   .fields = kProxyConfigProxyStatsMatcherFields};

constexpr Field kPrivateKeyProviderCryptoMbFields[] = {
    {"PollDelay", "pollDelay", &kDuration},
    {"Fallback", "fallback", &kBoolValue},
};
constinit const Type kPrivateKeyProviderCryptoMb{.kind = Kind::Message,
                                                 .name = "v1alpha1.PrivateKeyProvider_CryptoMb",
                                                 .fields = kPrivateKeyProviderCryptoMbFields};

constexpr Field kPrivateKeyProviderQATFields[] = {
    {"PollDelay", "pollDelay", &kDuration},
    {"Fallback", "fallback", &kBoolValue},
};
constinit const Type kPrivateKeyProviderQAT{.kind = Kind::Message,
                                            .name = "v1alpha1.PrivateKeyProvider_QAT",
                                            .fields = kPrivateKeyProviderQATFields};

constexpr Field kPrivateKeyProviderFields[] = {
    {"Cryptomb", "cryptomb", &kPrivateKeyProviderCryptoMb},
    {"Qat", "qat", &kPrivateKeyProviderQAT},
};
constinit const Type kKeyProvider{.kind = Kind::OneOf,
                                  .name = "v1alpha1.isPrivateKeyProvider_Provider",
                                  .fields = kPrivateKeyProviderFields};
constinit const Type kPrivateKeyProvider{.kind = Kind::Message,
                                         .name = "v1alpha1.PrivateKeyProvider",
                                         .fields = kPrivateKeyProviderFields,
                                         .one_of = &kKeyProvider};

constexpr Field kProxyConfigProxyHeadersSetCurrentClientCertDetailsFields[] = {
    {"Subject", "subject", &kBoolValue}, {"Cert", "cert", &kBoolValue},
    {"Chain", "chain", &kBoolValue},     {"Dns", "dns", &kBoolValue},
    {"Uri", "uri", &kBoolValue},
};
constinit const Type kProxyConfigProxyHeadersSetCurrentClientCertDetails{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_SetCurrentClientCertDetails",
    .fields = kProxyConfigProxyHeadersSetCurrentClientCertDetailsFields};

constexpr Field kProxyConfigProxyHeadersRequestIdFields[] = {
    {"Disabled", "disabled", &kBoolValue},
};
constinit const Type kProxyConfigProxyHeadersRequestId{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_RequestId",
    .fields = kProxyConfigProxyHeadersRequestIdFields};

constexpr Field kProxyConfigProxyHeadersServerFields[] = {
    {"Disabled", "disabled", &kBoolValue},
    {"Value", "value", &schema::kString},
};
constinit const Type kProxyConfigProxyHeadersServer{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_Server",
    .fields = kProxyConfigProxyHeadersServerFields};

constexpr Field kProxyConfigProxyHeadersAttemptCountFields[] = {
    {"Disabled", "disabled", &kBoolValue},
};
constinit const Type kProxyConfigProxyHeadersAttemptCount{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_AttemptCount",
    .fields = kProxyConfigProxyHeadersAttemptCountFields};

constexpr Field kProxyConfigProxyHeadersEnvoyDebugHeadersFields[] = {
    {"Disabled", "disabled", &kBoolValue},
};
constinit const Type kProxyConfigProxyHeadersEnvoyDebugHeaders{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_EnvoyDebugHeaders",
    .fields = kProxyConfigProxyHeadersEnvoyDebugHeadersFields};

constexpr std::string_view kProxyConfigProxyHeadersMetadataExchangeModeNames[] = {"UNDEFINED",
                                                                                  "IN_MESH"};
constinit const Type kProxyConfigProxyHeadersMetadataExchangeMode{
    .kind = Kind::Enum,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_MetadataExchangeMode",
    .enumerators = kProxyConfigProxyHeadersMetadataExchangeModeNames};

constexpr Field kProxyConfigProxyHeadersMetadataExchangeHeadersFields[] = {
    {"Mode", "mode", &kProxyConfigProxyHeadersMetadataExchangeMode},
};
constinit const Type kProxyConfigProxyHeadersMetadataExchangeHeaders{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_MetadataExchangeHeaders",
    .fields = kProxyConfigProxyHeadersMetadataExchangeHeadersFields};

constexpr Field kProxyConfigProxyHeadersXForwardedHostFields[] = {
    {"Enabled", "enabled", &kBoolValue},
};
constinit const Type kProxyConfigProxyHeadersXForwardedHost{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_XForwardedHost",
    .fields = kProxyConfigProxyHeadersXForwardedHostFields};

constexpr Field kProxyConfigProxyHeadersXForwardedPortFields[] = {
    {"Enabled", "enabled", &kBoolValue},
};
constinit const Type kProxyConfigProxyHeadersXForwardedPort{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ProxyHeaders_XForwardedPort",
    .fields = kProxyConfigProxyHeadersXForwardedPortFields};

constexpr Field kProxyConfigProxyHeadersFields[] = {
    {"ForwardedClientCert", "forwardedClientCert", &kForwardClientCertDetails},
    {"SetCurrentClientCertDetails", "setCurrentClientCertDetails",
     &kProxyConfigProxyHeadersSetCurrentClientCertDetails},
    {"RequestId", "requestId", &kProxyConfigProxyHeadersRequestId},
    {"Server", "server", &kProxyConfigProxyHeadersServer},
    {"AttemptCount", "attemptCount", &kProxyConfigProxyHeadersAttemptCount},
    {"EnvoyDebugHeaders", "envoyDebugHeaders", &kProxyConfigProxyHeadersEnvoyDebugHeaders},
    {"MetadataExchangeHeaders", "metadataExchangeHeaders",
     &kProxyConfigProxyHeadersMetadataExchangeHeaders},
    {"PreserveHttp1HeaderCase", "preserveHttp1HeaderCase", &kBoolValue},
    {"XForwardedHost", "xForwardedHost", &kProxyConfigProxyHeadersXForwardedHost},
    {"XForwardedPort", "xForwardedPort", &kProxyConfigProxyHeadersXForwardedPort},
};
constinit const Type kProxyConfigProxyHeaders{.kind = Kind::Message,
                                              .name = "v1alpha1.ProxyConfig_ProxyHeaders",
                                              .fields = kProxyConfigProxyHeadersFields};

constexpr std::string_view kProxyConfigConnectionSettingsProfileNames[] = {"SIDECAR", "EDGE"};
constinit const Type kProxyConfigConnectionSettingsProfile{
    .kind = Kind::Enum,
    .name = "v1alpha1.ProxyConfig_ConnectionSettings_Profile",
    .enumerators = kProxyConfigConnectionSettingsProfileNames};

constexpr std::string_view kProxyConfigConnectionSettingsHeadersWithUnderscoresActionNames[] = {
    "HEADERS_WITH_UNDERSCORES_UNSPECIFIED", "HEADERS_WITH_UNDERSCORES_ALLOW",
    "HEADERS_WITH_UNDERSCORES_REJECT_REQUEST", "HEADERS_WITH_UNDERSCORES_DROP_HEADER"};
constinit const Type kProxyConfigConnectionSettingsHeadersWithUnderscoresAction{
    .kind = Kind::Enum,
    .name = "v1alpha1.ProxyConfig_ConnectionSettings_HeadersWithUnderscoresAction",
    .enumerators = kProxyConfigConnectionSettingsHeadersWithUnderscoresActionNames};

constexpr std::string_view kProxyConfigConnectionSettingsPathWithEscapedSlashesActionNames[] = {
    "PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED", "KEEP_UNCHANGED", "REJECT_REQUEST",
    "UNESCAPE_AND_REDIRECT", "UNESCAPE_AND_FORWARD"};
constinit const Type kProxyConfigConnectionSettingsPathWithEscapedSlashesAction{
    .kind = Kind::Enum,
    .name = "v1alpha1.ProxyConfig_ConnectionSettings_PathWithEscapedSlashesAction",
    .enumerators = kProxyConfigConnectionSettingsPathWithEscapedSlashesActionNames};

constexpr Field kProxyConfigConnectionSettingsFields[] = {
    {"Profile", "profile", &kProxyConfigConnectionSettingsProfile},
    {"ListenerPerConnectionBufferLimitBytes", "listenerPerConnectionBufferLimitBytes",
     &kInt32Value},
    {"ClusterPerConnectionBufferLimitBytes", "clusterPerConnectionBufferLimitBytes", &kInt32Value},
    {"HttpIdleTimeout", "httpIdleTimeout", &kDuration},
    {"HttpMaxConnectionDuration", "httpMaxConnectionDuration", &kDuration},
    {"HttpDrainTimeout", "httpDrainTimeout", &kDuration},
    {"HttpRequestTimeout", "httpRequestTimeout", &kDuration},
    {"HttpRequestHeadersTimeout", "httpRequestHeadersTimeout", &kDuration},
    {"HttpStreamIdleTimeout", "httpStreamIdleTimeout", &kDuration},
    {"HttpMaxStreamDuration", "httpMaxStreamDuration", &kDuration},
    {"HttpMaxConcurrentStreams", "httpMaxConcurrentStreams", &kInt32Value},
    {"Http2InitialStreamWindowSize", "http2InitialStreamWindowSize", &kInt32Value},
    {"Http2InitialConnectionWindowSize", "http2InitialConnectionWindowSize", &kInt32Value},
    {"HttpHeadersWithUnderscoresAction", "httpHeadersWithUnderscoresAction",
     &kProxyConfigConnectionSettingsHeadersWithUnderscoresAction},
    {"HttpMergeSlashes", "httpMergeSlashes", &kBoolValue},
    {"HttpPathWithEscapedSlashesAction", "httpPathWithEscapedSlashesAction",
     &kProxyConfigConnectionSettingsPathWithEscapedSlashesAction},
    {"ListenerConnectionLimit", "listenerConnectionLimit", &kInt32Value},
    {"GlobalDownstreamConnectionLimit", "globalDownstreamConnectionLimit", &kInt32Value},
};
constinit const Type kProxyConfigConnectionSettings{
    .kind = Kind::Message,
    .name = "v1alpha1.ProxyConfig_ConnectionSettings",
    .fields = kProxyConfigConnectionSettingsFields};

constexpr std::string_view kProxyConfigTracingServiceNameNames[] = {
    "APP_LABEL_AND_NAMESPACE", "CANONICAL_NAME_ONLY", "CANONICAL_NAME_AND_NAMESPACE"};
constinit const Type kProxyConfigTracingServiceName{
    .kind = Kind::Enum,
    .name = "v1alpha1.ProxyConfig_TracingServiceName",
    .enumerators = kProxyConfigTracingServiceNameNames};

constexpr std::string_view kAuthenticationPolicyNames[] = {"NONE", "MUTUAL_TLS", "INHERIT"};
constinit const Type kAuthenticationPolicy{.kind = Kind::Enum,
                                           .name = "v1alpha1.AuthenticationPolicy",
                                           .enumerators = kAuthenticationPolicyNames};

constexpr std::string_view kProxyConfigInboundInterceptionModeNames[] = {"REDIRECT", "TPROXY",
                                                                         "NONE"};
constinit const Type kProxyConfigInboundInterceptionMode{
    .kind = Kind::Enum,
    .name = "v1alpha1.ProxyConfig_InboundInterceptionMode",
    .enumerators = kProxyConfigInboundInterceptionModeNames};

// The last two were fields once, and templates of that time ask for them.
constexpr Field kProxyConfigFields[] = {
    {"ConfigPath", "configPath", &schema::kString},
    {"BinaryPath", "binaryPath", &schema::kString},
    {"ServiceCluster", "serviceCluster", &schema::kString},
    {"TracingServiceName", "tracingServiceName", &kProxyConfigTracingServiceName},
    {"DrainDuration", "drainDuration", &kDuration},
    {"DiscoveryAddress", "discoveryAddress", &schema::kString},
    {"DiscoveryRefreshDelay", "discoveryRefreshDelay", &kDuration},
    {"ZipkinAddress", "zipkinAddress", &schema::kString},
    {"StatsdUdpAddress", "statsdUdpAddress", &schema::kString},
    {"EnvoyMetricsServiceAddress", "envoyMetricsServiceAddress", &schema::kString},
    {"ProxyAdminPort", "proxyAdminPort", &kInt32},
    {"AvailabilityZone", "availabilityZone", &schema::kString},
    {"ControlPlaneAuthPolicy", "controlPlaneAuthPolicy", &kAuthenticationPolicy},
    {"CustomConfigFile", "customConfigFile", &schema::kString},
    {"StatNameLength", "statNameLength", &kInt32},
    {"Concurrency", "concurrency", &kInt32Value},
    {"ProxyBootstrapTemplatePath", "proxyBootstrapTemplatePath", &schema::kString},
    {"InterceptionMode", "interceptionMode", &kProxyConfigInboundInterceptionMode},
    {"Tracing", "tracing", &kTracing},
    {"Sds", "sds", &kSDS},
    {"EnvoyAccessLogService", "envoyAccessLogService", &kRemoteService},
    {"EnvoyMetricsService", "envoyMetricsService", &kRemoteService},
    {"ProxyMetadata", "proxyMetadata", &schema::kStringMap},
    {"RuntimeValues", "runtimeValues", &schema::kStringMap},
    {"StatusPort", "statusPort", &kInt32},
    {"ExtraStatTags", "extraStatTags", &schema::kStringList},
    {"GatewayTopology", "gatewayTopology", &kTopology},
    {"TerminationDrainDuration", "terminationDrainDuration", &kDuration},
    {"MeshId", "meshId", &schema::kString},
    {"ReadinessProbe", "readinessProbe", &kReadinessProbe},
    {"ProxyStatsMatcher", "proxyStatsMatcher", &kProxyConfigProxyStatsMatcher},
    {"HoldApplicationUntilProxyStarts", "holdApplicationUntilProxyStarts", &kBoolValue},
    {"CaCertificatesPem", "caCertificatesPem", &schema::kStringList},
    {"Image", "image", &kProxyImage},
    {"PrivateKeyProvider", "privateKeyProvider", &kPrivateKeyProvider},
    {"ProxyHeaders", "proxyHeaders", &kProxyConfigProxyHeaders},
    {"FileFlushInterval", "fileFlushInterval", &kDuration},
    {"FileFlushMinSizeKb", "fileFlushMinSizeKb", &kUint32},
    {"StatsCompression", "statsCompression", &kBoolValue},
    {"ConnectionSettings", "connectionSettings", &kProxyConfigConnectionSettings},
    {"ParentShutdownDuration", "parentShutdownDuration", &kDuration},
    {"ConnectTimeout", "connectTimeout", &kDuration},
};
constinit const Type kClusterName{.kind = Kind::OneOf,
                                  .name = "v1alpha1.isProxyConfig_ClusterName",
                                  .fields = std::span(kProxyConfigFields).subspan(2, 2)};
constinit const Type kProxyConfig{.kind = Kind::Message,
                                  .name = "v1alpha1.ProxyConfig",
                                  .fields = kProxyConfigFields,
                                  .one_of = &kClusterName};

}  // namespace sluice::mesh
