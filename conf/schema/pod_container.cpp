// Containers: environment, ports, mounts, resources, security.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kObjectFieldSelectorFields[] = {
    {"APIVersion", "apiVersion", &kString},
    {"FieldPath", "fieldPath", &kString, {}, kAlways},
};

constexpr Field kResourceFieldSelectorFields[] = {
    {"ContainerName", "containerName", &kString},
    {"Resource", "resource", &kString, {}, kAlways},
    {"Divisor", "divisor", &kQuantity, {}, kAlways},
};

constexpr Field kContainerPortFields[] = {
    {"Name", "name", &kString},
    {"HostPort", "hostPort", &kInt32},
    {"ContainerPort", "containerPort", &kInt32, {}, kAlways},
    {"Protocol", "protocol", &kProtocol},
    {"HostIP", "hostIP", &kString},
};

constexpr Field kConfigMapEnvSourceFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kSecretEnvSourceFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kEnvFromSourceFields[] = {
    {"Prefix", "prefix", &kString},
    {"ConfigMapRef", "configMapRef", &kPointerTo<kConfigMapEnvSource>},
    {"SecretRef", "secretRef", &kPointerTo<kSecretEnvSource>},
};

constexpr Field kConfigMapKeySelectorFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Key", "key", &kString, {}, kAlways},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kSecretKeySelectorFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Key", "key", &kString, {}, kAlways},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kFileKeySelectorFields[] = {
    {"VolumeName", "volumeName", &kString, {}, kAlways},
    {"Path", "path", &kString, {}, kAlways},
    {"Key", "key", &kString, {}, kAlways},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kEnvVarSourceFields[] = {
    {"FieldRef", "fieldRef", &kPointerTo<kObjectFieldSelector>},
    {"ResourceFieldRef", "resourceFieldRef", &kPointerTo<kResourceFieldSelector>},
    {"ConfigMapKeyRef", "configMapKeyRef", &kPointerTo<kConfigMapKeySelector>},
    {"SecretKeyRef", "secretKeyRef", &kPointerTo<kSecretKeySelector>},
    {"FileKeyRef", "fileKeyRef", &kPointerTo<kFileKeySelector>},
};

constexpr Field kEnvVarFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"Value", "value", &kString},
    {"ValueFrom", "valueFrom", &kPointerTo<kEnvVarSource>},
};

constexpr Field kResourceClaimFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"Request", "request", &kString},
};

constexpr Field kResourceRequirementsFields[] = {
    {"Limits", "limits", &kResourceList},
    {"Requests", "requests", &kResourceList},
    {"Claims", "claims", &kListOf<kResourceClaim>},
};

constexpr Field kContainerResizePolicyFields[] = {
    {"ResourceName", "resourceName", &kResourceName, {}, kAlways},
    {"RestartPolicy", "restartPolicy", &kResourceResizeRestartPolicy, {}, kAlways},
};

constexpr Field kContainerRestartRuleOnExitCodesFields[] = {
    {"Operator", "operator", &kContainerRestartRuleOnExitCodesOperator},
    {"Values", "values", &kListOf<kInt32>},
};

constexpr Field kContainerRestartRuleFields[] = {
    {"Action", "action", &kContainerRestartRuleAction},
    {"ExitCodes", "exitCodes", &kPointerTo<kContainerRestartRuleOnExitCodes>},
};

constexpr Field kVolumeMountFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
    {"RecursiveReadOnly", "recursiveReadOnly", &kPointerTo<kRecursiveReadOnlyMode>},
    {"MountPath", "mountPath", &kString, {}, kAlways},
    {"SubPath", "subPath", &kString},
    {"MountPropagation", "mountPropagation", &kPointerTo<kMountPropagationMode>},
    {"SubPathExpr", "subPathExpr", &kString},
};

constexpr Field kVolumeDeviceFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"DevicePath", "devicePath", &kString, {}, kAlways},
};

constexpr Field kCapabilitiesFields[] = {
    {"Add", "add", &kListOf<kCapability>},
    {"Drop", "drop", &kListOf<kCapability>},
};

constexpr Field kSELinuxOptionsFields[] = {
    {"User", "user", &kString},
    {"Role", "role", &kString},
    {"Type", "type", &kString},
    {"Level", "level", &kString},
};

constexpr Field kWindowsSecurityContextOptionsFields[] = {
    {"GMSACredentialSpecName", "gmsaCredentialSpecName", &kPointerTo<kString>},
    {"GMSACredentialSpec", "gmsaCredentialSpec", &kPointerTo<kString>},
    {"RunAsUserName", "runAsUserName", &kPointerTo<kString>},
    {"HostProcess", "hostProcess", &kPointerTo<kBool>},
};

constexpr Field kSeccompProfileFields[] = {
    {"Type", "type", &kSeccompProfileType, {}, kAlways},
    {"LocalhostProfile", "localhostProfile", &kPointerTo<kString>},
};

constexpr Field kAppArmorProfileFields[] = {
    {"Type", "type", &kAppArmorProfileType, {}, kAlways},
    {"LocalhostProfile", "localhostProfile", &kPointerTo<kString>},
};

constexpr Field kSecurityContextFields[] = {
    {"Capabilities", "capabilities", &kPointerTo<kCapabilities>},
    {"Privileged", "privileged", &kPointerTo<kBool>},
    {"SELinuxOptions", "seLinuxOptions", &kPointerTo<kSELinuxOptions>},
    {"WindowsOptions", "windowsOptions", &kPointerTo<kWindowsSecurityContextOptions>},
    {"RunAsUser", "runAsUser", &kPointerTo<kInt64>},
    {"RunAsGroup", "runAsGroup", &kPointerTo<kInt64>},
    {"RunAsNonRoot", "runAsNonRoot", &kPointerTo<kBool>},
    {"ReadOnlyRootFilesystem", "readOnlyRootFilesystem", &kPointerTo<kBool>},
    {"AllowPrivilegeEscalation", "allowPrivilegeEscalation", &kPointerTo<kBool>},
    {"ProcMount", "procMount", &kPointerTo<kProcMountType>},
    {"SeccompProfile", "seccompProfile", &kPointerTo<kSeccompProfile>},
    {"AppArmorProfile", "appArmorProfile", &kPointerTo<kAppArmorProfile>},
};

constexpr Field kContainerFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"Image", "image", &kString},
    {"Command", "command", &kStringList},
    {"Args", "args", &kStringList},
    {"WorkingDir", "workingDir", &kString},
    {"Ports", "ports", &kListOf<kContainerPort>, "containerPort"},
    {"EnvFrom", "envFrom", &kListOf<kEnvFromSource>},
    {"Env", "env", &kListOf<kEnvVar>, "name"},
    {"Resources", "resources", &kResourceRequirements, {}, kAlways},
    {"ResizePolicy", "resizePolicy", &kListOf<kContainerResizePolicy>},
    {"RestartPolicy", "restartPolicy", &kPointerTo<kContainerRestartPolicy>},
    {"RestartPolicyRules", "restartPolicyRules", &kListOf<kContainerRestartRule>},
    {"VolumeMounts", "volumeMounts", &kListOf<kVolumeMount>, "mountPath"},
    {"VolumeDevices", "volumeDevices", &kListOf<kVolumeDevice>, "devicePath"},
    {"LivenessProbe", "livenessProbe", &kPointerTo<kProbe>},
    {"ReadinessProbe", "readinessProbe", &kPointerTo<kProbe>},
    {"StartupProbe", "startupProbe", &kPointerTo<kProbe>},
    {"Lifecycle", "lifecycle", &kPointerTo<kLifecycle>},
    {"TerminationMessagePath", "terminationMessagePath", &kString},
    {"TerminationMessagePolicy", "terminationMessagePolicy", &kTerminationMessagePolicy},
    {"ImagePullPolicy", "imagePullPolicy", &kPullPolicy},
    {"SecurityContext", "securityContext", &kPointerTo<kSecurityContext>},
    {"Stdin", "stdin", &kBool},
    {"StdinOnce", "stdinOnce", &kBool},
    {"TTY", "tty", &kBool},
};

constexpr Field kEphemeralContainerCommonFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"Image", "image", &kString},
    {"Command", "command", &kStringList},
    {"Args", "args", &kStringList},
    {"WorkingDir", "workingDir", &kString},
    {"Ports", "ports", &kListOf<kContainerPort>, "containerPort"},
    {"EnvFrom", "envFrom", &kListOf<kEnvFromSource>},
    {"Env", "env", &kListOf<kEnvVar>, "name"},
    {"Resources", "resources", &kResourceRequirements, {}, kAlways},
    {"ResizePolicy", "resizePolicy", &kListOf<kContainerResizePolicy>},
    {"RestartPolicy", "restartPolicy", &kPointerTo<kContainerRestartPolicy>},
    {"RestartPolicyRules", "restartPolicyRules", &kListOf<kContainerRestartRule>},
    {"VolumeMounts", "volumeMounts", &kListOf<kVolumeMount>, "mountPath"},
    {"VolumeDevices", "volumeDevices", &kListOf<kVolumeDevice>, "devicePath"},
    {"LivenessProbe", "livenessProbe", &kPointerTo<kProbe>},
    {"ReadinessProbe", "readinessProbe", &kPointerTo<kProbe>},
    {"StartupProbe", "startupProbe", &kPointerTo<kProbe>},
    {"Lifecycle", "lifecycle", &kPointerTo<kLifecycle>},
    {"TerminationMessagePath", "terminationMessagePath", &kString},
    {"TerminationMessagePolicy", "terminationMessagePolicy", &kTerminationMessagePolicy},
    {"ImagePullPolicy", "imagePullPolicy", &kPullPolicy},
    {"SecurityContext", "securityContext", &kPointerTo<kSecurityContext>},
    {"Stdin", "stdin", &kBool},
    {"StdinOnce", "stdinOnce", &kBool},
    {"TTY", "tty", &kBool},
};

constexpr Field kEphemeralContainerFields[] = {
    {"EphemeralContainerCommon", "", &kEphemeralContainerCommon},
    {"TargetContainerName", "targetContainerName", &kString},
};

constexpr Field kContainerExtendedResourceRequestFields[] = {
    {"ContainerName", "containerName", &kString, {}, kAlways},
    {"ResourceName", "resourceName", &kString, {}, kAlways},
    {"RequestName", "requestName", &kString, {}, kAlways},
};

}  // namespace

constinit const Type kObjectFieldSelector{
    .kind = Kind::Struct, .name = "v1.ObjectFieldSelector", .fields = kObjectFieldSelectorFields};

constinit const Type kResourceFieldSelector{.kind = Kind::Struct,
                                            .name = "v1.ResourceFieldSelector",
                                            .fields = kResourceFieldSelectorFields};

constinit const Type kPullPolicy{Kind::String, "v1.PullPolicy"};

constinit const Type kProtocol{Kind::String, "v1.Protocol"};

constinit const Type kContainerPort{
    .kind = Kind::Struct, .name = "v1.ContainerPort", .fields = kContainerPortFields};

constinit const Type kConfigMapEnvSource{
    .kind = Kind::Struct, .name = "v1.ConfigMapEnvSource", .fields = kConfigMapEnvSourceFields};

constinit const Type kSecretEnvSource{
    .kind = Kind::Struct, .name = "v1.SecretEnvSource", .fields = kSecretEnvSourceFields};

constinit const Type kEnvFromSource{
    .kind = Kind::Struct, .name = "v1.EnvFromSource", .fields = kEnvFromSourceFields};

constinit const Type kConfigMapKeySelector{
    .kind = Kind::Struct, .name = "v1.ConfigMapKeySelector", .fields = kConfigMapKeySelectorFields};

constinit const Type kSecretKeySelector{
    .kind = Kind::Struct, .name = "v1.SecretKeySelector", .fields = kSecretKeySelectorFields};

constinit const Type kFileKeySelector{
    .kind = Kind::Struct, .name = "v1.FileKeySelector", .fields = kFileKeySelectorFields};

constinit const Type kEnvVarSource{
    .kind = Kind::Struct, .name = "v1.EnvVarSource", .fields = kEnvVarSourceFields};

constinit const Type kEnvVar{.kind = Kind::Struct, .name = "v1.EnvVar", .fields = kEnvVarFields};

constinit const Type kResourceClaim{
    .kind = Kind::Struct, .name = "v1.ResourceClaim", .fields = kResourceClaimFields};

constinit const Type kResourceRequirements{
    .kind = Kind::Struct, .name = "v1.ResourceRequirements", .fields = kResourceRequirementsFields};

constinit const Type kResourceName{Kind::String, "v1.ResourceName"};

constinit const Type kResourceResizeRestartPolicy{Kind::String, "v1.ResourceResizeRestartPolicy"};

constinit const Type kContainerResizePolicy{.kind = Kind::Struct,
                                            .name = "v1.ContainerResizePolicy",
                                            .fields = kContainerResizePolicyFields};

constinit const Type kContainerRestartPolicy{Kind::String, "v1.ContainerRestartPolicy"};

constinit const Type kContainerRestartRuleAction{Kind::String, "v1.ContainerRestartRuleAction"};

constinit const Type kContainerRestartRuleOnExitCodesOperator{
    Kind::String, "v1.ContainerRestartRuleOnExitCodesOperator"};

constinit const Type kContainerRestartRuleOnExitCodes{
    .kind = Kind::Struct,
    .name = "v1.ContainerRestartRuleOnExitCodes",
    .fields = kContainerRestartRuleOnExitCodesFields};

constinit const Type kContainerRestartRule{
    .kind = Kind::Struct, .name = "v1.ContainerRestartRule", .fields = kContainerRestartRuleFields};

constinit const Type kRecursiveReadOnlyMode{Kind::String, "v1.RecursiveReadOnlyMode"};

constinit const Type kMountPropagationMode{Kind::String, "v1.MountPropagationMode"};

constinit const Type kVolumeMount{
    .kind = Kind::Struct, .name = "v1.VolumeMount", .fields = kVolumeMountFields};

constinit const Type kVolumeDevice{
    .kind = Kind::Struct, .name = "v1.VolumeDevice", .fields = kVolumeDeviceFields};

constinit const Type kTerminationMessagePolicy{Kind::String, "v1.TerminationMessagePolicy"};

constinit const Type kCapability{Kind::String, "v1.Capability"};

constinit const Type kCapabilities{
    .kind = Kind::Struct, .name = "v1.Capabilities", .fields = kCapabilitiesFields};

constinit const Type kSELinuxOptions{
    .kind = Kind::Struct, .name = "v1.SELinuxOptions", .fields = kSELinuxOptionsFields};

constinit const Type kWindowsSecurityContextOptions{.kind = Kind::Struct,
                                                    .name = "v1.WindowsSecurityContextOptions",
                                                    .fields = kWindowsSecurityContextOptionsFields};

constinit const Type kProcMountType{Kind::String, "v1.ProcMountType"};

constinit const Type kSeccompProfileType{Kind::String, "v1.SeccompProfileType"};

constinit const Type kSeccompProfile{
    .kind = Kind::Struct, .name = "v1.SeccompProfile", .fields = kSeccompProfileFields};

constinit const Type kAppArmorProfileType{Kind::String, "v1.AppArmorProfileType"};

constinit const Type kAppArmorProfile{
    .kind = Kind::Struct, .name = "v1.AppArmorProfile", .fields = kAppArmorProfileFields};

constinit const Type kSecurityContext{
    .kind = Kind::Struct, .name = "v1.SecurityContext", .fields = kSecurityContextFields};

constinit const Type kContainer{
    .kind = Kind::Struct, .name = "v1.Container", .fields = kContainerFields};

constinit const Type kEphemeralContainerCommon{.kind = Kind::Struct,
                                               .name = "v1.EphemeralContainerCommon",
                                               .fields = kEphemeralContainerCommonFields};

constinit const Type kEphemeralContainer{
    .kind = Kind::Struct, .name = "v1.EphemeralContainer", .fields = kEphemeralContainerFields};

constinit const Type kContainerExtendedResourceRequest{
    .kind = Kind::Struct,
    .name = "v1.ContainerExtendedResourceRequest",
    .fields = kContainerExtendedResourceRequestFields};

}  // namespace sluice::schema
