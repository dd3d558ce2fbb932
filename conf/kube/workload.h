#pragma once

// Which objects make pods, and where in them the pod's definition stands.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace sluice::kube {

/// What an object is called.
struct ObjectName {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string generate_name;
  std::string namespace_name;
};

/// "Deployment bookinfo/reviews", as far as there is something to say; "object" otherwise. Without
/// a name its generateName does.
[[nodiscard]] std::string to_string(const ObjectName& name);

/// Members that are missing, or are no strings, are empty.
[[nodiscard]] ObjectName name_of(const nlohmann::json& object);

/// The path to the pod (an object with `metadata` and `spec`) in objects of this kind, whatever
/// their group: "" for a Pod, "/spec/template" for a Deployment. Nothing for kinds that make none.
[[nodiscard]] std::optional<std::string_view> pod_path_in(std::string_view kind);

/// The elements of a List, a PodList and the like, and what kind they are unless they say
/// otherwise (an API server leaves it out of a PodList's). Nothing for what is no list.
struct Elements {
  nlohmann::json* items;
  std::string kind;  ///< empty in a List
};
[[nodiscard]] std::optional<Elements> elements_of(nlohmann::json& object);

/// Sees to it that labels and annotations are what Kubernetes takes: a null value is an empty
/// string. Returns what is wrong with others that are no strings, with their paths, which begin
/// with `path`.
[[nodiscard]] std::vector<std::string> settle_metadata(nlohmann::json& object,
                                                       const std::string& path);

}  // namespace sluice::kube
