#include "conf/schema/pod.h"

#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace sluice::schema;

namespace {

void reach(const Type& type, std::set<const Type*>& seen) {
  if (!seen.insert(&type).second) return;
  if (type.element != nullptr) reach(*type.element, seen);
  for (const Field& field : type.fields) reach(*field.type, seen);
}

std::set<const Type*> reachable() {
  std::set<const Type*> seen;
  reach(kPod, seen);
  return seen;
}

/// The type at the end of a path of JSON names, through lists, maps and pointers.
const Type* type_at(const Type& root, std::initializer_list<std::string_view> path) {
  const Type* type = &root;
  for (const std::string_view name : path) {
    const Field* field = field_by_json(*type, name);
    if (field == nullptr) return nullptr;
    type = field->type;
    while (type->element != nullptr) type = type->element;
  }
  return type;
}

}  // namespace

TEST_CASE("the table is all of Kubernetes 1.36's Pod") {
  std::size_t structs = 0;
  std::size_t fields = 0;
  for (const Type* type : reachable()) {
    if (type->kind != Kind::Struct) continue;
    ++structs;
    fields += type->fields.size();
  }
  // As counted by reflection over k8s.io/api v0.36.3.
  CHECK(structs == 134);
  CHECK(fields == 607);
}

TEST_CASE("every type is whole") {
  for (const Type* type : reachable()) {
    CAPTURE(type->name);
    const bool holds =
        type->kind == Kind::List || type->kind == Kind::Map || type->kind == Kind::Pointer;
    CHECK((type->element != nullptr) == holds);
    if (!holds) CHECK_FALSE(type->name.empty());
    std::set<std::string_view> names;
    std::set<std::string_view> json;
    for (const Field& field : type->fields) {
      CAPTURE(field.name);
      CHECK(names.insert(field.name).second);
      if (embedded(field)) {
        CHECK(field.type->kind == Kind::Struct);
      } else {
        CHECK(json.insert(field.json).second);
      }
      if (!field.merge_key.empty()) {
        REQUIRE(field.type->kind == Kind::List);
        if (field.merge_key == kItself) {
          CHECK(field.type->element->kind == Kind::String);
        } else {
          CHECK(field_by_json(*field.type->element, field.merge_key) != nullptr);
        }
      }
    }
  }
}

TEST_CASE("lists merge by the keys that Kubernetes declares") {
  const std::map<std::string, std::string> expected = {
      {"v1.Container.env", "name"},
      {"v1.Container.ports", "containerPort"},
      {"v1.Container.volumeDevices", "devicePath"},
      {"v1.Container.volumeMounts", "mountPath"},
      {"v1.ContainerStatus.allocatedResourcesStatus", "name"},
      {"v1.ContainerStatus.volumeMounts", "mountPath"},
      {"v1.EphemeralContainerCommon.env", "name"},
      {"v1.EphemeralContainerCommon.ports", "containerPort"},
      {"v1.EphemeralContainerCommon.volumeDevices", "devicePath"},
      {"v1.EphemeralContainerCommon.volumeMounts", "mountPath"},
      {"v1.ObjectMeta.finalizers", "."},
      {"v1.ObjectMeta.ownerReferences", "uid"},
      {"v1.PodSpec.containers", "name"},
      {"v1.PodSpec.ephemeralContainers", "name"},
      {"v1.PodSpec.hostAliases", "ip"},
      {"v1.PodSpec.imagePullSecrets", "name"},
      {"v1.PodSpec.initContainers", "name"},
      {"v1.PodSpec.resourceClaims", "name"},
      {"v1.PodSpec.schedulingGates", "name"},
      {"v1.PodSpec.topologySpreadConstraints", "topologyKey"},
      {"v1.PodSpec.volumes", "name"},
      {"v1.PodStatus.conditions", "type"},
      {"v1.PodStatus.hostIPs", "ip"},
      {"v1.PodStatus.podIPs", "ip"},
      {"v1.PodStatus.resourceClaimStatuses", "name"}};
  std::map<std::string, std::string> found;
  for (const Type* type : reachable()) {
    for (const Field& field : type->fields) {
      if (field.merge_key.empty()) continue;
      found[std::string(type->name) + "." + std::string(field.json)] = field.merge_key;
    }
  }
  CHECK(found == expected);
}

TEST_CASE("fields are found by either name, those of embedded structs too") {
  CHECK(field_by_name(kPod, "Spec")->type == &kPodSpec);
  CHECK(field_by_name(kPod, "ObjectMeta")->json == "metadata");
  CHECK(field_by_name(kPodSpec, "ServiceAccountName")->json == "serviceAccountName");
  CHECK(field_by_json(kPodSpec, "hostIPC")->name == "HostIPC");
  CHECK(field_by_json(kPodSpec, "serviceaccountname") == nullptr);
  CHECK(field_by_json(kPodSpec, "") == nullptr);
  CHECK(field_by_json(kPod, "kind")->name == "Kind");
  const Type& volume = *type_at(kPodSpec, {"volumes"});
  CHECK(field_by_json(volume, "configMap")->name == "ConfigMap");
  CHECK(field_by_name(volume, "ConfigMap")->json == "configMap");
  CHECK(embedded(*field_by_name(volume, "VolumeSource")));
  CHECK(type_at(kContainer, {"readinessProbe", "httpGet", "port"})->kind == Kind::IntOrString);
  CHECK(type_at(kContainer, {"resources", "limits"})->kind == Kind::Quantity);
  CHECK(type_at(kContainer, {"envFrom", "secretRef", "name"})->kind == Kind::String);
  CHECK(type_at(kPodSpec, {"ephemeralContainers", "env", "valueFrom", "fieldRef", "fieldPath"})
            ->name == "string");
}

TEST_CASE("what Go marshals even when it is zero") {
  CHECK(field_by_json(kContainer, "name")->always);
  CHECK(field_by_json(kContainer, "resources")->always);  // a struct is never empty to Go
  CHECK_FALSE(field_by_json(kContainer, "image")->always);
  CHECK(field_by_json(kPodSpec, "containers")->always);
  CHECK_FALSE(field_by_json(kPodSpec, "initContainers")->always);
  CHECK_FALSE(field_by_json(kObjectMeta, "creationTimestamp")->always);
  CHECK(field_by_json(*type_at(kContainer, {"readinessProbe", "grpc"}), "service")->always);
}
