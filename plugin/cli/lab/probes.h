#pragma once

// The connections that a lab tries, and what became of them.

#include <string>
#include <vector>

#include "plugin/cli/lab/listeners.h"
#include "rules/policy/decide.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::lab {

enum class Caller { App, Proxy, World };

struct Probe {
  std::string name;
  Caller caller;
  Packet packet;
};

/// Who lives in the pod.
struct Cast {
  Uid app_uid{1000};
  Gid app_gid{1000};
  Uid proxy_uid{kDefaultProxyId};
  Gid proxy_gid{kDefaultProxyId};
  std::vector<Port> app_ports;
  std::vector<IpAddress> addresses;  ///< of the pod, one or two families
};

/// The standard set for a policy: what is ordinary, and the edges of everything it excludes or
/// includes, in each family that the pod has.
[[nodiscard]] std::vector<Probe> standard_probes(const RedirectPolicy& policy, const Cast& cast);

/// What a probe saw: the verdict that the answerer stands for, and in words.
struct Sighting {
  Verdict verdict;
  std::string words;
  bool destination_kept = true;  ///< the answerer knew where the call was meant to go
};

/// Makes the connection from `place` and waits at most a second for an answer.
[[nodiscard]] Result<Sighting> send_probe(const Probe& probe, const Place& place);

}  // namespace sluice::lab
