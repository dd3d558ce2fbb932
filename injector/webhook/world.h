#pragma once

// What a review sees besides its request: one snapshot, never changed, shared by all requests in
// flight; whatever changes outside makes another.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/mesh/mesh_config.h"
#include "injector/decision/native.h"
#include "injector/injection.h"

namespace sluice::webhook {

using injector::Injection;
using injector::PodRequest;

/// inject() with compiled settings; in tests, and in the benchmark's floor, what they put there.
using Inject = std::function<Result<Injection>(const PodRequest&)>;

struct World {
  Inject native;    ///< for pods whose proxy may be a native sidecar; empty: not configured yet
  Inject ordinary;  ///< for the others; the same where one choice holds for all
  injector::NativeByNode native_by_node;             ///< which of the two a pod gets
  std::map<std::string, nlohmann::json> namespaces;  ///< by name; empty where nobody asks
  std::vector<mesh::ProxyConfigResource> proxy_configs;
  std::string root_namespace = "istio-system";
  std::string revision = "default";
};

/// A pointer to something immutable that is replaced while others read it.
template <class T>
class Current {
 public:
  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace sluice::webhook
