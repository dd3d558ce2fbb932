// MeshConfig.ExtensionProvider and what is below it.

#include "conf/mesh/messages.h"

namespace sluice::mesh {

using schema::Field;
using schema::Kind;
using schema::Type;

constexpr Field kEnvoyExternalAuthorizationRequestBodyFields[] = {
    {"MaxRequestBytes", "maxRequestBytes", &kUint32},
    {"AllowPartialMessage", "allowPartialMessage", &schema::kBool},
    {"PackAsBytes", "packAsBytes", &schema::kBool},
};
constinit const Type kEnvoyExternalAuthorizationRequestBody{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationRequestBody",
    .fields = kEnvoyExternalAuthorizationRequestBodyFields};

constexpr Field kEnvoyExternalAuthorizationHttpProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"Timeout", "timeout", &kDuration},
    {"PathPrefix", "pathPrefix", &schema::kString},
    {"FailOpen", "failOpen", &schema::kBool},
    {"ClearRouteCache", "clearRouteCache", &schema::kBool},
    {"StatusOnError", "statusOnError", &schema::kString},
    {"IncludeHeadersInCheck", "includeHeadersInCheck", &schema::kStringList},
    {"IncludeRequestHeadersInCheck", "includeRequestHeadersInCheck", &schema::kStringList},
    {"IncludeAdditionalHeadersInCheck", "includeAdditionalHeadersInCheck", &schema::kStringMap},
    {"IncludeRequestBodyInCheck", "includeRequestBodyInCheck",
     &kEnvoyExternalAuthorizationRequestBody},
    {"HeadersToUpstreamOnAllow", "headersToUpstreamOnAllow", &schema::kStringList},
    {"HeadersToDownstreamOnDeny", "headersToDownstreamOnDeny", &schema::kStringList},
    {"HeadersToDownstreamOnAllow", "headersToDownstreamOnAllow", &schema::kStringList},
};
constinit const Type kEnvoyExternalAuthorizationHttpProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationHttpProvider",
    .fields = kEnvoyExternalAuthorizationHttpProviderFields};

constexpr Field kEnvoyExternalAuthorizationGrpcProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"Timeout", "timeout", &kDuration},
    {"FailOpen", "failOpen", &schema::kBool},
    {"ClearRouteCache", "clearRouteCache", &schema::kBool},
    {"StatusOnError", "statusOnError", &schema::kString},
    {"IncludeRequestBodyInCheck", "includeRequestBodyInCheck",
     &kEnvoyExternalAuthorizationRequestBody},
};
constinit const Type kEnvoyExternalAuthorizationGrpcProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationGrpcProvider",
    .fields = kEnvoyExternalAuthorizationGrpcProviderFields};

constexpr Field kHttpHeaderFields[] = {
    {"Name", "name", &schema::kString},
    {"Value", "value", &schema::kString},
    {"EnvName", "envName", &schema::kString},
};
constinit const Type kHeaderValue{
    .kind = Kind::OneOf,
    .name = "v1alpha1.isMeshConfig_ExtensionProvider_HttpHeader_HeaderValue",
    .fields = std::span(kHttpHeaderFields).subspan(1, 2)};
constinit const Type kHttpHeader{.kind = Kind::Message,
                                 .name = "v1alpha1.MeshConfig_ExtensionProvider_HttpHeader",
                                 .fields = kHttpHeaderFields,
                                 .one_of = &kHeaderValue};

constexpr std::string_view kZipkinTracingProviderTraceContextOptionNames[] = {
    "USE_B3", "USE_B3_WITH_W3C_PROPAGATION"};
constinit const Type kZipkinTracingProviderTraceContextOption{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_ZipkinTracingProvider_TraceContextOption",
    .enumerators = kZipkinTracingProviderTraceContextOptionNames};

constinit const Type kHttpHeaderList{.kind = Kind::List, .element = &kHttpHeader};

constexpr Field kZipkinTracingProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"MaxTagLength", "maxTagLength", &kUint32},
    {"Enable_64BitTraceId", "enable64bitTraceId", &schema::kBool},
    {"Path", "path", &schema::kString},
    {"TraceContextOption", "traceContextOption", &kZipkinTracingProviderTraceContextOption},
    {"Timeout", "timeout", &kDuration},
    {"Headers", "headers", &kHttpHeaderList},
};
constinit const Type kZipkinTracingProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_ZipkinTracingProvider",
    .fields = kZipkinTracingProviderFields};

constexpr Field kLightstepTracingProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"AccessToken", "accessToken", &schema::kString},
    {"MaxTagLength", "maxTagLength", &kUint32},
};
constinit const Type kLightstepTracingProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_LightstepTracingProvider",
    .fields = kLightstepTracingProviderFields};

constexpr Field kDatadogTracingProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"MaxTagLength", "maxTagLength", &kUint32},
};
constinit const Type kDatadogTracingProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_DatadogTracingProvider",
    .fields = kDatadogTracingProviderFields};

constexpr Field kStackdriverProviderLoggingFields[] = {
    {"Labels", "labels", &schema::kStringMap},
};
constinit const Type kStackdriverProviderLogging{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_StackdriverProvider_Logging",
    .fields = kStackdriverProviderLoggingFields};

constexpr Field kStackdriverProviderFields[] = {
    {"Debug", "debug", &schema::kBool},
    {"MaxNumberOfAttributes", "maxNumberOfAttributes", &kInt64Value},
    {"MaxNumberOfAnnotations", "maxNumberOfAnnotations", &kInt64Value},
    {"MaxNumberOfMessageEvents", "maxNumberOfMessageEvents", &kInt64Value},
    {"MaxTagLength", "maxTagLength", &kUint32},
    {"Logging", "logging", &kStackdriverProviderLogging},
};
constinit const Type kStackdriverProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_StackdriverProvider",
    .fields = kStackdriverProviderFields};

constexpr std::string_view kOpenCensusAgentTracingProviderTraceContextNames[] = {
    "UNSPECIFIED", "W3C_TRACE_CONTEXT", "GRPC_BIN", "CLOUD_TRACE_CONTEXT", "B3"};
constinit const Type kOpenCensusAgentTracingProviderTraceContext{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_OpenCensusAgentTracingProvider_TraceContext",
    .enumerators = kOpenCensusAgentTracingProviderTraceContextNames};

constinit const Type kOpenCensusAgentTracingProviderTraceContextList{
    .kind = Kind::List, .element = &kOpenCensusAgentTracingProviderTraceContext};

constexpr Field kOpenCensusAgentTracingProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"Context", "context", &kOpenCensusAgentTracingProviderTraceContextList},
    {"MaxTagLength", "maxTagLength", &kUint32},
};
constinit const Type kOpenCensusAgentTracingProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_OpenCensusAgentTracingProvider",
    .fields = kOpenCensusAgentTracingProviderFields};

constexpr Field kSkyWalkingTracingProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"AccessToken", "accessToken", &schema::kString},
};
constinit const Type kSkyWalkingTracingProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_SkyWalkingTracingProvider",
    .fields = kSkyWalkingTracingProviderFields};

constexpr Field kHttpServiceFields[] = {
    {"Path", "path", &schema::kString},
    {"Timeout", "timeout", &kDuration},
    {"Headers", "headers", &kHttpHeaderList},
};
constinit const Type kHttpService{.kind = Kind::Message,
                                  .name = "v1alpha1.MeshConfig_ExtensionProvider_HttpService",
                                  .fields = kHttpServiceFields};

constexpr Field kGrpcServiceFields[] = {
    {"Timeout", "timeout", &kDuration},
    {"InitialMetadata", "initialMetadata", &kHttpHeaderList},
};
constinit const Type kGrpcService{.kind = Kind::Message,
                                  .name = "v1alpha1.MeshConfig_ExtensionProvider_GrpcService",
                                  .fields = kGrpcServiceFields};

constinit const Type kResourceDetectorsEnvironmentResourceDetector{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_ResourceDetectors_EnvironmentResourceDetector"};

constinit const Type kResourceDetectorsDynatraceResourceDetector{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_ResourceDetectors_DynatraceResourceDetector"};

constexpr Field kResourceDetectorsFields[] = {
    {"Environment", "environment", &kResourceDetectorsEnvironmentResourceDetector},
    {"Dynatrace", "dynatrace", &kResourceDetectorsDynatraceResourceDetector},
};
constinit const Type kResourceDetectors{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_ResourceDetectors",
    .fields = kResourceDetectorsFields};

constexpr Field kOpenTelemetryTracingProviderDynatraceSamplerDynatraceApiFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"Http", "http", &kHttpService},
};
constinit const Type kOpenTelemetryTracingProviderDynatraceSamplerDynatraceApi{
    .kind = Kind::Message,
    .name =
        "v1alpha1.MeshConfig_ExtensionProvider_OpenTelemetryTracingProvider_DynatraceSampler_"
        "DynatraceApi",
    .fields = kOpenTelemetryTracingProviderDynatraceSamplerDynatraceApiFields};

constexpr Field kOpenTelemetryTracingProviderDynatraceSamplerFields[] = {
    {"Tenant", "tenant", &schema::kString},
    {"ClusterId", "clusterId", &kInt32},
    {"RootSpansPerMinute", "rootSpansPerMinute", &kUint32},
    {"HttpService", "httpService", &kOpenTelemetryTracingProviderDynatraceSamplerDynatraceApi},
};
constinit const Type kOpenTelemetryTracingProviderDynatraceSampler{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_OpenTelemetryTracingProvider_DynatraceSampler",
    .fields = kOpenTelemetryTracingProviderDynatraceSamplerFields};

constexpr std::string_view kServiceAttributeEnrichmentNames[] = {"ISTIO_CANONICAL",
                                                                 "OTEL_SEMANTIC_CONVENTIONS"};
constinit const Type kServiceAttributeEnrichment{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_ServiceAttributeEnrichment",
    .enumerators = kServiceAttributeEnrichmentNames};

constexpr Field kOpenTelemetryTracingProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"MaxTagLength", "maxTagLength", &kUint32},
    {"Http", "http", &kHttpService},
    {"Grpc", "grpc", &kGrpcService},
    {"ResourceDetectors", "resourceDetectors", &kResourceDetectors},
    {"ServiceAttributeEnrichment", "serviceAttributeEnrichment", &kServiceAttributeEnrichment},
    {"DynatraceSampler", "dynatraceSampler", &kOpenTelemetryTracingProviderDynatraceSampler},
};
constinit const Type kOpenTelemetryTracingProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_OpenTelemetryTracingProvider",
    .fields = kOpenTelemetryTracingProviderFields};

constinit const Type kPrometheusMetricsProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_PrometheusMetricsProvider"};

constexpr Field kEnvoyFileAccessLogProviderLogFormatFields[] = {
    {"Text", "text", &schema::kString},
    {"Labels", "labels", &schema::kAny},
};
constinit const Type kLogFormat{
    .kind = Kind::OneOf,
    .name =
        "v1alpha1.isMeshConfig_ExtensionProvider_EnvoyFileAccessLogProvider_LogFormat_LogFormat",
    .fields = kEnvoyFileAccessLogProviderLogFormatFields};
constinit const Type kEnvoyFileAccessLogProviderLogFormat{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyFileAccessLogProvider_LogFormat",
    .fields = kEnvoyFileAccessLogProviderLogFormatFields,
    .one_of = &kLogFormat};

constexpr Field kEnvoyFileAccessLogProviderFields[] = {
    {"Path", "path", &schema::kString},
    {"LogFormat", "logFormat", &kEnvoyFileAccessLogProviderLogFormat},
    {"OmitEmptyValues", "omitEmptyValues", &schema::kBool},
};
constinit const Type kEnvoyFileAccessLogProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyFileAccessLogProvider",
    .fields = kEnvoyFileAccessLogProviderFields};

constexpr Field kEnvoyHttpGrpcV3LogProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"LogName", "logName", &schema::kString},
    {"FilterStateObjectsToLog", "filterStateObjectsToLog", &schema::kStringList},
    {"AdditionalRequestHeadersToLog", "additionalRequestHeadersToLog", &schema::kStringList},
    {"AdditionalResponseHeadersToLog", "additionalResponseHeadersToLog", &schema::kStringList},
    {"AdditionalResponseTrailersToLog", "additionalResponseTrailersToLog", &schema::kStringList},
};
constinit const Type kEnvoyHttpGrpcV3LogProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyHttpGrpcV3LogProvider",
    .fields = kEnvoyHttpGrpcV3LogProviderFields};

constexpr Field kEnvoyTcpGrpcV3LogProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"LogName", "logName", &schema::kString},
    {"FilterStateObjectsToLog", "filterStateObjectsToLog", &schema::kStringList},
};
constinit const Type kEnvoyTcpGrpcV3LogProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyTcpGrpcV3LogProvider",
    .fields = kEnvoyTcpGrpcV3LogProviderFields};

constexpr Field kEnvoyOpenTelemetryLogProviderLogFormatFields[] = {
    {"Text", "text", &schema::kString},
    {"Labels", "labels", &schema::kAny},
};
constinit const Type kEnvoyOpenTelemetryLogProviderLogFormat{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyOpenTelemetryLogProvider_LogFormat",
    .fields = kEnvoyOpenTelemetryLogProviderLogFormatFields};

constexpr Field kEnvoyOpenTelemetryLogProviderFields[] = {
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
    {"LogName", "logName", &schema::kString},
    {"LogFormat", "logFormat", &kEnvoyOpenTelemetryLogProviderLogFormat},
};
constinit const Type kEnvoyOpenTelemetryLogProvider{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ExtensionProvider_EnvoyOpenTelemetryLogProvider",
    .fields = kEnvoyOpenTelemetryLogProviderFields};

constexpr Field kSDSProviderFields[] = {
    {"Name", "name", &schema::kString},
    {"Service", "service", &schema::kString},
    {"Port", "port", &kUint32},
};
constinit const Type kSDSProvider{.kind = Kind::Message,
                                  .name = "v1alpha1.MeshConfig_ExtensionProvider_SDSProvider",
                                  .fields = kSDSProviderFields};

constexpr Field kExtensionProviderFields[] = {
    {"Name", "name", &schema::kString},
    {"EnvoyExtAuthzHttp", "envoyExtAuthzHttp", &kEnvoyExternalAuthorizationHttpProvider},
    {"EnvoyExtAuthzGrpc", "envoyExtAuthzGrpc", &kEnvoyExternalAuthorizationGrpcProvider},
    {"Zipkin", "zipkin", &kZipkinTracingProvider},
    {"Lightstep", "lightstep", &kLightstepTracingProvider},
    {"Datadog", "datadog", &kDatadogTracingProvider},
    {"Stackdriver", "stackdriver", &kStackdriverProvider},
    {"Opencensus", "opencensus", &kOpenCensusAgentTracingProvider},
    {"Skywalking", "skywalking", &kSkyWalkingTracingProvider},
    {"Opentelemetry", "opentelemetry", &kOpenTelemetryTracingProvider},
    {"Prometheus", "prometheus", &kPrometheusMetricsProvider},
    {"EnvoyFileAccessLog", "envoyFileAccessLog", &kEnvoyFileAccessLogProvider},
    {"EnvoyHttpAls", "envoyHttpAls", &kEnvoyHttpGrpcV3LogProvider},
    {"EnvoyTcpAls", "envoyTcpAls", &kEnvoyTcpGrpcV3LogProvider},
    {"EnvoyOtelAls", "envoyOtelAls", &kEnvoyOpenTelemetryLogProvider},
    {"Sds", "sds", &kSDSProvider},
};
constinit const Type kProvider{.kind = Kind::OneOf,
                               .name = "v1alpha1.isMeshConfig_ExtensionProvider_Provider",
                               .fields = std::span(kExtensionProviderFields).subspan(1, 15)};
constinit const Type kExtensionProvider{.kind = Kind::Message,
                                        .name = "v1alpha1.MeshConfig_ExtensionProvider",
                                        .fields = kExtensionProviderFields,
                                        .one_of = &kProvider};

}  // namespace sluice::mesh
