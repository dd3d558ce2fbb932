#pragma once

// An API server for tests that behaves: objects with versions, lists, watches, conflicts. It knows
// nothing of kinds: a path's objects are what was put there.

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"
#include "conf/kube/pki.h"
#include "conf/kube/server.h"

namespace sluice::kube {

class FakeApi {
 public:
  FakeApi();
  FakeApi(const FakeApi&) = delete;
  FakeApi& operator=(const FakeApi&) = delete;
  ~FakeApi();

  /// Creates or replaces an object in `collection` ("/api/v1/namespaces/a/configmaps").
  void put(const std::string& collection, nlohmann::json object);
  void remove(const std::string& collection, const std::string& name);
  /// What is there; null if nothing.
  [[nodiscard]] nlohmann::json object(const std::string& collection, const std::string& name) const;
  /// Makes `collection` exist, so that it can be listed though it is empty. Others answer 404.
  void serve(const std::string& collection);

  /// Ends every watch now, as a restart does; with `forget`, their places are no longer known
  /// (410).
  enum class Places { Keep, Forget };
  void end_watches(Places places);
  /// Refuses requests with this method and a path that begins so, with this status, from now on.
  void refuse(const std::string& method, const std::string& path, int status);
  void refuse_nothing();

  /// "METHOD PATH" of every request but lists and watches.
  [[nodiscard]] std::vector<std::string> requests() const;
  [[nodiscard]] int lists() const;
  [[nodiscard]] int watches() const;

  [[nodiscard]] ClusterAccess access() const;
  [[nodiscard]] std::shared_ptr<const Client> client() const;

 private:
  class Store;
  std::unique_ptr<Store> store_;
  Authority authority_;
  std::unique_ptr<Server> server_;  // last: its threads use the store
};

}  // namespace sluice::kube
