#include "plugin/cli/inject/cluster.h"

#include <chrono>

#include "conf/kube/api.h"
#include "conf/kube/find_cluster.h"
#include "conf/kube/resources.h"

namespace sluice::cli {
namespace {

using nlohmann::json;

/// For one answer.
constexpr std::chrono::seconds Patience{30};

}  // namespace

Result<const kube::Client*> Cluster::client() {
  if (!client_) {
    ASSIGN_OR_RETURN(kube::ClusterAccess access, kube::find_cluster(kubeconfig_, context_));
    ASSIGN_OR_RETURN(client_, kube::Client::create(std::move(access)));
  }
  return &*client_;
}

Result<std::string> Cluster::config(const std::string& namespace_name, const std::string& name,
                                    const std::string& key) {
  const std::string id = namespace_name + "/" + name;
  if (!maps_.contains(id)) {
    ASSIGN_OR_RETURN(const kube::Client* api, client());
    ASSIGN_OR_RETURN(maps_[id], kube::config_map(*api, namespace_name, name, kube::in(Patience)));
  }
  const auto found = maps_[id].find(key);
  if (found != maps_[id].end()) return found->second;
  return fail(Errc::NotFound, "ConfigMap " + id + " has no key " + key);
}

Result<json> Cluster::namespace_object(const std::string& name) {
  if (!namespaces_.contains(name)) {
    ASSIGN_OR_RETURN(const kube::Client* api, client());
    ASSIGN_OR_RETURN(namespaces_[name], kube::namespace_object(*api, name, kube::in(Patience)));
  }
  return namespaces_[name];
}

Result<std::vector<json>> Cluster::nodes() {
  ASSIGN_OR_RETURN(const kube::Client* api, client());
  constexpr int Page = 100;
  ASSIGN_OR_RETURN(auto listed, kube::list_objects(*api, "/api/v1/nodes", "", Page, Patience));
  return std::move(listed.items);
}

}  // namespace sluice::cli
