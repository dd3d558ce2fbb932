#include "injector/pipeline/data.h"

#include "conf/mesh/mesh_config.h"
#include "conf/mesh/messages.h"
#include "conf/schema/pod.h"
#include "injector/pipeline/image.h"
#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;
using schema::Field;
using schema::Kind;
using schema::Type;
using tmpl::Value;

constexpr Field kNamespacedNameFields[] = {
    {"Namespace", "Namespace", &schema::kString, {}, true},
    {"Name", "Name", &schema::kString, {}, true},
};
constexpr Field kStringMethod[] = {{"String", "String", &schema::kString}};
constexpr Type kNamespacedName{.kind = Kind::Struct,
                               .name = "types.NamespacedName",
                               .fields = kNamespacedNameFields,
                               .methods = kStringMethod};

constexpr Field kGroupVersionKindFields[] = {
    {"Group", "Group", &schema::kString, {}, true},
    {"Version", "Version", &schema::kString, {}, true},
    {"Kind", "Kind", &schema::kString, {}, true},
};
constexpr Type kGroupVersionKind{.kind = Kind::Struct,
                                 .name = "schema.GroupVersionKind",
                                 .fields = kGroupVersionKindFields,
                                 .methods = kStringMethod};

/// With the method that needs more than the members of the object.
const Type& type_meta() {
  static constexpr Field Methods[] = {{"GroupVersionKind", "GroupVersionKind", &kGroupVersionKind}};
  static const Type type = [] {
    Type with_methods = schema::kTypeMeta;
    with_methods.methods = Methods;
    return with_methods;
  }();
  return type;
}

/// ProxyConfig as templates of the older dialects knew it: concurrency was a plain number.
const Type& former_proxy_config() {
  static const std::vector<Field> fields = [] {
    std::vector<Field> all(mesh::kProxyConfig.fields.begin(), mesh::kProxyConfig.fields.end());
    for (Field& field : all) {
      if (field.json == "concurrency") field.type = &mesh::kInt32;
    }
    return all;
  }();
  static const Type type{
      .kind = mesh::kProxyConfig.kind, .name = mesh::kProxyConfig.name, .fields = fields};
  return type;
}

std::string inbound_policy(const json& mesh) {
  const bool local = text_at(mesh, {"inboundTrafficPolicy", "mode"}) == "LOCALHOST";
  return local ? "localhost" : "passthrough";
}

}  // namespace

json type_meta_of(const Owner& owner) {
  const std::string& version = owner.api_version;
  const std::size_t slash = version.find('/');
  const bool core = slash == std::string::npos;
  json kind{{"Group", core ? "" : version.substr(0, slash)},
            {"Version", core ? version : version.substr(slash + 1)},
            {"Kind", owner.kind}};
  kind["String"] =
      text_at(kind, {"Group"}) + "/" + text_at(kind, {"Version"}) + ", Kind=" + owner.kind;
  return {{"kind", owner.kind}, {"apiVersion", version}, {"GroupVersionKind", std::move(kind)}};
}

json deployment_meta_of(const Owner& owner) {
  // Under the names of either type that it can have: a NamespacedName's, or an ObjectMeta's.
  return {{"name", owner.name},
          {"namespace", owner.namespace_name},
          {"Name", owner.name},
          {"Namespace", owner.namespace_name},
          {"String", owner.namespace_name + "/" + owner.name}};
}

tmpl::Dict common_data(const Settings::Compiled& compiled) {
  const Configuration& from = compiled.configuration;
  const json& mesh = from.mesh.document;
  tmpl::Dict data{
      {"MeshConfig", Value::view(&mesh, mesh::kMeshConfig)},
      {"Values", Value::view(&compiled.values, schema::kAny)},
      {"Revision", from.switches.revision},
      {"NativeSidecars", from.switches.native_sidecars},
      {"InboundTrafficPolicyMode", inbound_policy(mesh)},
      {"CompliancePolicy", from.switches.compliance_policy},
  };
  data.struct_name = "inject.SidecarTemplateData";
  return data;
}

tmpl::Dict template_data(const PodData& data, const Settings::Compiled& compiled) {
  static const json nothing = json::object();
  const auto part = [&](const char* name) {
    const json& value = at_path(data.pod, {name});
    return value.is_object() ? &value : &nothing;
  };
  const json& values = compiled.configuration.values;
  std::string type = text_at(data.proxy_config, {"image", "imageType"});
  std::string init_type;
  const json& said =
      at_path(data.pod, {"metadata", "annotations", "sidecar.istio.io/proxyImageType"});
  if (said.is_string()) init_type = type = said.get<std::string>();
  tmpl::Dict dict = compiled.common;
  dict["TypeMeta"] = Value::view(&data.type_meta, type_meta());
  dict["DeploymentMeta"] =
      Value::view(&data.deployment_meta, compiled.lists ? schema::kObjectMeta : kNamespacedName);
  dict["ObjectMeta"] = Value::view(part("metadata"), schema::kObjectMeta);
  dict["Spec"] = Value::view(part("spec"), schema::kPodSpec);
  dict["ProxyConfig"] =
      Value::view(&data.proxy_config, compiled.lists ? former_proxy_config() : mesh::kProxyConfig);
  dict["ProxyImage"] = proxy_image(values, "proxy", type);
  dict["ProxyInitImage"] = proxy_image(values, "proxy_init", init_type);
  dict["ProxyUID"] = data.ids.user;
  dict["ProxyGID"] = data.ids.group;
  return dict;
}

}  // namespace sluice::injector
