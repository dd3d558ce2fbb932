// Volumes, and what Kubernetes itself makes them of.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kHostPathVolumeSourceFields[] = {
    {"Path", "path", &kString, {}, kAlways},
    {"Type", "type", &kPointerTo<kHostPathType>},
};

constexpr Field kEmptyDirVolumeSourceFields[] = {
    {"Medium", "medium", &kStorageMedium},
    {"SizeLimit", "sizeLimit", &kPointerTo<kQuantity>},
};

constexpr Field kKeyToPathFields[] = {
    {"Key", "key", &kString, {}, kAlways},
    {"Path", "path", &kString, {}, kAlways},
    {"Mode", "mode", &kPointerTo<kInt32>},
};

constexpr Field kSecretVolumeSourceFields[] = {
    {"SecretName", "secretName", &kString},
    {"Items", "items", &kListOf<kKeyToPath>},
    {"DefaultMode", "defaultMode", &kPointerTo<kInt32>},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kLocalObjectReferenceFields[] = {
    {"Name", "name", &kString},
};

constexpr Field kPersistentVolumeClaimVolumeSourceFields[] = {
    {"ClaimName", "claimName", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kDownwardAPIVolumeFileFields[] = {
    {"Path", "path", &kString, {}, kAlways},
    {"FieldRef", "fieldRef", &kPointerTo<kObjectFieldSelector>},
    {"ResourceFieldRef", "resourceFieldRef", &kPointerTo<kResourceFieldSelector>},
    {"Mode", "mode", &kPointerTo<kInt32>},
};

constexpr Field kDownwardAPIVolumeSourceFields[] = {
    {"Items", "items", &kListOf<kDownwardAPIVolumeFile>},
    {"DefaultMode", "defaultMode", &kPointerTo<kInt32>},
};

constexpr Field kConfigMapVolumeSourceFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Items", "items", &kListOf<kKeyToPath>},
    {"DefaultMode", "defaultMode", &kPointerTo<kInt32>},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kSecretProjectionFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Items", "items", &kListOf<kKeyToPath>},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kDownwardAPIProjectionFields[] = {
    {"Items", "items", &kListOf<kDownwardAPIVolumeFile>},
};

constexpr Field kConfigMapProjectionFields[] = {
    {"LocalObjectReference", "", &kLocalObjectReference},
    {"Items", "items", &kListOf<kKeyToPath>},
    {"Optional", "optional", &kPointerTo<kBool>},
};

constexpr Field kServiceAccountTokenProjectionFields[] = {
    {"Audience", "audience", &kString},
    {"ExpirationSeconds", "expirationSeconds", &kPointerTo<kInt64>},
    {"Path", "path", &kString, {}, kAlways},
};

constexpr Field kClusterTrustBundleProjectionFields[] = {
    {"Name", "name", &kPointerTo<kString>},
    {"SignerName", "signerName", &kPointerTo<kString>},
    {"LabelSelector", "labelSelector", &kPointerTo<kLabelSelector>},
    {"Optional", "optional", &kPointerTo<kBool>},
    {"Path", "path", &kString, {}, kAlways},
};

constexpr Field kPodCertificateProjectionFields[] = {
    {"SignerName", "signerName", &kString},
    {"KeyType", "keyType", &kString},
    {"MaxExpirationSeconds", "maxExpirationSeconds", &kPointerTo<kInt32>},
    {"CredentialBundlePath", "credentialBundlePath", &kString},
    {"KeyPath", "keyPath", &kString},
    {"CertificateChainPath", "certificateChainPath", &kString},
    {"UserAnnotations", "userAnnotations", &kStringMap},
};

constexpr Field kVolumeProjectionFields[] = {
    {"Secret", "secret", &kPointerTo<kSecretProjection>},
    {"DownwardAPI", "downwardAPI", &kPointerTo<kDownwardAPIProjection>},
    {"ConfigMap", "configMap", &kPointerTo<kConfigMapProjection>},
    {"ServiceAccountToken", "serviceAccountToken", &kPointerTo<kServiceAccountTokenProjection>},
    {"ClusterTrustBundle", "clusterTrustBundle", &kPointerTo<kClusterTrustBundleProjection>},
    {"PodCertificate", "podCertificate", &kPointerTo<kPodCertificateProjection>},
};

constexpr Field kProjectedVolumeSourceFields[] = {
    {"Sources", "sources", &kListOf<kVolumeProjection>, {}, kAlways},
    {"DefaultMode", "defaultMode", &kPointerTo<kInt32>},
};

constexpr Field kVolumeResourceRequirementsFields[] = {
    {"Limits", "limits", &kResourceList},
    {"Requests", "requests", &kResourceList},
};

constexpr Field kTypedLocalObjectReferenceFields[] = {
    {"APIGroup", "apiGroup", &kPointerTo<kString>, {}, kAlways},
    {"Kind", "kind", &kString, {}, kAlways},
    {"Name", "name", &kString, {}, kAlways},
};

constexpr Field kTypedObjectReferenceFields[] = {
    {"APIGroup", "apiGroup", &kPointerTo<kString>, {}, kAlways},
    {"Kind", "kind", &kString, {}, kAlways},
    {"Name", "name", &kString, {}, kAlways},
    {"Namespace", "namespace", &kPointerTo<kString>},
};

constexpr Field kPersistentVolumeClaimSpecFields[] = {
    {"AccessModes", "accessModes", &kListOf<kPersistentVolumeAccessMode>},
    {"Selector", "selector", &kPointerTo<kLabelSelector>},
    {"Resources", "resources", &kVolumeResourceRequirements, {}, kAlways},
    {"VolumeName", "volumeName", &kString},
    {"StorageClassName", "storageClassName", &kPointerTo<kString>},
    {"VolumeMode", "volumeMode", &kPointerTo<kPersistentVolumeMode>},
    {"DataSource", "dataSource", &kPointerTo<kTypedLocalObjectReference>},
    {"DataSourceRef", "dataSourceRef", &kPointerTo<kTypedObjectReference>},
    {"VolumeAttributesClassName", "volumeAttributesClassName", &kPointerTo<kString>},
};

constexpr Field kPersistentVolumeClaimTemplateFields[] = {
    {"ObjectMeta", "metadata", &kObjectMeta, {}, kAlways},
    {"Spec", "spec", &kPersistentVolumeClaimSpec, {}, kAlways},
};

constexpr Field kEphemeralVolumeSourceFields[] = {
    {"VolumeClaimTemplate", "volumeClaimTemplate", &kPointerTo<kPersistentVolumeClaimTemplate>},
};

constexpr Field kImageVolumeSourceFields[] = {
    {"Reference", "reference", &kString},
    {"PullPolicy", "pullPolicy", &kPullPolicy},
};

constexpr Field kVolumeSourceFields[] = {
    {"HostPath", "hostPath", &kPointerTo<kHostPathVolumeSource>},
    {"EmptyDir", "emptyDir", &kPointerTo<kEmptyDirVolumeSource>},
    {"GCEPersistentDisk", "gcePersistentDisk", &kPointerTo<kGCEPersistentDiskVolumeSource>},
    {"AWSElasticBlockStore", "awsElasticBlockStore",
     &kPointerTo<kAWSElasticBlockStoreVolumeSource>},
    {"GitRepo", "gitRepo", &kPointerTo<kGitRepoVolumeSource>},
    {"Secret", "secret", &kPointerTo<kSecretVolumeSource>},
    {"NFS", "nfs", &kPointerTo<kNFSVolumeSource>},
    {"ISCSI", "iscsi", &kPointerTo<kISCSIVolumeSource>},
    {"Glusterfs", "glusterfs", &kPointerTo<kGlusterfsVolumeSource>},
    {"PersistentVolumeClaim", "persistentVolumeClaim",
     &kPointerTo<kPersistentVolumeClaimVolumeSource>},
    {"RBD", "rbd", &kPointerTo<kRBDVolumeSource>},
    {"FlexVolume", "flexVolume", &kPointerTo<kFlexVolumeSource>},
    {"Cinder", "cinder", &kPointerTo<kCinderVolumeSource>},
    {"CephFS", "cephfs", &kPointerTo<kCephFSVolumeSource>},
    {"Flocker", "flocker", &kPointerTo<kFlockerVolumeSource>},
    {"DownwardAPI", "downwardAPI", &kPointerTo<kDownwardAPIVolumeSource>},
    {"FC", "fc", &kPointerTo<kFCVolumeSource>},
    {"AzureFile", "azureFile", &kPointerTo<kAzureFileVolumeSource>},
    {"ConfigMap", "configMap", &kPointerTo<kConfigMapVolumeSource>},
    {"VsphereVolume", "vsphereVolume", &kPointerTo<kVsphereVirtualDiskVolumeSource>},
    {"Quobyte", "quobyte", &kPointerTo<kQuobyteVolumeSource>},
    {"AzureDisk", "azureDisk", &kPointerTo<kAzureDiskVolumeSource>},
    {"PhotonPersistentDisk", "photonPersistentDisk",
     &kPointerTo<kPhotonPersistentDiskVolumeSource>},
    {"Projected", "projected", &kPointerTo<kProjectedVolumeSource>},
    {"PortworxVolume", "portworxVolume", &kPointerTo<kPortworxVolumeSource>},
    {"ScaleIO", "scaleIO", &kPointerTo<kScaleIOVolumeSource>},
    {"StorageOS", "storageos", &kPointerTo<kStorageOSVolumeSource>},
    {"CSI", "csi", &kPointerTo<kCSIVolumeSource>},
    {"Ephemeral", "ephemeral", &kPointerTo<kEphemeralVolumeSource>},
    {"Image", "image", &kPointerTo<kImageVolumeSource>},
};

constexpr Field kVolumeFields[] = {
    {"Name", "name", &kString, {}, kAlways},
    {"VolumeSource", "", &kVolumeSource},
};

}  // namespace

constinit const Type kHostPathType{Kind::String, "v1.HostPathType"};

constinit const Type kHostPathVolumeSource{
    .kind = Kind::Struct, .name = "v1.HostPathVolumeSource", .fields = kHostPathVolumeSourceFields};

constinit const Type kStorageMedium{Kind::String, "v1.StorageMedium"};

constinit const Type kEmptyDirVolumeSource{
    .kind = Kind::Struct, .name = "v1.EmptyDirVolumeSource", .fields = kEmptyDirVolumeSourceFields};

constinit const Type kKeyToPath{
    .kind = Kind::Struct, .name = "v1.KeyToPath", .fields = kKeyToPathFields};

constinit const Type kSecretVolumeSource{
    .kind = Kind::Struct, .name = "v1.SecretVolumeSource", .fields = kSecretVolumeSourceFields};

constinit const Type kLocalObjectReference{
    .kind = Kind::Struct, .name = "v1.LocalObjectReference", .fields = kLocalObjectReferenceFields};

constinit const Type kPersistentVolumeClaimVolumeSource{
    .kind = Kind::Struct,
    .name = "v1.PersistentVolumeClaimVolumeSource",
    .fields = kPersistentVolumeClaimVolumeSourceFields};

constinit const Type kDownwardAPIVolumeFile{.kind = Kind::Struct,
                                            .name = "v1.DownwardAPIVolumeFile",
                                            .fields = kDownwardAPIVolumeFileFields};

constinit const Type kDownwardAPIVolumeSource{.kind = Kind::Struct,
                                              .name = "v1.DownwardAPIVolumeSource",
                                              .fields = kDownwardAPIVolumeSourceFields};

constinit const Type kConfigMapVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.ConfigMapVolumeSource",
                                            .fields = kConfigMapVolumeSourceFields};

constinit const Type kSecretProjection{
    .kind = Kind::Struct, .name = "v1.SecretProjection", .fields = kSecretProjectionFields};

constinit const Type kDownwardAPIProjection{.kind = Kind::Struct,
                                            .name = "v1.DownwardAPIProjection",
                                            .fields = kDownwardAPIProjectionFields};

constinit const Type kConfigMapProjection{
    .kind = Kind::Struct, .name = "v1.ConfigMapProjection", .fields = kConfigMapProjectionFields};

constinit const Type kServiceAccountTokenProjection{.kind = Kind::Struct,
                                                    .name = "v1.ServiceAccountTokenProjection",
                                                    .fields = kServiceAccountTokenProjectionFields};

constinit const Type kClusterTrustBundleProjection{.kind = Kind::Struct,
                                                   .name = "v1.ClusterTrustBundleProjection",
                                                   .fields = kClusterTrustBundleProjectionFields};

constinit const Type kPodCertificateProjection{.kind = Kind::Struct,
                                               .name = "v1.PodCertificateProjection",
                                               .fields = kPodCertificateProjectionFields};

constinit const Type kVolumeProjection{
    .kind = Kind::Struct, .name = "v1.VolumeProjection", .fields = kVolumeProjectionFields};

constinit const Type kProjectedVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.ProjectedVolumeSource",
                                            .fields = kProjectedVolumeSourceFields};

constinit const Type kPersistentVolumeAccessMode{Kind::String, "v1.PersistentVolumeAccessMode"};

constinit const Type kVolumeResourceRequirements{.kind = Kind::Struct,
                                                 .name = "v1.VolumeResourceRequirements",
                                                 .fields = kVolumeResourceRequirementsFields};

constinit const Type kPersistentVolumeMode{Kind::String, "v1.PersistentVolumeMode"};

constinit const Type kTypedLocalObjectReference{.kind = Kind::Struct,
                                                .name = "v1.TypedLocalObjectReference",
                                                .fields = kTypedLocalObjectReferenceFields};

constinit const Type kTypedObjectReference{
    .kind = Kind::Struct, .name = "v1.TypedObjectReference", .fields = kTypedObjectReferenceFields};

constinit const Type kPersistentVolumeClaimSpec{.kind = Kind::Struct,
                                                .name = "v1.PersistentVolumeClaimSpec",
                                                .fields = kPersistentVolumeClaimSpecFields};

constinit const Type kPersistentVolumeClaimTemplate{.kind = Kind::Struct,
                                                    .name = "v1.PersistentVolumeClaimTemplate",
                                                    .fields = kPersistentVolumeClaimTemplateFields};

constinit const Type kEphemeralVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.EphemeralVolumeSource",
                                            .fields = kEphemeralVolumeSourceFields};

constinit const Type kImageVolumeSource{
    .kind = Kind::Struct, .name = "v1.ImageVolumeSource", .fields = kImageVolumeSourceFields};

constinit const Type kVolumeSource{
    .kind = Kind::Struct, .name = "v1.VolumeSource", .fields = kVolumeSourceFields};

constinit const Type kVolume{.kind = Kind::Struct, .name = "v1.Volume", .fields = kVolumeFields};

}  // namespace sluice::schema
