#pragma once

// The seams between the verbs and the world, so that each verb can be tested without it.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "conf/kube/deadline.h"
#include "conf/kube/http.h"
#include "plugin/log.h"
#include "rules/base/result.h"
#include "rules/kernel/kernel.h"

namespace sluice {

struct Clock {
  std::function<kube::Deadline()> now;
  std::function<void(std::chrono::milliseconds)> sleep;
};

/// GETs a path of the Kubernetes API once; the kubeconfig is read no sooner than the first call.
using ApiGet = std::function<Result<kube::Response>(const std::string& path, kube::Deadline)>;

struct Kernel {
  std::function<Result<void>(const kernel::NetNamespace&, const RedirectPolicy&)> apply;
  std::function<Result<std::vector<std::string>>(const kernel::NetNamespace&,
                                                 const RedirectPolicy&)>
      differences;
  std::function<Result<void>(const kernel::NetNamespace&)> remove;
  std::function<Result<void>()> available;
};

struct Ports {
  ApiGet api_get;
  Kernel kernel;
  Clock clock;
  const Logger& log;
};

}  // namespace sluice
