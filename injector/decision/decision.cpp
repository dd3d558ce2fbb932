#include "injector/decision/decision.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rules/base/json.h"
#include "rules/policy/annotations.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Kubernetes' own namespaces: what runs there may be what the mesh itself waits for.
constexpr std::array<std::string_view, 4> kIgnoredNamespaces{
    "kube-system", "kube-public", "kube-node-lease", "local-path-storage"};

std::optional<std::string_view> text_of(const json& object, std::string_view name) {
  const std::string* text = string_at(object, {name});
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

Verdict verdict(bool inject, const char* why, std::string text) {
  return {inject, why, std::move(text)};
}

/// Decides step by step; the first step that knows counts.
class Decision {
 public:
  Decision(const json& pod, std::string_view namespace_name, const mesh::InjectConfig& config)
      : metadata_(at_path(pod, {"metadata"})),
        spec_(at_path(pod, {"spec"})),
        labels_(at_path(metadata_, {"labels"})),
        namespace_(text_of(metadata_, "namespace").value_or("")),
        config_(config) {
    if (namespace_.empty()) namespace_ = namespace_name;
  }

  Verdict decide() {
    if (at_path(spec_, {"hostNetwork"}) == true) {
      return verdict(false, "host-network", "the pod uses the host's network");
    }
    for (const std::string_view ignored : kIgnoredNamespaces) {
      if (namespace_ != ignored) continue;
      return verdict(false, "ignored-namespace",
                     "namespace " + std::string(ignored) + " is never injected");
    }
    if (config_.policy != "enabled" && config_.policy != "disabled") {
      return verdict(false, "policy",
                     "policy " + in_quotes(config_.policy) +
                         " is neither enabled nor disabled: nothing is injected");
    }
    if (auto said = by_wish()) return *std::move(said);
    if (auto said = by_selector(config_.never_inject, false)) return *std::move(said);
    if (auto said = by_selector(config_.always_inject, true)) return *std::move(said);
    return verdict(config_.policy == "enabled", "policy", no_wish_ + "policy is " + config_.policy);
  }

 private:
  /// What the label says or, where there is none, the annotation. Remembers what says nothing.
  std::optional<Verdict> by_wish() {
    const auto label = text_of(labels_, kInject);
    const auto annotation = text_of(at_path(metadata_, {"annotations"}), kInject);
    if (!label && !annotation) return std::nullopt;
    const char* kind = label ? "label" : "annotation";
    const std::string said = std::string(kind) + " " + std::string(kInject) + " is " +
                             in_quotes(label ? *label : *annotation);
    const std::optional<bool> wish = inject_wish(label, annotation);
    if (wish) return verdict(*wish, kind, said);
    no_wish_ = said + ", which is neither true nor false and so says nothing; ";
    return std::nullopt;
  }

  std::optional<Verdict> by_selector(const std::vector<mesh::Selector>& selectors, bool inject) {
    for (std::size_t i = 0; i < selectors.size(); ++i) {
      // A selector that is wrong selects nothing; whoever loaded the configuration said so.
      if (!mesh::selects(selectors[i], labels()).value_or(false)) continue;
      const std::string name = inject ? "alwaysInjectSelector" : "neverInjectSelector";
      return verdict(inject, inject ? "always-selector" : "never-selector",
                     no_wish_ + name + "[" + std::to_string(i) + "] " +
                         dump_compact(selectors[i].document) + " selects the pod's labels");
    }
    return std::nullopt;
  }

  const std::map<std::string, std::string>& labels() {
    if (label_map_) return *label_map_;
    label_map_.emplace();
    if (!labels_.is_object()) return *label_map_;
    for (const auto& [key, value] : labels_.items()) {
      if (value.is_string()) label_map_->emplace(key, value.get_ref<const std::string&>());
    }
    return *label_map_;
  }

  const json& metadata_;
  const json& spec_;
  const json& labels_;
  std::string_view namespace_;
  const mesh::InjectConfig& config_;
  std::string no_wish_;
  std::optional<std::map<std::string, std::string>> label_map_;
};

}  // namespace

Verdict decide_injection(const json& pod, std::string_view namespace_name,
                         const mesh::InjectConfig& config) {
  return Decision(pod, namespace_name, config).decide();
}

}  // namespace sluice::injector
