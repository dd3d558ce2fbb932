#pragma once

// A CNI chain, run as a container runtime runs it.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/base/address.h"
#include "rules/base/result.h"
#include "rules/policy/pod.h"

namespace sluice::lab {

struct PluginCall {
  std::string plugin;  ///< its "type"
  std::string verb;
  double milliseconds;
};

/// One pod's attachment to a network of several plugins.
class Chain {
 public:
  /// `plugins` in order, each a network configuration without name, version and prevResult; `paths`
  /// are searched for the binaries, as CNI_PATH.
  Chain(std::vector<nlohmann::json> plugins, std::vector<std::string> paths, std::string netns,
        const PodFacts& pod);

  /// Whether all plugins are to be found; the first missing one otherwise.
  [[nodiscard]] Result<void> complete() const;
  /// Something other than a plugin has attached the pod, with this result.
  void begin_with(nlohmann::json result, PluginCall by);
  [[nodiscard]] Result<void> add();
  [[nodiscard]] Result<void> check();
  [[nodiscard]] Result<void> del();

  /// After add(): the pod's addresses.
  [[nodiscard]] std::vector<IpAddress> addresses() const;
  [[nodiscard]] const std::vector<PluginCall>& calls() const { return calls_; }

 private:
  [[nodiscard]] Result<std::string> binary(const std::string& type) const;
  [[nodiscard]] Result<nlohmann::json> call(const nlohmann::json& plugin, const std::string& verb);

  std::vector<nlohmann::json> plugins_;
  std::vector<std::string> paths_;
  std::string netns_;
  PodFacts pod_;
  nlohmann::json result_;
  std::vector<PluginCall> calls_;
};

}  // namespace sluice::lab
