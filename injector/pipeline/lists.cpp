#include "injector/pipeline/lists.h"

#include "conf/schema/pod.h"
#include "injector/template/value.h"
#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;
using schema::Kind;
using schema::Type;

void coerce(json& value, const Type& type) {
  switch (type.kind) {
    case Kind::String:
      if (value.is_number_float()) {
        value = tmpl::Value(value.get<double>()).print();
      } else if (value.is_number() || value.is_boolean()) {
        value = value.dump();
      }
      return;
    case Kind::Pointer:
      return coerce(value, *type.element);
    case Kind::List:
    case Kind::Map:
      if (!value.is_structured()) return;
      for (json& item : value) {
        coerce(item, *type.element);
        if (item.is_null() && type.element->kind == Kind::String) item = "";
      }
      return;
    case Kind::Struct:
      if (!value.is_object()) return;
      for (auto item = value.begin(); item != value.end(); ++item) {
        const schema::Field* field = schema::field_by_json(type, item.key());
        if (field != nullptr) coerce(*item, *field->type);
      }
      return;
    default:
      return;
  }
}

/// In these documents it was no field of a container, and had no effect; in an init container it
/// would make a sidecar now.
void drop_restart_policies(json& containers) {
  if (!containers.is_array()) return;
  for (json& container : containers) {
    if (container.is_object()) container.erase("restartPolicy");
  }
}

/// Moves a member that says something.
void move_member(json& from, const char* name, json& to, const char* as) {
  const auto at = from.find(name);
  if (at != from.end() && !at->is_null()) to[as] = std::move(*at);
}

}  // namespace

void coerce_scalars(json& pod) {
  coerce(pod, schema::kPod);
}

FromLists pod_of_lists(json document) {
  FromLists result;
  result.pod = json::object();
  if (!document.is_object()) return result;
  json spec = json::object();
  for (const char* list :
       {"initContainers", "containers", "volumes", "imagePullSecrets", "securityContext"}) {
    move_member(document, list, spec, list);
  }
  drop_restart_policies(spec["initContainers"]);
  drop_restart_policies(spec["containers"]);
  for (const char* list : {"initContainers", "containers"}) {
    if (spec[list].is_null()) spec.erase(list);  // null would delete the pod's own
  }
  move_member(document, "dnsConfig", spec, "dnsConfig");
  if (spec.contains("dnsConfig") && spec["dnsConfig"].is_object()) {
    spec["dnsConfig"]["$patch"] = "replace";
  }
  json metadata = json::object();
  move_member(document, "podRedirectAnnot", metadata, "annotations");
  if (!metadata.empty()) result.pod["metadata"] = std::move(metadata);
  if (!spec.empty()) result.pod["spec"] = std::move(spec);
  coerce_scalars(result.pod);
  result.rewrite_probes = at_path(document, {"rewriteAppHTTPProbe"}) == true;
  return result;
}

}  // namespace sluice::injector
