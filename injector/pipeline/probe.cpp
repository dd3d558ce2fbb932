#include <array>

#include "injector/pipeline/compiled.h"
#include "rules/policy/annotations.h"
#include "rules/policy/quoted.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

struct Kind {
  const char* what;
  json annotations;
};

/// The pods that differ in what templates do for them.
const std::array<Kind, 4>& kinds() {
  static const std::array<Kind, 4> all{{
      {"a plain pod", json::object()},
      {"a TPROXY pod", {{kInterceptionMode, "TPROXY"}}},
      {"a pod with a native sidecar", {{"sidecar.istio.io/nativeSidecar", "true"}}},
      {"a pod without a native sidecar", {{"sidecar.istio.io/nativeSidecar", "false"}}},
  }};
  return all;
}

PodRequest request_for(const Kind& kind) {
  PodRequest request;
  request.namespace_name = "default";
  request.owner = Owner{"apps/v1", "Deployment", "probe", "default"};
  json app = {{"name", "app"}, {"image", "app"}};
  app["ports"] = json::array({{{"containerPort", 8080}}});
  request.pod["metadata"] = {{"labels", {{"app", "probe"}}}, {"annotations", kind.annotations}};
  request.pod["spec"]["serviceAccountName"] = "probe";
  request.pod["spec"]["containers"] = json::array({std::move(app)});
  return request;
}

/// Where in `value` a text holds what is printed for nothing; empty when nowhere.
std::string place_of_nothing(const json& value, const std::string& path) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    for (const char* nothing : {"<no value>", "<nil>"}) {
      if (text.find(nothing) != std::string::npos) return path + " (" + in_quotes(text) + ")";
    }
    return {};
  }
  if (!value.is_structured()) return {};
  for (const auto& [key, item] : value.items()) {
    std::string place = place_of_nothing(
        item, value.is_array() ? path + "[" + key + "]" : path + (path.empty() ? "" : ".") + key);
    if (!place.empty()) return place;
    if (!value.is_array()) place = place_of_nothing(json(key), path + " key");
    if (!place.empty()) return place;
  }
  return {};
}

}  // namespace

Result<void> probe(const Settings::Compiled& compiled) {
  for (const Kind& kind : kinds()) {
    const auto of_kind = [&](Error error) {
      return std::move(error).wrap(std::string("for ") + kind.what);
    };
    std::vector<Rendered> rendered;
    auto injected = inject_always(request_for(kind), compiled, &rendered);
    if (!injected) return fail(of_kind(std::move(injected).error()));
    for (const Rendered& one : rendered) {
      const std::string place = place_of_nothing(one.pod, "");
      if (place.empty()) continue;
      return fail(
          of_kind({Errc::Invalid, "template " + one.name + " finds no value for " + place}));
    }
  }
  return {};
}

}  // namespace sluice::injector
