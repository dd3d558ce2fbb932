// The Pod itself, its PodSpec, and what only they use.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kSysctlFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"Value", "value", &kString, {}, kAlways},
};

constexpr Field kPodSecurityContextFields[] = {
    {"SELinuxOptions", "seLinuxOptions", &kPointerTo<kSELinuxOptions>},
    {"WindowsOptions", "windowsOptions", &kPointerTo<kWindowsSecurityContextOptions>},
    {"RunAsUser", "runAsUser", &kPointerTo<kInt64>},
    {"RunAsGroup", "runAsGroup", &kPointerTo<kInt64>},
    {"RunAsNonRoot", "runAsNonRoot", &kPointerTo<kBool>},
    {"SupplementalGroups", "supplementalGroups", &kListOf<kInt64>},
    {"SupplementalGroupsPolicy", "supplementalGroupsPolicy",
     &kPointerTo<kSupplementalGroupsPolicy>},
    {"FSGroup", "fsGroup", &kPointerTo<kInt64>},
    {"Sysctls", "sysctls", &kListOf<kSysctl>},
    {"FSGroupChangePolicy", "fsGroupChangePolicy", &kPointerTo<kPodFSGroupChangePolicy>},
    {"SeccompProfile", "seccompProfile", &kPointerTo<kSeccompProfile>},
    {"AppArmorProfile", "appArmorProfile", &kPointerTo<kAppArmorProfile>},
    {"SELinuxChangePolicy", "seLinuxChangePolicy", &kPointerTo<kPodSELinuxChangePolicy>},
};

constexpr Field kHostAliasFields[] = {
    {"IP", "ip", &kString, {}, kAlways},
    {"Hostnames", "hostnames", &kStringList},
};

constexpr Field kPodDNSConfigOptionFields[] = {
    {"Name", "name", &kString},
    {"Value", "value", &kPointerTo<kString>},
};

constexpr Field kPodDNSConfigFields[] = {
    {"Nameservers", "nameservers", &kStringList},
    {"Searches", "searches", &kStringList},
    {"Options", "options", &kListOf<kPodDNSConfigOption>},
};

constexpr Field kPodReadinessGateFields[] = {
    {"ConditionType", "conditionType", &kPodConditionType, {}, kAlways},
};

constexpr Field kPodOSFields[] = {
    {"Name", "name", &kOSName, {}, kAlways},
};

constexpr Field kPodResourceClaimFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"ResourceClaimName", "resourceClaimName", &kPointerTo<kString>},
    {"ResourceClaimTemplateName", "resourceClaimTemplateName", &kPointerTo<kString>},
};

constexpr Field kPodSpecFields[] = {
    {"Volumes", "volumes", &kListOf<kVolume>, "name"},
    {"InitContainers", "initContainers", &kListOf<kContainer>, "name"},
    {"Containers", "containers", &kListOf<kContainer>, "name", kAlways},
    {"EphemeralContainers", "ephemeralContainers", &kListOf<kEphemeralContainer>, "name"},
    {"RestartPolicy", "restartPolicy", &kRestartPolicy},
    {"TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", &kPointerTo<kInt64>},
    {"ActiveDeadlineSeconds", "activeDeadlineSeconds", &kPointerTo<kInt64>},
    {"DNSPolicy", "dnsPolicy", &kDNSPolicy},
    {"NodeSelector", "nodeSelector", &kStringMap},
    {"ServiceAccountName", "serviceAccountName", &kString},
    {"DeprecatedServiceAccount", "serviceAccount", &kString},
    {"AutomountServiceAccountToken", "automountServiceAccountToken", &kPointerTo<kBool>},
    {"NodeName", "nodeName", &kString},
    {"HostNetwork", "hostNetwork", &kBool},
    {"HostPID", "hostPID", &kBool},
    {"HostIPC", "hostIPC", &kBool},
    {"ShareProcessNamespace", "shareProcessNamespace", &kPointerTo<kBool>},
    {"SecurityContext", "securityContext", &kPointerTo<kPodSecurityContext>},
    {"ImagePullSecrets", "imagePullSecrets", &kListOf<kLocalObjectReference>, "name"},
    {"Hostname", "hostname", &kString},
    {"Subdomain", "subdomain", &kString},
    {"Affinity", "affinity", &kPointerTo<kAffinity>},
    {"SchedulerName", "schedulerName", &kString},
    {"Tolerations", "tolerations", &kListOf<kToleration>},
    {"HostAliases", "hostAliases", &kListOf<kHostAlias>, "ip"},
    {"PriorityClassName", "priorityClassName", &kString},
    {"Priority", "priority", &kPointerTo<kInt32>},
    {"DNSConfig", "dnsConfig", &kPointerTo<kPodDNSConfig>},
    {"ReadinessGates", "readinessGates", &kListOf<kPodReadinessGate>},
    {"RuntimeClassName", "runtimeClassName", &kPointerTo<kString>},
    {"EnableServiceLinks", "enableServiceLinks", &kPointerTo<kBool>},
    {"PreemptionPolicy", "preemptionPolicy", &kPointerTo<kPreemptionPolicy>},
    {"Overhead", "overhead", &kResourceList},
    {"TopologySpreadConstraints", "topologySpreadConstraints", &kListOf<kTopologySpreadConstraint>,
     "topologyKey"},
    {"SetHostnameAsFQDN", "setHostnameAsFQDN", &kPointerTo<kBool>},
    {"OS", "os", &kPointerTo<kPodOS>},
    {"HostUsers", "hostUsers", &kPointerTo<kBool>},
    {"SchedulingGates", "schedulingGates", &kListOf<kPodSchedulingGate>, "name"},
    {"ResourceClaims", "resourceClaims", &kListOf<kPodResourceClaim>, "name"},
    {"Resources", "resources", &kPointerTo<kResourceRequirements>},
    {"HostnameOverride", "hostnameOverride", &kPointerTo<kString>},
    {"SchedulingGroup", "schedulingGroup", &kPointerTo<kPodSchedulingGroup>},
};

constexpr Field kPodFields[] = {
    {"TypeMeta", "", &kTypeMeta},
    {"ObjectMeta", "metadata", &kObjectMeta, {}, kAlways},
    {"Spec", "spec", &kPodSpec, {}, kAlways},
    {"Status", "status", &kPodStatus, {}, kAlways},
};

}  // namespace

constinit const Type kRestartPolicy{Kind::String, "v1.RestartPolicy"};

constinit const Type kDNSPolicy{Kind::String, "v1.DNSPolicy"};

constinit const Type kSupplementalGroupsPolicy{Kind::String, "v1.SupplementalGroupsPolicy"};

constinit const Type kSysctl{.kind = Kind::Struct, .name = "v1.Sysctl", .fields = kSysctlFields};

constinit const Type kPodFSGroupChangePolicy{Kind::String, "v1.PodFSGroupChangePolicy"};

constinit const Type kPodSELinuxChangePolicy{Kind::String, "v1.PodSELinuxChangePolicy"};

constinit const Type kPodSecurityContext{
    .kind = Kind::Struct, .name = "v1.PodSecurityContext", .fields = kPodSecurityContextFields};

constinit const Type kHostAlias{
    .kind = Kind::Struct, .name = "v1.HostAlias", .fields = kHostAliasFields};

constinit const Type kPodDNSConfigOption{
    .kind = Kind::Struct, .name = "v1.PodDNSConfigOption", .fields = kPodDNSConfigOptionFields};

constinit const Type kPodDNSConfig{
    .kind = Kind::Struct, .name = "v1.PodDNSConfig", .fields = kPodDNSConfigFields};

constinit const Type kPodReadinessGate{
    .kind = Kind::Struct, .name = "v1.PodReadinessGate", .fields = kPodReadinessGateFields};

constinit const Type kPreemptionPolicy{Kind::String, "v1.PreemptionPolicy"};

constinit const Type kOSName{Kind::String, "v1.OSName"};

constinit const Type kPodOS{.kind = Kind::Struct, .name = "v1.PodOS", .fields = kPodOSFields};

constinit const Type kPodResourceClaim{
    .kind = Kind::Struct, .name = "v1.PodResourceClaim", .fields = kPodResourceClaimFields};

constinit const Type kPodSpec{.kind = Kind::Struct, .name = "v1.PodSpec", .fields = kPodSpecFields};

constinit const Type kPod{.kind = Kind::Struct, .name = "v1.Pod", .fields = kPodFields};

}  // namespace sluice::schema
