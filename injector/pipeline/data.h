#pragma once

// What a template sees as `.`, by the names of Istio's SidecarTemplateData.

#include "injector/pipeline/compiled.h"
#include "injector/pipeline/openshift.h"

namespace sluice::injector {

/// What the parts of the data that differ from pod to pod are made of. All of it must outlive the
/// Dict.
struct PodData {
  const nlohmann::json& pod;           ///< stripped of an earlier injection
  const nlohmann::json& proxy_config;  ///< effective
  const nlohmann::json& type_meta;
  const nlohmann::json& deployment_meta;
  ProxyIds ids;
};

[[nodiscard]] nlohmann::json type_meta_of(const Owner& owner);
[[nodiscard]] nlohmann::json deployment_meta_of(const Owner& owner);

/// The part that is the same for all pods.
[[nodiscard]] tmpl::Dict common_data(const Settings::Compiled& compiled);
[[nodiscard]] tmpl::Dict template_data(const PodData& data, const Settings::Compiled& compiled);

}  // namespace sluice::injector
