// meshconfig.MeshConfig and what only it has.

#include "conf/mesh/messages.h"

namespace sluice::mesh {

using schema::Field;
using schema::Kind;
using schema::Type;

constexpr std::string_view kOutboundTrafficPolicyModeNames[] = {"REGISTRY_ONLY", "ALLOW_ANY",
                                                                "ALLOW_ANY_DYNAMIC_DNS"};
constinit const Type kOutboundTrafficPolicyMode{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_OutboundTrafficPolicy_Mode",
    .enumerators = kOutboundTrafficPolicyModeNames};

constexpr Field kOutboundTrafficPolicyFields[] = {
    {"Mode", "mode", &kOutboundTrafficPolicyMode},
    {"Tls", "tls", &kClientTlsSettings},
};
constinit const Type kOutboundTrafficPolicy{.kind = Kind::Message,
                                            .name = "v1alpha1.MeshConfig_OutboundTrafficPolicy",
                                            .fields = kOutboundTrafficPolicyFields};

constexpr std::string_view kInboundTrafficPolicyModeNames[] = {"PASSTHROUGH", "LOCALHOST"};
constinit const Type kInboundTrafficPolicyMode{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_InboundTrafficPolicy_Mode",
    .enumerators = kInboundTrafficPolicyModeNames};

constexpr Field kInboundTrafficPolicyFields[] = {
    {"Mode", "mode", &kInboundTrafficPolicyMode},
};
constinit const Type kInboundTrafficPolicy{.kind = Kind::Message,
                                           .name = "v1alpha1.MeshConfig_InboundTrafficPolicy",
                                           .fields = kInboundTrafficPolicyFields};

constexpr std::string_view kResourceNames[] = {"SERVICE_REGISTRY"};
constinit const Type kResource{
    .kind = Kind::Enum, .name = "v1alpha1.Resource", .enumerators = kResourceNames};

constinit const Type kResourceList{.kind = Kind::List, .element = &kResource};

constexpr Field kConfigSourceFields[] = {
    {"Address", "address", &schema::kString},
    {"TlsSettings", "tlsSettings", &kClientTlsSettings},
    {"SubscribedResources", "subscribedResources", &kResourceList},
};
constinit const Type kConfigSource{
    .kind = Kind::Message, .name = "v1alpha1.ConfigSource", .fields = kConfigSourceFields};

constexpr Field kCertificateDataFields[] = {
    {"Pem", "pem", &schema::kString},
    {"SpiffeBundleUrl", "spiffeBundleUrl", &schema::kString},
    {"CertSigners", "certSigners", &schema::kStringList},
    {"TrustDomains", "trustDomains", &schema::kStringList},
};
constinit const Type kCertificateDataChoice{
    .kind = Kind::OneOf,
    .name = "v1alpha1.isMeshConfig_CertificateData_CertificateData",
    .fields = std::span(kCertificateDataFields).subspan(0, 2)};
constinit const Type kCertificateData{.kind = Kind::Message,
                                      .name = "v1alpha1.MeshConfig_CertificateData",
                                      .fields = kCertificateDataFields,
                                      .one_of = &kCertificateDataChoice};

constexpr Field kCertificateFields[] = {
    {"SecretName", "secretName", &schema::kString},
    {"DnsNames", "dnsNames", &schema::kStringList},
};
constinit const Type kCertificate{
    .kind = Kind::Message, .name = "v1alpha1.Certificate", .fields = kCertificateFields};

constexpr Field kServiceSettingsSettingsFields[] = {
    {"ClusterLocal", "clusterLocal", &schema::kBool},
};
constinit const Type kServiceSettingsSettings{
    .kind = Kind::Message,
    .name = "v1alpha1.MeshConfig_ServiceSettings_Settings",
    .fields = kServiceSettingsSettingsFields};

constexpr Field kServiceSettingsFields[] = {
    {"Settings", "settings", &kServiceSettingsSettings},
    {"Hosts", "hosts", &schema::kStringList},
};
constinit const Type kServiceSettings{.kind = Kind::Message,
                                      .name = "v1alpha1.MeshConfig_ServiceSettings",
                                      .fields = kServiceSettingsFields};

constexpr Field kLabelSelectorRequirementFields[] = {
    {"Key", "key", &schema::kString},
    {"Operator", "operator", &schema::kString},
    {"Values", "values", &schema::kStringList},
};
constinit const Type kLabelSelectorRequirement{.kind = Kind::Message,
                                               .name = "v1alpha1.LabelSelectorRequirement",
                                               .fields = kLabelSelectorRequirementFields};

constinit const Type kLabelSelectorRequirementList{.kind = Kind::List,
                                                   .element = &kLabelSelectorRequirement};

constexpr Field kLabelSelectorFields[] = {
    {"MatchLabels", "matchLabels", &schema::kStringMap},
    {"MatchExpressions", "matchExpressions", &kLabelSelectorRequirementList},
};
constinit const Type kLabelSelector{
    .kind = Kind::Message, .name = "v1alpha1.LabelSelector", .fields = kLabelSelectorFields};

constexpr std::string_view kServiceScopeConfigsScopeNames[] = {"LOCAL", "GLOBAL"};
constinit const Type kServiceScopeConfigsScope{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_ServiceScopeConfigs_Scope",
    .enumerators = kServiceScopeConfigsScopeNames};

constexpr Field kServiceScopeConfigsFields[] = {
    {"NamespaceSelector", "namespaceSelector", &kLabelSelector},
    {"ServicesSelector", "servicesSelector", &kLabelSelector},
    {"Scope", "scope", &kServiceScopeConfigsScope},
};
constinit const Type kServiceScopeConfigs{.kind = Kind::Message,
                                          .name = "v1alpha1.MeshConfig_ServiceScopeConfigs",
                                          .fields = kServiceScopeConfigsFields};

constexpr Field kCAFields[] = {
    {"Address", "address", &schema::kString},
    {"TlsSettings", "tlsSettings", &kClientTlsSettings},
    {"RequestTimeout", "requestTimeout", &kDuration},
    {"IstiodSide", "istiodSide", &schema::kBool},
};
constinit const Type kCA{
    .kind = Kind::Message, .name = "v1alpha1.MeshConfig_CA", .fields = kCAFields};

constexpr Field kDefaultProvidersFields[] = {
    {"Tracing", "tracing", &schema::kStringList},
    {"Metrics", "metrics", &schema::kStringList},
    {"AccessLogging", "accessLogging", &schema::kStringList},
};
constinit const Type kDefaultProviders{.kind = Kind::Message,
                                       .name = "v1alpha1.MeshConfig_DefaultProviders",
                                       .fields = kDefaultProvidersFields};

constexpr std::string_view kProxyPathNormalizationNormalizationTypeNames[] = {
    "DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"};
constinit const Type kProxyPathNormalizationNormalizationType{
    .kind = Kind::Enum,
    .name = "v1alpha1.MeshConfig_ProxyPathNormalization_NormalizationType",
    .enumerators = kProxyPathNormalizationNormalizationTypeNames};

constexpr Field kProxyPathNormalizationFields[] = {
    {"Normalization", "normalization", &kProxyPathNormalizationNormalizationType},
};
constinit const Type kProxyPathNormalization{.kind = Kind::Message,
                                             .name = "v1alpha1.MeshConfig_ProxyPathNormalization",
                                             .fields = kProxyPathNormalizationFields};

constexpr std::string_view kTLSConfigTLSProtocolNames[] = {"TLS_AUTO", "TLSV1_2", "TLSV1_3"};
constinit const Type kTLSConfigTLSProtocol{.kind = Kind::Enum,
                                           .name = "v1alpha1.MeshConfig_TLSConfig_TLSProtocol",
                                           .enumerators = kTLSConfigTLSProtocolNames};

constexpr Field kTLSConfigFields[] = {
    {"MinProtocolVersion", "minProtocolVersion", &kTLSConfigTLSProtocol},
    {"EcdhCurves", "ecdhCurves", &schema::kStringList},
    {"CipherSuites", "cipherSuites", &schema::kStringList},
};
constinit const Type kTLSConfig{
    .kind = Kind::Message, .name = "v1alpha1.MeshConfig_TLSConfig", .fields = kTLSConfigFields};

constexpr Field kDefaultTrafficPolicyFields[] = {
    {"ConnectionPool", "connectionPool", &kConnectionPoolSettings},
    {"OutlierDetection", "outlierDetection", &kOutlierDetection},
};
constinit const Type kDefaultTrafficPolicy{.kind = Kind::Message,
                                           .name = "v1alpha1.MeshConfig_DefaultTrafficPolicy",
                                           .fields = kDefaultTrafficPolicyFields};

constexpr Field kServiceEntryVisibilityMatchRuleFields[] = {
    {"NamespaceSelector", "namespaceSelector", &kLabelSelector},
};
constinit const Type kServiceEntryVisibilityMatchRule{
    .kind = Kind::Message,
    .name = "v1alpha1.ServiceEntryVisibility_MatchRule",
    .fields = kServiceEntryVisibilityMatchRuleFields};

constexpr std::string_view kServiceEntryVisibilityVisibilityNames[] = {
    "VISIBILITY_UNSPECIFIED", "NONE", "NAMESPACE", "PUBLIC"};
constinit const Type kServiceEntryVisibilityVisibility{
    .kind = Kind::Enum,
    .name = "v1alpha1.ServiceEntryVisibility_Visibility",
    .enumerators = kServiceEntryVisibilityVisibilityNames};

constinit const Type kServiceEntryVisibilityMatchRuleList{
    .kind = Kind::List, .element = &kServiceEntryVisibilityMatchRule};

constexpr Field kServiceEntryVisibilityPolicyFields[] = {
    {"Visibility", "visibility", &kServiceEntryVisibilityVisibility},
    {"MatchingRules", "matchingRules", &kServiceEntryVisibilityMatchRuleList},
};
constinit const Type kServiceEntryVisibilityPolicy{.kind = Kind::Message,
                                                   .name = "v1alpha1.ServiceEntryVisibility_Policy",
                                                   .fields = kServiceEntryVisibilityPolicyFields};

constinit const Type kServiceEntryVisibilityPolicyList{.kind = Kind::List,
                                                       .element = &kServiceEntryVisibilityPolicy};

constexpr Field kServiceEntryVisibilityFields[] = {
    {"DefaultVisibility", "defaultVisibility", &kServiceEntryVisibilityVisibility},
    {"ApplyToSidecars", "applyToSidecars", &schema::kBool},
    {"Policies", "policies", &kServiceEntryVisibilityPolicyList},
};
constinit const Type kServiceEntryVisibility{.kind = Kind::Message,
                                             .name = "v1alpha1.ServiceEntryVisibility",
                                             .fields = kServiceEntryVisibilityFields};

constexpr std::string_view kIngressControllerModeNames[] = {"UNSPECIFIED", "OFF", "DEFAULT",
                                                            "STRICT"};
constinit const Type kIngressControllerMode{.kind = Kind::Enum,
                                            .name = "v1alpha1.MeshConfig_IngressControllerMode",
                                            .enumerators = kIngressControllerModeNames};

constexpr std::string_view kAccessLogEncodingNames[] = {"TEXT", "JSON"};
constinit const Type kAccessLogEncoding{.kind = Kind::Enum,
                                        .name = "v1alpha1.MeshConfig_AccessLogEncoding",
                                        .enumerators = kAccessLogEncodingNames};

constinit const Type kConfigSourceList{.kind = Kind::List, .element = &kConfigSource};

constinit const Type kCertificateDataList{.kind = Kind::List, .element = &kCertificateData};

constexpr std::string_view kH2UpgradePolicyNames[] = {"DO_NOT_UPGRADE", "UPGRADE"};
constinit const Type kH2UpgradePolicy{.kind = Kind::Enum,
                                      .name = "v1alpha1.MeshConfig_H2UpgradePolicy",
                                      .enumerators = kH2UpgradePolicyNames};

constinit const Type kCertificateList{.kind = Kind::List, .element = &kCertificate};

constinit const Type kServiceSettingsList{.kind = Kind::List, .element = &kServiceSettings};

constinit const Type kServiceScopeConfigsList{.kind = Kind::List, .element = &kServiceScopeConfigs};

constinit const Type kExtensionProviderList{.kind = Kind::List, .element = &kExtensionProvider};

constinit const Type kLabelSelectorList{.kind = Kind::List, .element = &kLabelSelector};

// From AuthPolicy on: what were fields once, and templates of that time ask for.
constexpr Field kMeshConfigFields[] = {
    {"ProxyListenPort", "proxyListenPort", &kInt32},
    {"ProxyInboundListenPort", "proxyInboundListenPort", &kInt32},
    {"ProxyHttpPort", "proxyHttpPort", &kInt32},
    {"ConnectTimeout", "connectTimeout", &kDuration},
    {"HboneIdleTimeout", "hboneIdleTimeout", &kDuration},
    {"ProtocolDetectionTimeout", "protocolDetectionTimeout", &kDuration},
    {"TcpKeepalive", "tcpKeepalive", &kTcpKeepalive},
    {"IngressClass", "ingressClass", &schema::kString},
    {"IngressService", "ingressService", &schema::kString},
    {"IngressControllerMode", "ingressControllerMode", &kIngressControllerMode},
    {"IngressSelector", "ingressSelector", &schema::kString},
    {"EnableTracing", "enableTracing", &schema::kBool},
    {"AccessLogFile", "accessLogFile", &schema::kString},
    {"AccessLogFormat", "accessLogFormat", &schema::kString},
    {"AccessLogEncoding", "accessLogEncoding", &kAccessLogEncoding},
    {"EnableEnvoyAccessLogService", "enableEnvoyAccessLogService", &schema::kBool},
    {"DisableEnvoyListenerLog", "disableEnvoyListenerLog", &schema::kBool},
    {"DefaultConfig", "defaultConfig", &kProxyConfig},
    {"OutboundTrafficPolicy", "outboundTrafficPolicy", &kOutboundTrafficPolicy},
    {"InboundTrafficPolicy", "inboundTrafficPolicy", &kInboundTrafficPolicy},
    {"ConfigSources", "configSources", &kConfigSourceList},
    {"EnableAutoMtls", "enableAutoMtls", &kBoolValue},
    {"TrustDomain", "trustDomain", &schema::kString},
    {"TrustDomainAliases", "trustDomainAliases", &schema::kStringList},
    {"CaCertificates", "caCertificates", &kCertificateDataList},
    {"DefaultServiceExportTo", "defaultServiceExportTo", &schema::kStringList},
    {"DefaultVirtualServiceExportTo", "defaultVirtualServiceExportTo", &schema::kStringList},
    {"DefaultDestinationRuleExportTo", "defaultDestinationRuleExportTo", &schema::kStringList},
    {"RootNamespace", "rootNamespace", &schema::kString},
    {"LocalityLbSetting", "localityLbSetting", &kLocalityLoadBalancerSetting},
    {"ZoneAwareLbSetting", "zoneAwareLbSetting", &kZoneAwareLoadBalancerSetting},
    {"DnsRefreshRate", "dnsRefreshRate", &kDuration},
    {"H2UpgradePolicy", "h2UpgradePolicy", &kH2UpgradePolicy},
    {"InboundClusterStatName", "inboundClusterStatName", &schema::kString},
    {"OutboundClusterStatName", "outboundClusterStatName", &schema::kString},
    {"Certificates", "certificates", &kCertificateList},
    {"ServiceSettings", "serviceSettings", &kServiceSettingsList},
    {"ServiceScopeConfigs", "serviceScopeConfigs", &kServiceScopeConfigsList},
    {"EnablePrometheusMerge", "enablePrometheusMerge", &kBoolValue},
    {"VerifyCertificateAtClient", "verifyCertificateAtClient", &kBoolValue},
    {"Ca", "ca", &kCA},
    {"ExtensionProviders", "extensionProviders", &kExtensionProviderList},
    {"DefaultProviders", "defaultProviders", &kDefaultProviders},
    {"DiscoverySelectors", "discoverySelectors", &kLabelSelectorList},
    {"PathNormalization", "pathNormalization", &kProxyPathNormalization},
    {"DefaultHttpRetryPolicy", "defaultHttpRetryPolicy", &kHttpRetry},
    {"MeshMTLS", "meshMTLS", &kTLSConfig},
    {"TlsDefaults", "tlsDefaults", &kTLSConfig},
    {"DefaultTrafficPolicy", "defaultTrafficPolicy", &kDefaultTrafficPolicy},
    {"ServiceEntryVisibility", "serviceEntryVisibility", &kServiceEntryVisibility},
    {"AuthPolicy", "authPolicy", &schema::kString},
    {"RdsRefreshDelay", "rdsRefreshDelay", &kDuration},
    {"MixerAddress", "mixerAddress", &schema::kString},
    {"MixerCheckServer", "mixerCheckServer", &schema::kString},
    {"MixerReportServer", "mixerReportServer", &schema::kString},
    {"DisablePolicyChecks", "disablePolicyChecks", &schema::kBool},
    {"SdsUdsPath", "sdsUdsPath", &schema::kString},
    {"SdsRefreshDelay", "sdsRefreshDelay", &kDuration},
    {"EnableSdsTokenMount", "enableSdsTokenMount", &schema::kBool},
    {"SdsUseK8sSaJwt", "sdsUseK8sSaJwt", &schema::kBool},
};
constinit const Type kMeshConfig{
    .kind = Kind::Message, .name = "v1alpha1.MeshConfig", .fields = kMeshConfigFields};

}  // namespace sluice::mesh
