#include "injector/pod/containers.h"

#include <algorithm>
#include <utility>

#include "rules/base/json.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

tl::unexpected<Error> wrong(std::string_view field, const char* what) {
  return fail(Errc::Invalid, std::string(field) + ": must be " + what);
}

/// The member, nullptr where it is absent or null. Invalid where it is no object.
Result<const json*> object_member(const json& parent, const char* name, const std::string& path) {
  const json* at = member(parent, name);
  if (at == nullptr || at->is_null()) return nullptr;
  if (!at->is_object()) return wrong(path, "an object");
  return at;
}

Result<void> check_texts(const json& metadata, const char* name) {
  const std::string path = std::string("metadata.") + name;
  ASSIGN_OR_RETURN(const json* map, object_member(metadata, name, path));
  if (map == nullptr) return {};
  for (const auto& [key, value] : map->get_ref<const json::object_t&>()) {
    if (!value.is_string() && !value.is_null()) return wrong(path + "." + key, "a string");
  }
  return {};
}

/// A list of objects, each with a name that is a string.
Result<const json*> named_list(const json& spec, std::string_view name, const std::string& path) {
  const json* list = member(spec, name);
  if (list == nullptr || list->is_null()) return nullptr;
  if (!list->is_array()) return wrong(path, "a list");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json& element = (*list)[i];
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (!element.is_object()) return wrong(at, "an object");
    const json* its_name = member(element, "name");
    if (its_name == nullptr || !its_name->is_string()) return wrong(at + ".name", "a string");
  }
  return list;
}

Result<void> check_container(const json& container, const std::string& path) {
  ASSIGN_OR_RETURN([[maybe_unused]] const json* env, named_list(container, "env", path + ".env"));
  for (const char* name :
       {"securityContext", "lifecycle", "readinessProbe", "livenessProbe", "startupProbe"}) {
    ASSIGN_OR_RETURN([[maybe_unused]] const json* object,
                     object_member(container, name, path + "." + name));
  }
  return {};
}

Result<void> check_spec(const json& spec) {
  for (const std::string_view name : kContainerLists) {
    const std::string path = "spec." + std::string(name);
    ASSIGN_OR_RETURN(const json* list, named_list(spec, name, path));
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      RETURN_IF_ERROR(check_container((*list)[i], path + "[" + std::to_string(i) + "]"));
    }
  }
  return {};
}

}  // namespace

Result<void> check_shape(const json& pod) {
  if (!pod.is_object()) return wrong("pod", "an object");
  ASSIGN_OR_RETURN(const json* metadata, object_member(pod, "metadata", "metadata"));
  if (metadata != nullptr) {
    RETURN_IF_ERROR(check_texts(*metadata, "annotations"));
    RETURN_IF_ERROR(check_texts(*metadata, "labels"));
  }
  ASSIGN_OR_RETURN(const json* spec, object_member(pod, "spec", "spec"));
  return spec == nullptr ? Result<void>() : check_spec(*spec);
}

const json* container_list(const json& pod, std::string_view list) {
  const json& at = at_path(pod, {"spec", list});
  return at.is_array() ? &at : nullptr;
}

json* container_list(json& pod, std::string_view list) {
  return const_cast<json*>(container_list(std::as_const(pod), list));  // NOLINT: pod is not const
}

const json* find_named(const json* list, std::string_view name) {
  if (list == nullptr || !list->is_array()) return nullptr;
  const auto at = std::find_if(list->begin(), list->end(),
                               [&](const json& element) { return name_of(element) == name; });
  return at == list->end() ? nullptr : &*at;
}

json* find_named(json* list, std::string_view name) {
  // NOLINTNEXTLINE: list is not const
  return const_cast<json*>(find_named(static_cast<const json*>(list), name));
}

const json* find_container(const json& pod, std::string_view name) {
  for (const std::string_view list : kContainerLists) {
    if (const json* found = find_named(container_list(pod, list), name)) return found;
  }
  return nullptr;
}

json* find_container(json& pod, std::string_view name) {
  return const_cast<json*>(find_container(std::as_const(pod), name));  // NOLINT: pod is not const
}

bool remove_named(json* list, std::string_view name) {
  if (list == nullptr || !list->is_array()) return false;
  return std::erase_if(list->get_ref<json::array_t&>(),
                       [&](const json& element) { return name_of(element) == name; }) > 0;
}

std::string_view name_of(const json& element) {
  const std::string* name = string_at(element, {"name"});
  return name == nullptr ? std::string_view() : *name;
}

const std::string* annotation(const json& pod, std::string_view name) {
  return string_at(pod, {"metadata", "annotations", name});
}

const std::string* label(const json& pod, std::string_view name) {
  return string_at(pod, {"metadata", "labels", name});
}

json& metadata_map(json& pod, const char* which) {
  json& map = pod["metadata"][which];
  if (!map.is_object()) map = json::object();
  return map;
}

const json* find_variable(const json& container, std::string_view name) {
  return find_named(member(container, "env"), name);
}

void append_variable(json& container, std::string_view name, std::string value) {
  json& env = container["env"];
  if (!env.is_array()) env = json::array();
  remove_named(&env, name);
  env.push_back({{"name", name}, {"value", std::move(value)}});
}

}  // namespace sluice::injector
