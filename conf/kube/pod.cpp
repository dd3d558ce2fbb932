#include "conf/kube/pod.h"

#include <nlohmann/json.hpp>

namespace sluice::kube {
namespace {

using nlohmann::json;

/// Thrown by the readers below and caught in pod_facts(): a Pod has one way to be wrong.
struct WrongType {
  std::string path;
  const char* expected;
};

/// `object[key]`; null where it is absent, as the Kubernetes API takes null.
const json& member(const json& object, const char* key) {
  static const json kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

const json& object_at(const json& parent, const std::string& path, const char* key) {
  const json& value = member(parent, key);
  if (!value.is_null() && !value.is_object()) throw WrongType{path + "." + key, "an object"};
  static const json kEmpty = json::object();
  return value.is_null() ? kEmpty : value;
}

const json& list_at(const json& parent, const std::string& path, const char* key) {
  const json& value = member(parent, key);
  if (!value.is_null() && !value.is_array()) throw WrongType{path + "." + key, "a list"};
  static const json kEmpty = json::array();
  return value.is_null() ? kEmpty : value;
}

std::string text_at(const json& parent, const std::string& path, const char* key) {
  const json& value = member(parent, key);
  if (value.is_null()) return {};
  if (!value.is_string()) throw WrongType{path + "." + key, "a string"};
  return value.get<std::string>();
}

std::optional<std::int64_t> number_at(const json& parent, const std::string& path,
                                      const char* key) {
  const json& value = member(parent, key);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number_integer()) throw WrongType{path + "." + key, "an integer"};
  return value.get<std::int64_t>();
}

std::map<std::string, std::string> texts_at(const json& parent, const std::string& path,
                                            const char* key) {
  std::map<std::string, std::string> out;
  const json& object = object_at(parent, path, key);
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string()) throw WrongType{path + "." + key + "[\"" + name + "\"]", "a string"};
    out[name] = value.get<std::string>();
  }
  return out;
}

RunAs run_as(const json& parent, const std::string& path) {
  const json& context = object_at(parent, path, "securityContext");
  const std::string at = path + ".securityContext";
  return {number_at(context, at, "runAsUser"), number_at(context, at, "runAsGroup")};
}

/// Literal values; of two entries with one name the later counts, as the kubelet has it.
std::map<std::string, std::string> environment(const json& container, const std::string& path) {
  std::map<std::string, std::string> out;
  const json& list = list_at(container, path, "env");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = path + ".env[" + std::to_string(i) + "]";
    if (!list[i].is_object()) throw WrongType{at, "an object"};
    const std::string name = text_at(list[i], at, "name");
    if (list[i].contains("valueFrom")) {
      out.erase(name);
    } else {
      out[name] = text_at(list[i], at, "value");
    }
  }
  return out;
}

Container container_of(const json& value, const std::string& path, bool init) {
  if (!value.is_object()) throw WrongType{path, "an object"};
  Container container;
  container.name = text_at(value, path, "name");
  if (init) {
    const bool stays = text_at(value, path, "restartPolicy") == "Always";
    container.kind = stays ? ContainerKind::NativeSidecar : ContainerKind::Init;
  }
  const json& args = list_at(value, path, "args");
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i].is_string())
      throw WrongType{path + ".args[" + std::to_string(i) + "]", "a string"};
    container.args.push_back(args[i].get<std::string>());
  }
  container.env = environment(value, path);
  container.run_as = run_as(value, path);
  return container;
}

void append_containers(const json& spec, const char* key, bool init, PodFacts& facts) {
  const json& list = list_at(spec, "spec", key);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = std::string("spec.") + key + "[" + std::to_string(i) + "]";
    facts.containers.push_back(container_of(list[i], path, init));
  }
}

PodFacts read(const json& pod) {
  PodFacts facts;
  const json& metadata = object_at(pod, "", "metadata");
  facts.namespace_name = text_at(metadata, "metadata", "namespace");
  facts.name = text_at(metadata, "metadata", "name");
  facts.uid = text_at(metadata, "metadata", "uid");
  facts.annotations = texts_at(metadata, "metadata", "annotations");
  facts.labels = texts_at(metadata, "metadata", "labels");
  if (const auto mirror = facts.annotations.find("kubernetes.io/config.mirror");
      mirror != facts.annotations.end()) {
    facts.mirror_uid = mirror->second;
  }
  const json& spec = object_at(pod, "", "spec");
  facts.run_as = run_as(spec, "spec");
  const json& host_network = member(spec, "hostNetwork");
  if (!host_network.is_null() && !host_network.is_boolean()) {
    throw WrongType{"spec.hostNetwork", "a boolean"};
  }
  facts.host_network = host_network == json(true);
  append_containers(spec, "initContainers", true, facts);
  append_containers(spec, "containers", false, facts);
  return facts;
}

}  // namespace

Result<PodFacts> pod_facts(const json& pod) {
  if (!pod.is_object() || !member(pod, "kind").is_string()) {
    return fail(Errc::Malformed, "not a Pod: it has no kind");
  }
  if (const auto kind = pod["kind"].get<std::string>(); kind != "Pod") {
    return fail(Errc::Malformed, "not a Pod: its kind is \"" + kind.substr(0, 100) + "\"");
  }
  try {
    PodFacts facts = read(pod);
    if (facts.name.empty()) return fail(Errc::Malformed, "not a Pod: metadata.name is missing");
    return facts;
  } catch (const WrongType& wrong) {
    return fail(Errc::Malformed, "not a Pod: " + wrong.path + " is not " + wrong.expected);
  }
}

Result<PodFacts> pod_facts(std::string_view text) {
  const json pod = json::parse(text, nullptr, false);
  if (pod.is_discarded()) return fail(Errc::Malformed, "not a Pod: the text is not JSON");
  return pod_facts(pod);
}

}  // namespace sluice::kube
