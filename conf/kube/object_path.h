#pragma once

// Paths in the API, made of names that somebody wrote.

#include <string>
#include <string_view>

#include "rules/base/result.h"

namespace sluice::kube {

/// Whether Kubernetes could have given an object or a namespace this name: lower-case letters,
/// digits, '-', and '.' but for namespaces. Such a name cannot lead to another path.
[[nodiscard]] bool is_object_name(std::string_view text);
[[nodiscard]] bool is_namespace_name(std::string_view text);

/// The path of an object of the core group: "/api/v1/namespaces/NS/configmaps/NAME". Invalid unless
/// both are such names.
[[nodiscard]] Result<std::string> object_path(std::string_view namespace_name,
                                              std::string_view collection, std::string_view name);

}  // namespace sluice::kube
