#pragma once

// What Settings holds: everything about an injection that does not depend on the pod, worked out
// once.

#include <map>
#include <string>
#include <vector>

#include "injector/injection.h"
#include "injector/render/render.h"
#include "injector/template/value.h"

namespace sluice::injector {

struct Settings::Compiled {
  explicit Compiled(Configuration from);
  Compiled(const Compiled&) = delete;  // `common` and the views in it point into this
  Compiled& operator=(const Compiled&) = delete;

  Configuration configuration;
  /// Of the older dialects, where the rendered document says whether probes are rewritten: the
  /// configuration for those that say so, and for those that do not.
  std::map<bool, Configuration> by_rewrite;

  nlohmann::json values;        ///< with a CNI plugin in place, whatever the configuration says
  nlohmann::json init_values;   ///< with none, to learn what istio-init would be told
  nlohmann::json proxy_config;  ///< of a pod that says nothing; a dialect's own defaults included
  std::map<std::string, Renderer, std::less<>> templates;
  std::string cluster;  ///< ISTIO_META_CLUSTER_ID of the values, or empty
  std::string network;
  bool lists;  ///< the templates are of one of the older dialects
  /// They tell a CNI plugin nothing, so they are rendered a second time, with `init_values`.
  bool ask_init;

  /// What a template's data has in common for all pods.
  tmpl::Dict common;
};

/// What one template gave.
struct Rendered {
  std::string name;
  nlohmann::json pod;
};

/// Renders and merges what a pod's templates give, without asking whether it is to be injected.
/// `rendered`, if given, gets what each of them gave.
[[nodiscard]] Result<Injection> inject_always(const PodRequest& request,
                                              const Settings::Compiled& compiled,
                                              std::vector<Rendered>* rendered = nullptr);

/// Renders pods of the kinds that there are through the default templates. Invalid, naming template
/// and place, when a value was missing.
[[nodiscard]] Result<void> probe(const Settings::Compiled& compiled);

}  // namespace sluice::injector
