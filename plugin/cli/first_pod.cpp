#include "plugin/cli/first_pod.h"

#include "conf/kube/workload.h"
#include "rules/base/json.h"

namespace sluice::cli {
namespace {

using nlohmann::json;

json* first_in(json& object) {
  if (auto elements = kube::elements_of(object)) {
    for (json& item : *elements->items) {
      if (item.is_object() && !item.contains("kind")) item["kind"] = elements->kind;
      if (json* found = first_in(item)) return found;
    }
    return nullptr;
  }
  return kube::pod_path_in(kube::name_of(object).kind) ? &object : nullptr;
}

}  // namespace

json* first_workload(kube::Manifest& manifest) {
  for (kube::Document& document : manifest.documents) {
    if (json* found = first_in(document.value)) return found;
  }
  return nullptr;
}

json pod_in(const json& workload) {
  const auto path = kube::pod_path_in(kube::name_of(workload).kind);
  return at_pointer(workload, path.value_or(""));
}

json as_pod(const json& workload) {
  json pod = pod_in(workload);
  if (!pod.is_object()) pod = json::object();
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  json& metadata = pod["metadata"];
  if (metadata.is_null()) metadata = json::object();
  const auto set = [&](const char* key, const std::string& value) {
    if (metadata.is_object() && !metadata.contains(key)) metadata[key] = value;
  };
  const kube::ObjectName name = kube::name_of(workload);
  set("name", name.name.empty() ? name.generate_name + "pod" : name.name);
  set("namespace", name.namespace_name.empty() ? "default" : name.namespace_name);
  return pod;
}

}  // namespace sluice::cli
