#include "conf/kube/workload.h"

#include <nlohmann/json.hpp>

#include "conf/kube/http.h"
#include "rules/base/json.h"

namespace sluice::kube {
namespace {

using nlohmann::json;

struct WorkloadKind {
  std::string_view kind;
  std::string_view path;
};

constexpr std::string_view Template = "/spec/template";
constexpr WorkloadKind Kinds[] = {
    {"Pod", ""},
    {"Deployment", Template},
    {"ReplicaSet", Template},
    {"StatefulSet", Template},
    {"DaemonSet", Template},
    {"ReplicationController", Template},
    {"Job", Template},
    {"CronJob", "/spec/jobTemplate/spec/template"},
    {"DeploymentConfig", Template},
};

std::string no_string(const std::string& path, const json& value) {
  return path + " is not a string: " + printable(value.dump(), 64) + " (quote it)";
}

void settle_strings(json& object, const char* key, const std::string& path,
                    std::vector<std::string>& faults) {
  json* strings = member(object, key);
  if (strings == nullptr || strings->is_null()) return;
  const std::string here = path + key;
  if (!strings->is_object()) return faults.push_back(here + " is not a map");
  for (auto& [name, value] : strings->items()) {
    if (value.is_null()) value = "";
    if (value.is_string()) continue;
    faults.push_back(no_string(here + "[\"" + printable(name, 128) + "\"]", value));
  }
}

}  // namespace

std::string to_string(const ObjectName& name) {
  std::string out = name.kind.empty() ? "object" : name.kind;
  const std::string& own = name.name.empty() ? name.generate_name : name.name;
  if (own.empty()) return out;
  out += ' ';
  if (!name.namespace_name.empty()) out += name.namespace_name + '/';
  return out + own;
}

ObjectName name_of(const json& object) {
  ObjectName out;
  out.api_version = text_at(object, {"apiVersion"});
  out.kind = text_at(object, {"kind"});
  out.name = text_at(object, {"metadata", "name"});
  out.generate_name = text_at(object, {"metadata", "generateName"});
  out.namespace_name = text_at(object, {"metadata", "namespace"});
  return out;
}

std::optional<std::string_view> pod_path_in(std::string_view kind) {
  for (const WorkloadKind& known : Kinds) {
    if (known.kind == kind) return known.path;
  }
  return std::nullopt;
}

std::optional<Elements> elements_of(json& object) {
  constexpr std::string_view Suffix = "List";
  std::string kind = text_at(object, {"kind"});
  json* items = member(object, "items");
  if (!kind.ends_with(Suffix) || items == nullptr || !items->is_array()) return std::nullopt;
  kind.resize(kind.size() - Suffix.size());
  return Elements{items, std::move(kind)};
}

std::vector<std::string> settle_metadata(json& object, const std::string& path) {
  json* metadata = member(object, "metadata");
  if (metadata == nullptr || metadata->is_null()) return {};
  const std::string here = path + "metadata";
  if (!metadata->is_object()) return {here + " is not a map"};
  std::vector<std::string> faults;
  for (const char* key : {"name", "generateName", "namespace"}) {
    const json& value = at_path(*metadata, {key});
    if (!value.is_null() && !value.is_string())
      faults.push_back(no_string(here + "." + key, value));
  }
  settle_strings(*metadata, "labels", here + ".", faults);
  settle_strings(*metadata, "annotations", here + ".", faults);
  return faults;
}

}  // namespace sluice::kube
