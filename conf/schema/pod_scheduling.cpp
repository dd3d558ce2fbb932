// Where a pod may run: affinity, tolerations, spread, gates.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kNodeSelectorRequirementFields[] = {
    {"Key", "key", &kString, {}, kAlways},
    {"Operator", "operator", &kNodeSelectorOperator, {}, kAlways},
    {"Values", "values", &kStringList},
};

constexpr Field kNodeSelectorTermFields[] = {
    {"MatchExpressions", "matchExpressions", &kListOf<kNodeSelectorRequirement>},
    {"MatchFields", "matchFields", &kListOf<kNodeSelectorRequirement>},
};

constexpr Field kNodeSelectorFields[] = {
    {"NodeSelectorTerms", "nodeSelectorTerms", &kListOf<kNodeSelectorTerm>, {}, kAlways},
};

constexpr Field kPreferredSchedulingTermFields[] = {
    {"Weight", "weight", &kInt32, {}, kAlways},
    {"Preference", "preference", &kNodeSelectorTerm, {}, kAlways},
};

constexpr Field kNodeAffinityFields[] = {
    {"RequiredDuringSchedulingIgnoredDuringExecution",
     "requiredDuringSchedulingIgnoredDuringExecution", &kPointerTo<kNodeSelector>},
    {"PreferredDuringSchedulingIgnoredDuringExecution",
     "preferredDuringSchedulingIgnoredDuringExecution", &kListOf<kPreferredSchedulingTerm>},
};

constexpr Field kPodAffinityTermFields[] = {
    {"LabelSelector", "labelSelector", &kPointerTo<kLabelSelector>},
    {"Namespaces", "namespaces", &kStringList},
    {"TopologyKey", "topologyKey", &kString, {}, kAlways},
    {"NamespaceSelector", "namespaceSelector", &kPointerTo<kLabelSelector>},
    {"MatchLabelKeys", "matchLabelKeys", &kStringList},
    {"MismatchLabelKeys", "mismatchLabelKeys", &kStringList},
};

constexpr Field kWeightedPodAffinityTermFields[] = {
    {"Weight", "weight", &kInt32, {}, kAlways},
    {"PodAffinityTerm", "podAffinityTerm", &kPodAffinityTerm, {}, kAlways},
};

constexpr Field kPodAffinityFields[] = {
    {"RequiredDuringSchedulingIgnoredDuringExecution",
     "requiredDuringSchedulingIgnoredDuringExecution", &kListOf<kPodAffinityTerm>},
    {"PreferredDuringSchedulingIgnoredDuringExecution",
     "preferredDuringSchedulingIgnoredDuringExecution", &kListOf<kWeightedPodAffinityTerm>},
};

constexpr Field kPodAntiAffinityFields[] = {
    {"RequiredDuringSchedulingIgnoredDuringExecution",
     "requiredDuringSchedulingIgnoredDuringExecution", &kListOf<kPodAffinityTerm>},
    {"PreferredDuringSchedulingIgnoredDuringExecution",
     "preferredDuringSchedulingIgnoredDuringExecution", &kListOf<kWeightedPodAffinityTerm>},
};

constexpr Field kAffinityFields[] = {
    {"NodeAffinity", "nodeAffinity", &kPointerTo<kNodeAffinity>},
    {"PodAffinity", "podAffinity", &kPointerTo<kPodAffinity>},
    {"PodAntiAffinity", "podAntiAffinity", &kPointerTo<kPodAntiAffinity>},
};

constexpr Field kTolerationFields[] = {
    {"Key", "key", &kString},
    {"Operator", "operator", &kTolerationOperator},
    {"Value", "value", &kString},
    {"Effect", "effect", &kTaintEffect},
    {"TolerationSeconds", "tolerationSeconds", &kPointerTo<kInt64>},
};

constexpr Field kTopologySpreadConstraintFields[] = {
    {"MaxSkew", "maxSkew", &kInt32, {}, kAlways},
    {"TopologyKey", "topologyKey", &kString, {}, kAlways},
    {"WhenUnsatisfiable", "whenUnsatisfiable", &kUnsatisfiableConstraintAction, {}, kAlways},
    {"LabelSelector", "labelSelector", &kPointerTo<kLabelSelector>},
    {"MinDomains", "minDomains", &kPointerTo<kInt32>},
    {"NodeAffinityPolicy", "nodeAffinityPolicy", &kPointerTo<kNodeInclusionPolicy>},
    {"NodeTaintsPolicy", "nodeTaintsPolicy", &kPointerTo<kNodeInclusionPolicy>},
    {"MatchLabelKeys", "matchLabelKeys", &kStringList},
};

constexpr Field kPodSchedulingGateFields[] = {
    {"Name", "name", &kString, {}, kAlways},
};

constexpr Field kPodSchedulingGroupFields[] = {
    {"PodGroupName", "podGroupName", &kPointerTo<kString>},
};

}  // namespace

constinit const Type kNodeSelectorOperator{Kind::String, "v1.NodeSelectorOperator"};

constinit const Type kNodeSelectorRequirement{.kind = Kind::Struct,
                                              .name = "v1.NodeSelectorRequirement",
                                              .fields = kNodeSelectorRequirementFields};

constinit const Type kNodeSelectorTerm{
    .kind = Kind::Struct, .name = "v1.NodeSelectorTerm", .fields = kNodeSelectorTermFields};

constinit const Type kNodeSelector{
    .kind = Kind::Struct, .name = "v1.NodeSelector", .fields = kNodeSelectorFields};

constinit const Type kPreferredSchedulingTerm{.kind = Kind::Struct,
                                              .name = "v1.PreferredSchedulingTerm",
                                              .fields = kPreferredSchedulingTermFields};

constinit const Type kNodeAffinity{
    .kind = Kind::Struct, .name = "v1.NodeAffinity", .fields = kNodeAffinityFields};

constinit const Type kPodAffinityTerm{
    .kind = Kind::Struct, .name = "v1.PodAffinityTerm", .fields = kPodAffinityTermFields};

constinit const Type kWeightedPodAffinityTerm{.kind = Kind::Struct,
                                              .name = "v1.WeightedPodAffinityTerm",
                                              .fields = kWeightedPodAffinityTermFields};

constinit const Type kPodAffinity{
    .kind = Kind::Struct, .name = "v1.PodAffinity", .fields = kPodAffinityFields};

constinit const Type kPodAntiAffinity{
    .kind = Kind::Struct, .name = "v1.PodAntiAffinity", .fields = kPodAntiAffinityFields};

constinit const Type kAffinity{
    .kind = Kind::Struct, .name = "v1.Affinity", .fields = kAffinityFields};

constinit const Type kTolerationOperator{Kind::String, "v1.TolerationOperator"};

constinit const Type kTaintEffect{Kind::String, "v1.TaintEffect"};

constinit const Type kToleration{
    .kind = Kind::Struct, .name = "v1.Toleration", .fields = kTolerationFields};

constinit const Type kUnsatisfiableConstraintAction{Kind::String,
                                                    "v1.UnsatisfiableConstraintAction"};

constinit const Type kNodeInclusionPolicy{Kind::String, "v1.NodeInclusionPolicy"};

constinit const Type kTopologySpreadConstraint{.kind = Kind::Struct,
                                               .name = "v1.TopologySpreadConstraint",
                                               .fields = kTopologySpreadConstraintFields};

constinit const Type kPodSchedulingGate{
    .kind = Kind::Struct, .name = "v1.PodSchedulingGate", .fields = kPodSchedulingGateFields};

constinit const Type kPodSchedulingGroup{
    .kind = Kind::Struct, .name = "v1.PodSchedulingGroup", .fields = kPodSchedulingGroupFields};

}  // namespace sluice::schema
