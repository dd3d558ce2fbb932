// What the cluster says of a pod that exists.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kPodConditionFields[] = {
    {"Type", "type", &kPodConditionType, {}, kAlways},
    {"ObservedGeneration", "observedGeneration", &kInt64},
    {"Status", "status", &kConditionStatus, {}, kAlways},
    {"LastProbeTime", "lastProbeTime", &kTime, {}, kAlways},
    {"LastTransitionTime", "lastTransitionTime", &kTime, {}, kAlways},
    {"Reason", "reason", &kString},
    {"Message", "message", &kString},
};

constexpr Field kHostIPFields[] = {
    {"IP", "ip", &kString, {}, kAlways},
};

constexpr Field kPodIPFields[] = {
    {"IP", "ip", &kString, {}, kAlways},
};

constexpr Field kContainerStateWaitingFields[] = {
    {"Reason", "reason", &kString},
    {"Message", "message", &kString},
};

constexpr Field kContainerStateRunningFields[] = {
    {"StartedAt", "startedAt", &kTime, {}, kAlways},
};

constexpr Field kContainerStateTerminatedFields[] = {
    {"ExitCode", "exitCode", &kInt32, {}, kAlways},
    {"Signal", "signal", &kInt32},
    {"Reason", "reason", &kString},
    {"Message", "message", &kString},
    {"StartedAt", "startedAt", &kTime, {}, kAlways},
    {"FinishedAt", "finishedAt", &kTime, {}, kAlways},
    {"ContainerID", "containerID", &kString},
};

constexpr Field kContainerStateFields[] = {
    {"Waiting", "waiting", &kPointerTo<kContainerStateWaiting>},
    {"Running", "running", &kPointerTo<kContainerStateRunning>},
    {"Terminated", "terminated", &kPointerTo<kContainerStateTerminated>},
};

constexpr Field kImageVolumeStatusFields[] = {
    {"ImageRef", "imageRef", &kString},
};

constexpr Field kVolumeStatusFields[] = {
    {"Image", "image", &kPointerTo<kImageVolumeStatus>},
};

constexpr Field kVolumeMountStatusFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"MountPath", "mountPath", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
    {"RecursiveReadOnly", "recursiveReadOnly", &kPointerTo<kRecursiveReadOnlyMode>},
    {"VolumeStatus", "volumeStatus", &kPointerTo<kVolumeStatus>},
};

constexpr Field kLinuxContainerUserFields[] = {
    {"UID", "uid", &kInt64, {}, kAlways},
    {"GID", "gid", &kInt64, {}, kAlways},
    {"SupplementalGroups", "supplementalGroups", &kListOf<kInt64>},
};

constexpr Field kContainerUserFields[] = {
    {"Linux", "linux", &kPointerTo<kLinuxContainerUser>},
};

constexpr Field kResourceHealthFields[] = {
    {"ResourceID", "resourceID", &kResourceID, {}, kAlways},
    {"Health", "health", &kResourceHealthStatus},
    {"Message", "message", &kPointerTo<kString>},
};

constexpr Field kResourceStatusFields[] = {
    {"Name", "name", &kResourceName, {}, kAlways},
    {"Resources", "resources", &kListOf<kResourceHealth>},
};

constexpr Field kContainerStatusFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"State", "state", &kContainerState, {}, kAlways},
    {"LastTerminationState", "lastState", &kContainerState, {}, kAlways},
    {"Ready", "ready", &kBool, {}, kAlways},
    {"RestartCount", "restartCount", &kInt32, {}, kAlways},
    {"Image", "image", &kString, {}, kAlways},
    {"ImageID", "imageID", &kString, {}, kAlways},
    {"ContainerID", "containerID", &kString},
    {"Started", "started", &kPointerTo<kBool>},
    {"AllocatedResources", "allocatedResources", &kResourceList},
    {"Resources", "resources", &kPointerTo<kResourceRequirements>},
    {"VolumeMounts", "volumeMounts", &kListOf<kVolumeMountStatus>, "mountPath"},
    {"User", "user", &kPointerTo<kContainerUser>},
    {"AllocatedResourcesStatus", "allocatedResourcesStatus", &kListOf<kResourceStatus>, "name"},
    {"StopSignal", "stopSignal", &kPointerTo<kSignal>},
};

constexpr Field kPodResourceClaimStatusFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"ResourceClaimName", "resourceClaimName", &kPointerTo<kString>},
};

constexpr Field kPodExtendedResourceClaimStatusFields[] = {
    {"RequestMappings",
     "requestMappings",
     &kListOf<kContainerExtendedResourceRequest>,
     {},
     kAlways},
    {"ResourceClaimName", "resourceClaimName", &kString, {}, kAlways},
};

constexpr Field kNodeAllocatableResourceClaimStatusFields[] = {
    {"ResourceClaimName", "resourceClaimName", &kString, {}, kAlways},
    {"Containers", "containers", &kStringList},
    {"Resources", "resources", &kMapOf<kQuantity>, {}, kAlways},
};

constexpr Field kPodStatusFields[] = {
    {"ObservedGeneration", "observedGeneration", &kInt64},
    {"Phase", "phase", &kPodPhase},
    {"Conditions", "conditions", &kListOf<kPodCondition>, "type"},
    {"Message", "message", &kString},
    {"Reason", "reason", &kString},
    {"NominatedNodeName", "nominatedNodeName", &kString},
    {"HostIP", "hostIP", &kString},
    {"HostIPs", "hostIPs", &kListOf<kHostIP>, "ip"},
    {"PodIP", "podIP", &kString},
    {"PodIPs", "podIPs", &kListOf<kPodIP>, "ip"},
    {"StartTime", "startTime", &kPointerTo<kTime>},
    {"InitContainerStatuses", "initContainerStatuses", &kListOf<kContainerStatus>},
    {"ContainerStatuses", "containerStatuses", &kListOf<kContainerStatus>},
    {"QOSClass", "qosClass", &kPodQOSClass},
    {"EphemeralContainerStatuses", "ephemeralContainerStatuses", &kListOf<kContainerStatus>},
    {"Resize", "resize", &kPodResizeStatus},
    {"ResourceClaimStatuses", "resourceClaimStatuses", &kListOf<kPodResourceClaimStatus>, "name"},
    {"ExtendedResourceClaimStatus", "extendedResourceClaimStatus",
     &kPointerTo<kPodExtendedResourceClaimStatus>},
    {"AllocatedResources", "allocatedResources", &kResourceList},
    {"Resources", "resources", &kPointerTo<kResourceRequirements>},
    {"NodeAllocatableResourceClaimStatuses", "nodeAllocatableResourceClaimStatuses",
     &kListOf<kNodeAllocatableResourceClaimStatus>},
};

}  // namespace

constinit const Type kPodConditionType{Kind::String, "v1.PodConditionType"};

constinit const Type kPodPhase{Kind::String, "v1.PodPhase"};

constinit const Type kConditionStatus{Kind::String, "v1.ConditionStatus"};

constinit const Type kPodCondition{
    .kind = Kind::Struct, .name = "v1.PodCondition", .fields = kPodConditionFields};

constinit const Type kHostIP{.kind = Kind::Struct, .name = "v1.HostIP", .fields = kHostIPFields};

constinit const Type kPodIP{.kind = Kind::Struct, .name = "v1.PodIP", .fields = kPodIPFields};

constinit const Type kContainerStateWaiting{.kind = Kind::Struct,
                                            .name = "v1.ContainerStateWaiting",
                                            .fields = kContainerStateWaitingFields};

constinit const Type kContainerStateRunning{.kind = Kind::Struct,
                                            .name = "v1.ContainerStateRunning",
                                            .fields = kContainerStateRunningFields};

constinit const Type kContainerStateTerminated{.kind = Kind::Struct,
                                               .name = "v1.ContainerStateTerminated",
                                               .fields = kContainerStateTerminatedFields};

constinit const Type kContainerState{
    .kind = Kind::Struct, .name = "v1.ContainerState", .fields = kContainerStateFields};

constinit const Type kImageVolumeStatus{
    .kind = Kind::Struct, .name = "v1.ImageVolumeStatus", .fields = kImageVolumeStatusFields};

constinit const Type kVolumeStatus{
    .kind = Kind::Struct, .name = "v1.VolumeStatus", .fields = kVolumeStatusFields};

constinit const Type kVolumeMountStatus{
    .kind = Kind::Struct, .name = "v1.VolumeMountStatus", .fields = kVolumeMountStatusFields};

constinit const Type kLinuxContainerUser{
    .kind = Kind::Struct, .name = "v1.LinuxContainerUser", .fields = kLinuxContainerUserFields};

constinit const Type kContainerUser{
    .kind = Kind::Struct, .name = "v1.ContainerUser", .fields = kContainerUserFields};

constinit const Type kResourceID{Kind::String, "v1.ResourceID"};

constinit const Type kResourceHealthStatus{Kind::String, "v1.ResourceHealthStatus"};

constinit const Type kResourceHealth{
    .kind = Kind::Struct, .name = "v1.ResourceHealth", .fields = kResourceHealthFields};

constinit const Type kResourceStatus{
    .kind = Kind::Struct, .name = "v1.ResourceStatus", .fields = kResourceStatusFields};

constinit const Type kContainerStatus{
    .kind = Kind::Struct, .name = "v1.ContainerStatus", .fields = kContainerStatusFields};

constinit const Type kPodQOSClass{Kind::String, "v1.PodQOSClass"};

constinit const Type kPodResizeStatus{Kind::String, "v1.PodResizeStatus"};

constinit const Type kPodResourceClaimStatus{.kind = Kind::Struct,
                                             .name = "v1.PodResourceClaimStatus",
                                             .fields = kPodResourceClaimStatusFields};

constinit const Type kPodExtendedResourceClaimStatus{
    .kind = Kind::Struct,
    .name = "v1.PodExtendedResourceClaimStatus",
    .fields = kPodExtendedResourceClaimStatusFields};

constinit const Type kNodeAllocatableResourceClaimStatus{
    .kind = Kind::Struct,
    .name = "v1.NodeAllocatableResourceClaimStatus",
    .fields = kNodeAllocatableResourceClaimStatusFields};

constinit const Type kPodStatus{
    .kind = Kind::Struct, .name = "v1.PodStatus", .fields = kPodStatusFields};

}  // namespace sluice::schema
