// Probes and lifecycle hooks: what is asked of a container, and how.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kExecActionFields[] = {
    {"Command", "command", &kStringList},
};

constexpr Field kHTTPHeaderFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"Value", "value", &kString, {}, kAlways},
};

constexpr Field kHTTPGetActionFields[] = {
    {"Path", "path", &kString},
    {"Port", "port", &kIntOrString, {}, kAlways},
    {"Host", "host", &kString},
    {"Scheme", "scheme", &kURIScheme},
    {"HTTPHeaders", "httpHeaders", &kListOf<kHTTPHeader>},
};

constexpr Field kTCPSocketActionFields[] = {
    {"Port", "port", &kIntOrString, {}, kAlways},
    {"Host", "host", &kString},
};

constexpr Field kGRPCActionFields[] = {
    {"Port", "port", &kInt32, {}, kAlways},
    {"Service", "service", &kPointerTo<kString>, {}, kAlways},
};

constexpr Field kProbeHandlerFields[] = {
    {"Exec", "exec", &kPointerTo<kExecAction>},
    {"HTTPGet", "httpGet", &kPointerTo<kHTTPGetAction>},
    {"TCPSocket", "tcpSocket", &kPointerTo<kTCPSocketAction>},
    {"GRPC", "grpc", &kPointerTo<kGRPCAction>},
};

constexpr Field kProbeFields[] = {
    {"ProbeHandler", "", &kProbeHandler},
    {"InitialDelaySeconds", "initialDelaySeconds", &kInt32},
    {"TimeoutSeconds", "timeoutSeconds", &kInt32},
    {"PeriodSeconds", "periodSeconds", &kInt32},
    {"SuccessThreshold", "successThreshold", &kInt32},
    {"FailureThreshold", "failureThreshold", &kInt32},
    {"TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", &kPointerTo<kInt64>},
};

constexpr Field kSleepActionFields[] = {
    {"Seconds", "seconds", &kInt64, {}, kAlways},
};

constexpr Field kLifecycleHandlerFields[] = {
    {"Exec", "exec", &kPointerTo<kExecAction>},
    {"HTTPGet", "httpGet", &kPointerTo<kHTTPGetAction>},
    {"TCPSocket", "tcpSocket", &kPointerTo<kTCPSocketAction>},
    {"Sleep", "sleep", &kPointerTo<kSleepAction>},
};

constexpr Field kLifecycleFields[] = {
    {"PostStart", "postStart", &kPointerTo<kLifecycleHandler>},
    {"PreStop", "preStop", &kPointerTo<kLifecycleHandler>},
    {"StopSignal", "stopSignal", &kPointerTo<kSignal>},
};

}  // namespace

constinit const Type kExecAction{
    .kind = Kind::Struct, .name = "v1.ExecAction", .fields = kExecActionFields};

constinit const Type kURIScheme{Kind::String, "v1.URIScheme"};

constinit const Type kHTTPHeader{
    .kind = Kind::Struct, .name = "v1.HTTPHeader", .fields = kHTTPHeaderFields};

constinit const Type kHTTPGetAction{
    .kind = Kind::Struct, .name = "v1.HTTPGetAction", .fields = kHTTPGetActionFields};

constinit const Type kTCPSocketAction{
    .kind = Kind::Struct, .name = "v1.TCPSocketAction", .fields = kTCPSocketActionFields};

constinit const Type kGRPCAction{
    .kind = Kind::Struct, .name = "v1.GRPCAction", .fields = kGRPCActionFields};

constinit const Type kProbeHandler{
    .kind = Kind::Struct, .name = "v1.ProbeHandler", .fields = kProbeHandlerFields};

constinit const Type kProbe{.kind = Kind::Struct, .name = "v1.Probe", .fields = kProbeFields};

constinit const Type kSleepAction{
    .kind = Kind::Struct, .name = "v1.SleepAction", .fields = kSleepActionFields};

constinit const Type kLifecycleHandler{
    .kind = Kind::Struct, .name = "v1.LifecycleHandler", .fields = kLifecycleHandlerFields};

constinit const Type kSignal{Kind::String, "v1.Signal"};

constinit const Type kLifecycle{
    .kind = Kind::Struct, .name = "v1.Lifecycle", .fields = kLifecycleFields};

}  // namespace sluice::schema
