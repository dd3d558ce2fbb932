#pragma once

// What a user wrote under the name of a container that a template makes: it counts before the
// template, and is recorded so that it still does when the pod is injected again.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/pod/previous.h"
#include "rules/base/result.h"

namespace sluice::injector {

/// The names of what the templates make, each list in the order of the merged templates.
struct TemplateNames {
  std::vector<std::string> containers;
  std::vector<std::string> init_containers;
  std::vector<std::string> volumes;
  std::vector<std::string> image_pull_secrets;

  /// Whether a container of the list is called that.
  [[nodiscard]] bool has(std::string_view list, std::string_view name) const;
};

/// Invalid when the templates do not go together.
[[nodiscard]] Result<TemplateNames> names_of(const std::vector<nlohmann::json>& rendered);

class Overrides {
 public:
  /// Takes from `pod`, which no template was merged into yet, what the user wrote.
  Overrides(const nlohmann::json& pod, const TemplateNames& names, const Previous& previous);

  /// Merges it over `pod`, in which the templates are.
  [[nodiscard]] Result<void> apply(nlohmann::json& pod) const;
  /// Records in the annotation what is not yet, also where a status was there before: else the next
  /// injection could not tell it from the template's. Clears a record of what no pod has any more.
  void record(nlohmann::json& pod, const Previous& previous) const;

 private:
  struct Override {
    std::string_view list;
    nlohmann::json container;
    bool recorded;  ///< by an earlier injection
  };

  std::vector<Override> overrides_;
};

}  // namespace sluice::injector
