// What every object of the API carries: TypeMeta, ObjectMeta, and label selectors.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kTypeMetaFields[] = {
    {"Kind", "kind", &kString},
    {"APIVersion", "apiVersion", &kString},
};

constexpr Field kOwnerReferenceFields[] = {
    {"APIVersion", "apiVersion", &kString, {}, kAlways},
    {"Kind", "kind", &kString, {}, kAlways},
    {"Name", "name", &kString, {}, kAlways},
    {"UID", "uid", &kUID, {}, kAlways},
    {"Controller", "controller", &kPointerTo<kBool>},
    {"BlockOwnerDeletion", "blockOwnerDeletion", &kPointerTo<kBool>},
};

constexpr Field kManagedFieldsEntryFields[] = {
    {"Manager", "manager", &kString},
    {"Operation", "operation", &kManagedFieldsOperationType},
    {"APIVersion", "apiVersion", &kString},
    {"Time", "time", &kPointerTo<kTime>},
    {"FieldsType", "fieldsType", &kString},
    {"FieldsV1", "fieldsV1", &kPointerTo<kAny>},
    {"Subresource", "subresource", &kString},
};

constexpr Field kObjectMetaFields[] = {
    {"Name", "name", &kString},
    {"GenerateName", "generateName", &kString},
    {"Namespace", "namespace", &kString},
    {"SelfLink", "selfLink", &kString},
    {"UID", "uid", &kUID},
    {"ResourceVersion", "resourceVersion", &kString},
    {"Generation", "generation", &kInt64},
    {"CreationTimestamp", "creationTimestamp", &kTime},
    {"DeletionTimestamp", "deletionTimestamp", &kPointerTo<kTime>},
    {"DeletionGracePeriodSeconds", "deletionGracePeriodSeconds", &kPointerTo<kInt64>},
    {"Labels", "labels", &kStringMap},
    {"Annotations", "annotations", &kStringMap},
    {"OwnerReferences", "ownerReferences", &kListOf<kOwnerReference>, "uid"},
    {"Finalizers", "finalizers", &kStringList, kItself},
    {"ManagedFields", "managedFields", &kListOf<kManagedFieldsEntry>},
};

constexpr Field kObjectMetaMethods[] = {
    {"GetName", "name", &kString},
    {"GetGenerateName", "generateName", &kString},
    {"GetNamespace", "namespace", &kString},
    {"GetSelfLink", "selfLink", &kString},
    {"GetUID", "uid", &kUID},
    {"GetResourceVersion", "resourceVersion", &kString},
    {"GetGeneration", "generation", &kInt64},
    {"GetCreationTimestamp", "creationTimestamp", &kTime},
    {"GetDeletionTimestamp", "deletionTimestamp", &kPointerTo<kTime>},
    {"GetDeletionGracePeriodSeconds", "deletionGracePeriodSeconds", &kPointerTo<kInt64>},
    {"GetLabels", "labels", &kStringMap},
    {"GetAnnotations", "annotations", &kStringMap},
    {"GetOwnerReferences", "ownerReferences", &kListOf<kOwnerReference>},
    {"GetFinalizers", "finalizers", &kStringList},
    {"GetManagedFields", "managedFields", &kListOf<kManagedFieldsEntry>},
    {"GetObjectMeta", "", &kPointerTo<kObjectMeta>},
};

constexpr Field kLabelSelectorRequirementFields[] = {
    {"Key", "key", &kString, {}, kAlways},
    {"Operator", "operator", &kLabelSelectorOperator, {}, kAlways},
    {"Values", "values", &kStringList},
};

constexpr Field kLabelSelectorFields[] = {
    {"MatchLabels", "matchLabels", &kStringMap},
    {"MatchExpressions", "matchExpressions", &kListOf<kLabelSelectorRequirement>},
};

}  // namespace

constinit const Type kTypeMeta{
    .kind = Kind::Struct, .name = "v1.TypeMeta", .fields = kTypeMetaFields};

constinit const Type kUID{Kind::String, "types.UID"};

constinit const Type kOwnerReference{
    .kind = Kind::Struct, .name = "v1.OwnerReference", .fields = kOwnerReferenceFields};

constinit const Type kManagedFieldsOperationType{Kind::String, "v1.ManagedFieldsOperationType"};

constinit const Type kManagedFieldsEntry{
    .kind = Kind::Struct, .name = "v1.ManagedFieldsEntry", .fields = kManagedFieldsEntryFields};

constinit const Type kObjectMeta{.kind = Kind::Struct,
                                 .name = "v1.ObjectMeta",
                                 .fields = kObjectMetaFields,
                                 .methods = kObjectMetaMethods};

constinit const Type kLabelSelectorOperator{Kind::String, "v1.LabelSelectorOperator"};

constinit const Type kLabelSelectorRequirement{.kind = Kind::Struct,
                                               .name = "v1.LabelSelectorRequirement",
                                               .fields = kLabelSelectorRequirementFields};

constinit const Type kLabelSelector{
    .kind = Kind::Struct, .name = "v1.LabelSelector", .fields = kLabelSelectorFields};

}  // namespace sluice::schema
