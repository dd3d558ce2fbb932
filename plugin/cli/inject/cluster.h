#pragma once

// The cluster that the command line means, asked only for what is not in files.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"
#include "rules/base/result.h"

namespace sluice::cli {

class Cluster {
 public:
  /// By kubectl's rules; see kube::find_cluster().
  Cluster(std::string kubeconfig, std::optional<std::string> context)
      : kubeconfig_(std::move(kubeconfig)), context_(std::move(context)) {}

  /// Whether the command line names it, or it has been asked something.
  [[nodiscard]] bool is_meant() const {
    return client_.has_value() || context_.has_value() || !kubeconfig_.empty();
  }

  /// `key` of a ConfigMap, which is fetched once. NotFound when either is not there.
  [[nodiscard]] Result<std::string> config(const std::string& namespace_name,
                                           const std::string& name, const std::string& key);
  /// A Namespace, fetched once.
  [[nodiscard]] Result<nlohmann::json> namespace_object(const std::string& name);
  [[nodiscard]] Result<std::vector<nlohmann::json>> nodes();

 private:
  [[nodiscard]] Result<const kube::Client*> client();

  std::string kubeconfig_;
  std::optional<std::string> context_;
  std::optional<kube::Client> client_;
  std::map<std::string, std::map<std::string, std::string>> maps_;  // by path
  std::map<std::string, nlohmann::json> namespaces_;
};

}  // namespace sluice::cli
