#include "injector/injection.h"

#include <algorithm>

#include "injector/decision/decision.h"
#include "injector/pipeline/annotations.h"
#include "injector/pipeline/compiled.h"
#include "injector/pipeline/data.h"
#include "injector/pipeline/facts.h"
#include "injector/pipeline/finish.h"
#include "injector/pipeline/lists.h"
#include "injector/pipeline/owner.h"
#include "injector/pipeline/render_function.h"
#include "injector/pod/containers.h"
#include "injector/pod/init_arguments.h"
#include "injector/pod/overlay.h"
#include "injector/pod/previous.h"
#include "injector/pod/prometheus.h"
#include "injector/pod/strip.h"
#include "rules/base/json.h"
#include "rules/base/trimmed.h"
#include "rules/policy/annotations.h"
#include "rules/policy/pod_policy.h"
#include "rules/policy/quoted.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::injector {
namespace {

using nlohmann::json;
using namespace nlohmann::literals;
using Strings = std::map<std::string, std::string>;
using Named = std::pair<const std::string, Renderer>;

constexpr std::string_view kTemplates = "inject.istio.io/templates";
constexpr std::size_t kMostTemplates = 32;

const std::string* find(const Strings& map, std::string_view key) {
  const auto at = map.find(std::string(key));
  return at == map.end() ? nullptr : &at->second;
}

/// The injection of one pod, step by step.
class Work {
 public:
  Work(const PodRequest& request, const Settings::Compiled& compiled)
      : request_(request),
        compiled_(compiled),
        configuration_(&compiled.configuration),
        switches_(compiled.configuration.switches) {}

  Result<Injection> run(std::vector<Rendered>* rendered) {
    prepare();
    RETURN_IF_ERROR(check());
    RETURN_IF_ERROR(render());
    for (std::size_t at = 0; rendered != nullptr && at < rendered_.size(); ++at) {
      rendered->push_back({names_[at], rendered_[at]});
    }
    if (json annotations = annotations_from_init(); !annotations.empty()) {
      rendered_.push_back({{"metadata", {{"annotations", std::move(annotations)}}}});
    }
    ASSIGN_OR_RETURN(Overlaid overlaid,
                     overlay({request_.pod, std::move(rendered_), *configuration_, *proxy_config_,
                              environment(), network(), ids_.user}));
    drop_empty_list(overlaid.pod);
    RETURN_IF_ERROR(finish(overlaid, annotations_, switches_));
    return Injection{{}, std::move(overlaid.pod), std::move(overlaid.warnings)};
  }

 private:
  void prepare() {
    if (switches_.platform == "openshift") ids_ = proxy_ids(request_.namespace_object);
    const json& metadata = at_path(request_.pod, {"metadata"});
    annotations_ = strings_of(at_path(metadata, {"annotations"}));
    labels_ = strings_of(at_path(metadata, {"labels"}));
    namespace_ = text_at(metadata, {"namespace"});
    if (namespace_.empty()) namespace_ = request_.namespace_name;
    const Owner owner =
        request_.owner ? *request_.owner : owner_of(request_.pod, request_.namespace_name);
    type_meta_ = type_meta_of(owner);
    deployment_meta_ = deployment_meta_of(owner);
  }

  /// All that is wrong with the pod; finds the ProxyConfig and the templates on the way.
  Result<void> check() {
    std::vector<std::string> faults = request_.faults;
    const auto add = [&](const auto& done) {
      if (!done) faults.push_back(done.error().message);
    };
    // Whoever found some there has looked at the types of everything.
    if (faults.empty()) add(check_shape(request_.pod));
    for (std::string& fault : annotation_problems(annotations_)) faults.push_back(std::move(fault));
    if (auto wrong = find_proxy_config(); !wrong.empty()) faults.push_back(std::move(wrong));
    PodFacts facts;
    facts.annotations = annotations_;
    add(pod_policy(facts));
    for (std::string& fault : previous_faults(request_.pod)) faults.push_back(std::move(fault));
    add(find_templates());
    if (faults.empty()) return {};
    // Alone it is told once the templates are merged, for they may say that nothing is scraped.
    const json& mesh = configuration_->mesh.document;
    add(check_metrics(request_.pod, mesh, agent_port_of(*proxy_config_, mesh)));
    return fail(Errc::Invalid, joined(faults));
  }

  std::string find_proxy_config() {
    const std::string* said = find(annotations_, kProxyConfigOfPod);
    proxy_config_ = &compiled_.proxy_config;
    if (said == nullptr && request_.proxy_configs.empty()) return {};
    auto config = mesh::effective_proxy_config(configuration_->mesh, request_.proxy_configs,
                                               namespace_, labels_, said == nullptr ? "" : *said);
    if (!config) {
      return said == nullptr
                 ? config.error().message
                 : "annotation " + std::string(kProxyConfigOfPod) + ": " + config.error().message;
    }
    own_config_ = std::move(*config);
    for (const auto& [name, value] : compiled_.proxy_config.items()) {
      if (compiled_.lists) own_config_.emplace(name, value);
    }
    proxy_config_ = &own_config_;
    return {};
  }

  /// The names of the templates that the pod asks for, or the default ones; aliases mean several.
  [[nodiscard]] std::vector<std::string> template_names() const {
    std::vector<std::string> named;
    const mesh::InjectConfig& config = configuration_->inject;
    if (const std::string* said = find(annotations_, kTemplates)) {
      for (std::string_view rest = *said;;) {
        const auto comma = rest.find(',');
        named.emplace_back(trimmed(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
      }
    } else {
      named = config.default_templates;
    }
    std::vector<std::string> names;
    for (std::string& name : named) {
      const auto alias = config.aliases.find(name);
      if (alias == config.aliases.end()) {
        names.push_back(std::move(name));
      } else {
        names.insert(names.end(), alias->second.begin(), alias->second.end());
      }
    }
    return names;
  }

  /// Invalid when one of them does not exist, or they are more than anybody means: each is
  /// rendered.
  Result<void> find_templates() {
    names_ = template_names();
    if (names_.size() > kMostTemplates) {
      return fail(Errc::Invalid, "annotation " + std::string(kTemplates) + ": " +
                                     std::to_string(names_.size()) + " templates, but at most " +
                                     std::to_string(kMostTemplates) + " are rendered");
    }
    for (const std::string& name : names_) {
      if (!compiled_.templates.contains(name)) return no_template(name);
    }
    return {};
  }

  Result<void> render() {
    RETURN_IF_ERROR(render(strip_injected(request_.pod)));
    auto seen = strip_injected(request_.pod, rendered_);
    if (!seen) return {};
    rendered_.clear();
    return render(std::move(seen));
  }

  /// Renders all templates of a pod that is not the request's own, if there is one.
  Result<void> render(std::optional<json> stripped) {
    if (namespace_ != text_at(request_.pod, {"metadata", "namespace"})) {
      if (!stripped) stripped = request_.pod;
      (*stripped)["metadata"]["namespace"] = namespace_;
    }
    const json& pod = stripped ? *stripped : request_.pod;
    const PodData parts{pod, *proxy_config_, type_meta_, deployment_meta_, ids_};
    const tmpl::Value data(template_data(parts, compiled_));
    for (const std::string& name : names_) {
      const Named& renderer = *compiled_.templates.find(name);
      ASSIGN_OR_RETURN(json document, run_template(name, renderer.second, data));
      RETURN_IF_ERROR(take(std::move(document), renderer, data));
    }
    return {};
  }

  /// The document that a template renders. An error of the template names it already.
  static Result<json> run_template(const std::string& name, const Renderer& renderer,
                                   const tmpl::Value& data) {
    const RenderData for_functions(data);
    auto document = renderer.render(data);
    if (document) return document->is_null() ? json::object() : std::move(*document);
    const bool named = document.error().message.starts_with("template: ");
    return fail(named ? std::move(document).error()
                      : std::move(document).error().wrap("template " + name));
  }

  Result<void> take(json document, const Named& renderer, const tmpl::Value& data) {
    if (!compiled_.lists) {
      rendered_.push_back(std::move(document));
      return {};
    }
    FromLists from = pod_of_lists(std::move(document));
    configuration_ = &compiled_.by_rewrite.at(from.rewrite_probes);
    const bool replaces = !at_path(request_.pod, {"spec", "dnsConfig"}).is_null();
    if (!replaces && from.pod.contains("/spec/dnsConfig/$patch"_json_pointer)) {
      from.pod["spec"]["dnsConfig"].erase("$patch");
    }
    rendered_.push_back(std::move(from.pod));
    if (!compiled_.ask_init) return {};
    tmpl::Dict without_plugin = *std::get<std::shared_ptr<tmpl::Dict>>(data.held());
    without_plugin["Values"] = tmpl::Value::view(&compiled_.init_values, schema::kAny);
    ASSIGN_OR_RETURN(json again, run_template(renderer.first, renderer.second, without_plugin));
    init_ = init_of(pod_of_lists(std::move(again)).pod);
    return {};
  }

  static json init_of(const json& pod) {
    const json* init = find_named(container_list(pod, kInitContainers), kIstioInit);
    return init == nullptr ? json() : *init;
  }

  [[nodiscard]] tl::unexpected<Error> no_template(const std::string& name) const {
    std::vector<std::string> known;
    for (const auto& entry : compiled_.templates) known.push_back(entry.first);
    return fail(Errc::Invalid,
                "template " + in_quotes(name) + " is not there; there are " + joined(known, ", "));
  }

  /// What istio-init, which will not be there, was going to be told, as far as nothing says it yet:
  /// the pod's own container of that name, or else the templates'.
  json annotations_from_init() {
    json init = init_of(request_.pod);
    for (const json& pod : rendered_) {
      if (json one = init_of(pod); init.is_null() && !one.is_null()) init = std::move(one);
    }
    json missing = annotations_of_init(init.is_null() ? init_ : init);
    for (const json& pod : rendered_) {
      for (const auto& [name, value] : at_path(pod, {"metadata", "annotations"}).items()) {
        missing.erase(name);
      }
    }
    for (const auto& [name, value] : annotations_) missing.erase(name);
    if (annotations_.contains(std::string(kRerouteVirtualInterfaces))) {
      missing.erase(std::string(kKubevirtInterfaces));
    }
    if (text_at(missing, {kExcludeOutboundUids}) == std::to_string(proxy_user())) {
      missing.erase(std::string(kExcludeOutboundUids));
    }
    return missing;
  }

  /// The user that istio-proxy will have.
  [[nodiscard]] std::int64_t proxy_user() const {
    std::int64_t user = 0;
    const auto look = [&](const json& pod) {
      for (const std::string_view list : kContainerLists) {
        const json* proxy = find_named(container_list(pod, list), kProxyContainer);
        if (proxy == nullptr) continue;
        const json& id = at_path(*proxy, {"securityContext", "runAsUser"});
        if (id.is_number_integer()) user = id.get<std::int64_t>();
      }
    };
    for (const json& pod : rendered_) look(pod);
    look(request_.pod);
    const json& all = at_path(request_.pod, {"spec", "securityContext", "runAsUser"});
    if (user == 0 && all.is_number_integer()) user = all.get<std::int64_t>();
    return user == 0 ? kDefaultProxyId : user;
  }

  [[nodiscard]] std::string network() const {
    const std::string* label = find(labels_, kNetwork);
    if (label != nullptr && !label->empty()) return *label;
    // An empty label takes the values' network away, but not the path's.
    return label != nullptr || !request_.network.empty() ? request_.network : compiled_.network;
  }

  /// What the installation forces upon istio-proxy.
  [[nodiscard]] Strings environment() const {
    Strings all = request_.proxy_env;
    const std::string& cluster = request_.cluster.empty() ? compiled_.cluster : request_.cluster;
    if (!cluster.empty()) all["ISTIO_META_CLUSTER_ID"] = cluster;
    if (const std::string net = network(); !net.empty()) all["ISTIO_META_NETWORK"] = net;
    return all;
  }

  /// Of a list that came with containers which are gone again, nothing stays.
  void drop_empty_list(json& pod) const {
    const json& now = at_path(pod, {"spec", "initContainers"});
    if (!now.is_array() || !now.empty()) return;
    if (at_path(request_.pod, {"spec"}).contains("initContainers")) return;
    pod["spec"].erase("initContainers");
  }

  const PodRequest& request_;
  const Settings::Compiled& compiled_;
  const Configuration* configuration_;
  const Switches& switches_;
  Strings annotations_;
  Strings labels_;
  std::string namespace_;
  json type_meta_;
  json deployment_meta_;
  ProxyIds ids_;
  const json* proxy_config_ = nullptr;
  json own_config_;
  std::vector<std::string> names_;  ///< of the templates
  std::vector<json> rendered_;      ///< by them, in their order
  json init_;                       ///< of a second rendering, where the first leaves it out
};

}  // namespace

Result<Injection> inject_always(const PodRequest& request, const Settings::Compiled& compiled,
                                std::vector<Rendered>* rendered) {
  return Work(request, compiled).run(rendered);
}

Result<Injection> inject(const PodRequest& request, const Settings& settings) {
  if (!request.pod.is_object()) return fail(Errc::Malformed, "the pod is no map");
  Verdict verdict =
      decide_injection(request.pod, request.namespace_name, settings.configuration().inject);
  if (!verdict.inject) {
    if (!request.faults.empty()) return fail(Errc::Invalid, joined(request.faults));
    return Injection{std::move(verdict), {}, {}};
  }
  ASSIGN_OR_RETURN(Injection injection, inject_always(request, settings.compiled()));
  injection.verdict = std::move(verdict);
  return injection;
}

}  // namespace sluice::injector
