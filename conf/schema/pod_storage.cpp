// Volumes that a storage system serves: the drivers that are built in, and CSI.

#include "conf/schema/pod_parts.h"

namespace sluice::schema {
namespace {

constexpr Field kGCEPersistentDiskVolumeSourceFields[] = {
    {"PDName", "pdName", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"Partition", "partition", &kInt32},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kAWSElasticBlockStoreVolumeSourceFields[] = {
    {"VolumeID", "volumeID", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"Partition", "partition", &kInt32},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kGitRepoVolumeSourceFields[] = {
    {"Repository", "repository", &kString, {}, kAlways},
    {"Revision", "revision", &kString},
    {"Directory", "directory", &kString},
};

constexpr Field kNFSVolumeSourceFields[] = {
    {"Server", "server", &kString, {}, kAlways},
    {"Path", "path", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kISCSIVolumeSourceFields[] = {
    {"TargetPortal", "targetPortal", &kString, {}, kAlways},
    {"IQN", "iqn", &kString, {}, kAlways},
    {"Lun", "lun", &kInt32, {}, kAlways},
    {"ISCSIInterface", "iscsiInterface", &kString},
    {"FSType", "fsType", &kString},
    {"ReadOnly", "readOnly", &kBool},
    {"Portals", "portals", &kStringList},
    {"DiscoveryCHAPAuth", "chapAuthDiscovery", &kBool},
    {"SessionCHAPAuth", "chapAuthSession", &kBool},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>},
    {"InitiatorName", "initiatorName", &kPointerTo<kString>},
};

constexpr Field kGlusterfsVolumeSourceFields[] = {
    {"EndpointsName", "endpoints", &kString, {}, kAlways},
    {"Path", "path", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kRBDVolumeSourceFields[] = {
    {"CephMonitors", "monitors", &kStringList, {}, kAlways},
    {"RBDImage", "image", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"RBDPool", "pool", &kString},
    {"RadosUser", "user", &kString},
    {"Keyring", "keyring", &kString},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kFlexVolumeSourceFields[] = {
    {"Driver", "driver", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>},
    {"ReadOnly", "readOnly", &kBool},
    {"Options", "options", &kStringMap},
};

constexpr Field kCinderVolumeSourceFields[] = {
    {"VolumeID", "volumeID", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"ReadOnly", "readOnly", &kBool},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>},
};

constexpr Field kCephFSVolumeSourceFields[] = {
    {"Monitors", "monitors", &kStringList, {}, kAlways},
    {"Path", "path", &kString},
    {"User", "user", &kString},
    {"SecretFile", "secretFile", &kString},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kFlockerVolumeSourceFields[] = {
    {"DatasetName", "datasetName", &kString},
    {"DatasetUUID", "datasetUUID", &kString},
};

constexpr Field kFCVolumeSourceFields[] = {
    {"TargetWWNs", "targetWWNs", &kStringList},
    {"Lun", "lun", &kPointerTo<kInt32>},
    {"FSType", "fsType", &kString},
    {"ReadOnly", "readOnly", &kBool},
    {"WWIDs", "wwids", &kStringList},
};

constexpr Field kAzureFileVolumeSourceFields[] = {
    {"SecretName", "secretName", &kString, {}, kAlways},
    {"ShareName", "shareName", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kVsphereVirtualDiskVolumeSourceFields[] = {
    {"VolumePath", "volumePath", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"StoragePolicyName", "storagePolicyName", &kString},
    {"StoragePolicyID", "storagePolicyID", &kString},
};

constexpr Field kQuobyteVolumeSourceFields[] = {
    {"Registry", "registry", &kString, {}, kAlways},
    {"Volume", "volume", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kBool},
    {"User", "user", &kString},
    {"Group", "group", &kString},
    {"Tenant", "tenant", &kString},
};

constexpr Field kAzureDiskVolumeSourceFields[] = {
    {"DiskName", "diskName", &kString, {}, kAlways},
    {"DataDiskURI", "diskURI", &kString, {}, kAlways},
    {"CachingMode", "cachingMode", &kPointerTo<kAzureDataDiskCachingMode>},
    {"FSType", "fsType", &kPointerTo<kString>},
    {"ReadOnly", "readOnly", &kPointerTo<kBool>},
    {"Kind", "kind", &kPointerTo<kAzureDataDiskKind>},
};

constexpr Field kPhotonPersistentDiskVolumeSourceFields[] = {
    {"PdID", "pdID", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
};

constexpr Field kPortworxVolumeSourceFields[] = {
    {"VolumeID", "volumeID", &kString, {}, kAlways},
    {"FSType", "fsType", &kString},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kScaleIOVolumeSourceFields[] = {
    {"Gateway", "gateway", &kString, {}, kAlways},
    {"System", "system", &kString, {}, kAlways},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>, {}, kAlways},
    {"SSLEnabled", "sslEnabled", &kBool},
    {"ProtectionDomain", "protectionDomain", &kString},
    {"StoragePool", "storagePool", &kString},
    {"StorageMode", "storageMode", &kString},
    {"VolumeName", "volumeName", &kString},
    {"FSType", "fsType", &kString},
    {"ReadOnly", "readOnly", &kBool},
};

constexpr Field kStorageOSVolumeSourceFields[] = {
    {"VolumeName", "volumeName", &kString},
    {"VolumeNamespace", "volumeNamespace", &kString},
    {"FSType", "fsType", &kString},
    {"ReadOnly", "readOnly", &kBool},
    {"SecretRef", "secretRef", &kPointerTo<kLocalObjectReference>},
};

constexpr Field kCSIVolumeSourceFields[] = {
    {"Driver", "driver", &kString, {}, kAlways},
    {"ReadOnly", "readOnly", &kPointerTo<kBool>},
    {"FSType", "fsType", &kPointerTo<kString>},
    {"VolumeAttributes", "volumeAttributes", &kStringMap},
    {"NodePublishSecretRef", "nodePublishSecretRef", &kPointerTo<kLocalObjectReference>},
};

}  // namespace

constinit const Type kGCEPersistentDiskVolumeSource{.kind = Kind::Struct,
                                                    .name = "v1.GCEPersistentDiskVolumeSource",
                                                    .fields = kGCEPersistentDiskVolumeSourceFields};

constinit const Type kAWSElasticBlockStoreVolumeSource{
    .kind = Kind::Struct,
    .name = "v1.AWSElasticBlockStoreVolumeSource",
    .fields = kAWSElasticBlockStoreVolumeSourceFields};

constinit const Type kGitRepoVolumeSource{
    .kind = Kind::Struct, .name = "v1.GitRepoVolumeSource", .fields = kGitRepoVolumeSourceFields};

constinit const Type kNFSVolumeSource{
    .kind = Kind::Struct, .name = "v1.NFSVolumeSource", .fields = kNFSVolumeSourceFields};

constinit const Type kISCSIVolumeSource{
    .kind = Kind::Struct, .name = "v1.ISCSIVolumeSource", .fields = kISCSIVolumeSourceFields};

constinit const Type kGlusterfsVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.GlusterfsVolumeSource",
                                            .fields = kGlusterfsVolumeSourceFields};

constinit const Type kRBDVolumeSource{
    .kind = Kind::Struct, .name = "v1.RBDVolumeSource", .fields = kRBDVolumeSourceFields};

constinit const Type kFlexVolumeSource{
    .kind = Kind::Struct, .name = "v1.FlexVolumeSource", .fields = kFlexVolumeSourceFields};

constinit const Type kCinderVolumeSource{
    .kind = Kind::Struct, .name = "v1.CinderVolumeSource", .fields = kCinderVolumeSourceFields};

constinit const Type kCephFSVolumeSource{
    .kind = Kind::Struct, .name = "v1.CephFSVolumeSource", .fields = kCephFSVolumeSourceFields};

constinit const Type kFlockerVolumeSource{
    .kind = Kind::Struct, .name = "v1.FlockerVolumeSource", .fields = kFlockerVolumeSourceFields};

constinit const Type kFCVolumeSource{
    .kind = Kind::Struct, .name = "v1.FCVolumeSource", .fields = kFCVolumeSourceFields};

constinit const Type kAzureFileVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.AzureFileVolumeSource",
                                            .fields = kAzureFileVolumeSourceFields};

constinit const Type kVsphereVirtualDiskVolumeSource{
    .kind = Kind::Struct,
    .name = "v1.VsphereVirtualDiskVolumeSource",
    .fields = kVsphereVirtualDiskVolumeSourceFields};

constinit const Type kQuobyteVolumeSource{
    .kind = Kind::Struct, .name = "v1.QuobyteVolumeSource", .fields = kQuobyteVolumeSourceFields};

constinit const Type kAzureDataDiskCachingMode{Kind::String, "v1.AzureDataDiskCachingMode"};

constinit const Type kAzureDataDiskKind{Kind::String, "v1.AzureDataDiskKind"};

constinit const Type kAzureDiskVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.AzureDiskVolumeSource",
                                            .fields = kAzureDiskVolumeSourceFields};

constinit const Type kPhotonPersistentDiskVolumeSource{
    .kind = Kind::Struct,
    .name = "v1.PhotonPersistentDiskVolumeSource",
    .fields = kPhotonPersistentDiskVolumeSourceFields};

constinit const Type kPortworxVolumeSource{
    .kind = Kind::Struct, .name = "v1.PortworxVolumeSource", .fields = kPortworxVolumeSourceFields};

constinit const Type kScaleIOVolumeSource{
    .kind = Kind::Struct, .name = "v1.ScaleIOVolumeSource", .fields = kScaleIOVolumeSourceFields};

constinit const Type kStorageOSVolumeSource{.kind = Kind::Struct,
                                            .name = "v1.StorageOSVolumeSource",
                                            .fields = kStorageOSVolumeSourceFields};

constinit const Type kCSIVolumeSource{
    .kind = Kind::Struct, .name = "v1.CSIVolumeSource", .fields = kCSIVolumeSourceFields};

}  // namespace sluice::schema
