#include "injector/pod/containers.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "rules/base/json.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Where something stands in a pod. Most pods are as they should be, so its text is made only when
/// it is asked for.
struct Field {
  const Field* outer;  ///< nullptr: this is a member of the pod
  std::string_view name;
  std::optional<std::size_t> index = std::nullopt;  ///< in the list `outer`, instead of a name

  [[nodiscard]] std::string text() const {
    if (outer == nullptr) return std::string(name);
    return outer->text() + (index ? "[" + std::to_string(*index) + "]" : "." + std::string(name));
  }
};

/// Looks at a pod, going on after what is wrong so that one error names all.
class Shape {
 public:
  Result<void> check(const json& pod) && {
    if (pod.is_object()) {
      metadata(pod);
      spec(pod);
    } else {
      wrong({nullptr, "pod"}, "an object");
    }
    if (faults_.empty()) return {};
    return fail(Errc::Invalid, joined(faults_));
  }

 private:
  void wrong(const Field& field, const char* what) {
    faults_.push_back(field.text() + ": must be " + what);
  }

  /// The member that `field` names, nullptr where it is absent, null or no object.
  const json* object(const json& parent, const Field& field) {
    const json* at = member(parent, field.name);
    if (at == nullptr || at->is_null()) return nullptr;
    if (at->is_object()) return at;
    wrong(field, "an object");
    return nullptr;
  }

  void metadata(const json& pod) {
    const Field field{nullptr, "metadata"};
    const json* metadata = object(pod, field);
    if (metadata == nullptr) return;
    texts(*metadata, {&field, "annotations"});
    texts(*metadata, {&field, "labels"});
  }

  void texts(const json& metadata, const Field& field) {
    const json* map = object(metadata, field);
    if (map == nullptr) return;
    for (const auto& [key, value] : map->get_ref<const json::object_t&>()) {
      if (!value.is_string() && !value.is_null()) wrong({&field, key}, "a string");
    }
  }

  /// A list of objects, each with a name that is a string; nullptr for what is no list.
  const json* named_list(const json& parent, const Field& field) {
    const json* list = member(parent, field.name);
    if (list == nullptr || list->is_null()) return nullptr;
    if (!list->is_array()) {
      wrong(field, "a list");
      return nullptr;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const json& element = (*list)[i];
      const Field at{&field, {}, i};
      const json* name = member(element, "name");
      if (!element.is_object()) {
        wrong(at, "an object");
      } else if (name == nullptr || !name->is_string()) {
        wrong({&at, "name"}, "a string");
      }
    }
    return list;
  }

  void spec(const json& pod) {
    const Field field{nullptr, "spec"};
    const json* spec = object(pod, field);
    if (spec == nullptr) return;
    for (const std::string_view name : kContainerLists) {
      const Field place{&field, name};
      const json* list = named_list(*spec, place);
      for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        container((*list)[i], {&place, {}, i});
      }
    }
  }

  void container(const json& container, const Field& field) {
    named_list(container, {&field, "env"});
    for (const char* name :
         {"securityContext", "lifecycle", "readinessProbe", "livenessProbe", "startupProbe"}) {
      object(container, {&field, name});
    }
  }

  std::vector<std::string> faults_;
};

}  // namespace

Result<void> check_shape(const json& pod) {
  return Shape().check(pod);
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
