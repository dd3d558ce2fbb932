#include "injector/webhook/cluster.h"

#include <mutex>
#include <utility>

#include "conf/kube/api.h"
#include "conf/kube/certificate.h"
#include "conf/kube/kubeconfig.h"
#include "conf/kube/object_path.h"
#include "conf/kube/read_file.h"
#include "conf/kube/watch.h"
#include "injector/webhook/secret.h"
#include "injector/webhook/webhook_configs.h"
#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

constexpr const char* kOwnNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

bool from_config_maps(const Options& options) {
  return options.inject_config.empty() && !options.builtin;
}

std::optional<std::string> data_in(const json& config_map, std::string_view key) {
  const std::string* text = string_at(config_map, {"data", key});
  return text == nullptr ? std::nullopt : std::optional(*text);
}

/// The members of an object at these pointers, and no others.
json only(const json& object, std::initializer_list<const char*> pointers) {
  json kept = json::object();
  for (const char* const pointer : pointers) {
    json value = at_pointer(object, pointer);
    if (!value.is_null()) kept[json::json_pointer(pointer)] = std::move(value);
  }
  return kept;
}

mesh::ProxyConfigResource proxy_config(const json& object) {
  return {text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"}),
          text_at(object, {"metadata", "creationTimestamp"}), at_path(object, {"spec"})};
}

std::vector<json> values_of(const kube::Objects& objects) {
  std::vector<json> all;
  for (const auto& [name, object] : objects) all.push_back(object);
  return all;
}

/// Istio's names for what belongs to a revision.
std::string with_revision(std::string name, const std::string& revision) {
  return revision.empty() || revision == "default" ? name : name + "-" + revision;
}

}  // namespace

class Cluster::Watches {
 public:
  Watches(const Options& options, std::shared_ptr<const kube::Client> client, State& state)
      : options_(options), client_(std::move(client)), state_(state) {}
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;
  ~Watches() {
    secret_.reset();  // it tells configs_
    watches_.clear();
  }

  Result<void> start() {
    configs_ = WebhookConfigs::start(client_, options_.webhook_configs, state_);
    if (!options_.self_signed.empty()) RETURN_IF_ERROR(keep_secret());
    if (from_config_maps(options_)) watch_config_maps();
    if (options_.native_sidecars == NativeSidecars::Auto) watch_nodes();
    if (options_.switches.platform == "openshift") watch_namespaces();
    watch_proxy_configs();
    return {};
  }

 private:
  Result<void> keep_secret() {
    std::string space = options_.own_namespace;
    if (space.empty()) {
      ASSIGN_OR_RETURN(space, kube::read_file(kOwnNamespaceFile));
    }
    if (!kube::is_namespace_name(space) || !kube::is_object_name(options_.self_signed)) {
      return fail(Errc::Invalid, "Secret " + options_.self_signed + " in namespace " + space +
                                     ": no names of Kubernetes");
    }
    SecretOptions secret;
    secret.namespace_name = space;
    secret.name = options_.self_signed;
    const std::string service = options_.service_name + "." + space + ".svc";
    secret.names = {service, service + ".cluster.local", options_.service_name + "." + space};
    secret_ = SecretKeeper::start(client_, secret,
                                  {[this](const OwnCertificate& held) { take(held); },
                                   [this](const Error& error) { state_.cannot_certify(error); }});
    return {};
  }

  void take(const OwnCertificate& held) {
    Certificate certificate;
    certificate.identity = held.serving;
    if (!options_.client_ca.empty()) {
      const auto client_ca = kube::read_file(options_.client_ca);
      if (!client_ca) return state_.cannot_certify(client_ca.error());
      certificate.client_ca_pem = *client_ca;
    }
    configs_->trust(held.trusted);
    if (const auto validity = kube::validity_of(held.trusted)) {
      state_.metrics().authority_expiry = validity->ends;
    }
    state_.certify(certificate, "Secret " + options_.self_signed);
  }

  void watch_config_maps() {
    const std::string& revision = options_.switches.revision;
    const std::string inject = with_revision("istio-sidecar-injector", revision);
    const std::string mesh = with_revision("istio", revision);
    watch_config_map(inject, [this](const json& object) {
      texts_.inject = data_in(object, "config");
      texts_.values = data_in(object, "values");
    });
    watch_config_map(mesh, [this](const json& object) { texts_.mesh = data_in(object, "mesh"); });
  }

  template <class Take>
  void watch_config_map(const std::string& name, Take take) {
    const std::string& space = options_.istio_namespace;
    kube::WatchOptions options;
    options.path = "/api/v1/namespaces/" + space + "/configmaps";
    options.query = "fieldSelector=metadata.name%3D" + kube::query_escaped(name);
    const std::string what = "ConfigMap " + space + "/" + name;
    watches_.push_back(kube::Watch::start(client_, options,
                                          {[this, take, what](const kube::Objects& objects) {
                                             const std::lock_guard lock(mutex_);
                                             // One that was deleted is not there to be taken back;
                                             // it may come again.
                                             if (objects.empty())
                                               return state_.cannot_configure(
                                                   {Errc::NotFound, what + " is not there"});
                                             take(objects.begin()->second);
                                             configure();
                                           },
                                           [this, what](const std::optional<Error>& error) {
                                             if (error)
                                               state_.cannot_configure(Error(*error).wrap(what));
                                           }}));
  }

  /// As soon as both ConfigMaps have been read.
  void configure() {
    if (!texts_.inject || !texts_.mesh) return;
    state_.configure(texts_, "ConfigMaps in " + options_.istio_namespace);
  }

  /// Watches what reviews can do without; until the first answer, of whatever kind, they wait.
  void watch_condition(const char* name, kube::WatchOptions options,
                       std::function<void(const kube::Objects&)> changed, const char* without) {
    state_.health().set(name, Health::State::Bad, "not listed yet");
    watches_.push_back(kube::Watch::start(
        client_, std::move(options),
        {[this, name, changed = std::move(changed)](const kube::Objects& objects) {
           changed(objects);
           state_.health().set(name, Health::State::Good,
                               std::to_string(objects.size()) + " known");
         },
         [this, name, without](const std::optional<Error>& error) {
           if (!error) return state_.health().set(name, Health::State::Good);
           if (error->code == Errc::NotFound) {
             return state_.health().set(name, Health::State::Good, "this cluster has none");
           }
           state_.health().set(name, Health::State::Warning, error->message + ": " + without);
           state_.log().warn(std::string("cannot watch ") + name, {{"error", error->message}});
         }}));
  }

  void watch_nodes() {
    kube::WatchOptions options;
    options.path = "/api/v1/nodes";
    options.page = 100;
    options.keep = [](const json& node) {
      return only(node, {"/metadata/name", "/status/nodeInfo/kubeletVersion"});
    };
    watch_condition(
        "nodes", std::move(options),
        [this](const kube::Objects& objects) {
          state_.set_nodes(injector::native_by_node(values_of(objects)));
        },
        "native sidecars as far as known");
  }

  void watch_namespaces() {
    kube::WatchOptions options;
    options.path = "/api/v1/namespaces";
    options.keep = [](const json& space) {
      return only(space, {"/metadata/name", "/metadata/annotations"});
    };
    watch_condition(
        "namespaces", std::move(options),
        [this](const kube::Objects& objects) { state_.set_namespaces(objects); },
        "ids of their ranges as far as known");
  }

  void watch_proxy_configs() {
    kube::WatchOptions options;
    options.path = "/apis/networking.istio.io/v1beta1/proxyconfigs";
    watch_condition(
        "proxyconfigs", std::move(options),
        [this](const kube::Objects& objects) {
          std::vector<mesh::ProxyConfigResource> resources;
          for (const auto& [name, object] : objects) resources.push_back(proxy_config(object));
          state_.set_proxy_configs(std::move(resources));
        },
        "their settings as far as known");
  }

  const Options& options_;
  std::shared_ptr<const kube::Client> client_;
  State& state_;
  std::mutex mutex_;
  Texts texts_;  // as far as read
  std::unique_ptr<WebhookConfigs> configs_;
  std::unique_ptr<SecretKeeper> secret_;
  std::vector<kube::Watch> watches_;
};

bool needs_cluster(const Options& options) {
  return from_config_maps(options) || !options.self_signed.empty() || !options.kubeconfig.empty();
}

Result<kube::ClusterAccess> cluster_access(const Options& options) {
  return options.kubeconfig.empty() ? kube::in_cluster()
                                    : kube::load_kubeconfig(options.kubeconfig);
}

Cluster::Cluster(std::unique_ptr<Watches> watches) : watches_(std::move(watches)) {}
Cluster::~Cluster() = default;

Result<std::unique_ptr<Cluster>> Cluster::start(const Options& options, kube::ClusterAccess access,
                                                State& state) {
  ASSIGN_OR_RETURN(kube::Client client, kube::Client::create(std::move(access)));
  auto shared = std::make_shared<const kube::Client>(std::move(client));
  auto watches = std::make_unique<Watches>(options, std::move(shared), state);
  RETURN_IF_ERROR(watches->start());
  return std::unique_ptr<Cluster>(new Cluster(std::move(watches)));
}

}  // namespace sluice::webhook
