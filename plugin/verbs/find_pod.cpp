#include "plugin/verbs/find_pod.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "conf/kube/client.h"
#include "conf/kube/pod.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{1000};
constexpr milliseconds kAbsenceMayPass{1000};

/// What one try gave: a pod or the end (`result`), or a reason to try again.
struct Try {
  Result<PodFacts> result;
  bool again = false;
  bool only_at_first = false;                        ///< worth another try only in the first second
  std::optional<milliseconds> pause = std::nullopt;  ///< asked for by the server
};

/// Whether the pod served is the one that is meant; a static pod goes by its mirror's annotation.
bool is_meant(const PodFacts& pod, const cni::PodArgs& args) {
  return args.pod_uid.empty() || pod.uid == args.pod_uid || pod.mirror_uid == args.pod_uid;
}

Try read_pod(kube::Response response, const cni::PodArgs& args) {
  const std::string request = response.request;
  const int status = response.status;
  const auto retry_after = response.retry_after;
  auto body = kube::body_of(std::move(response));
  if (!body) {
    Try failed{fail(std::move(body).error())};
    failed.again = status >= 500 || status == 429 || status == 404;
    failed.only_at_first = status == 404;
    if (retry_after) failed.pause = *retry_after;
    return failed;
  }
  auto pod = kube::pod_facts(*body);
  if (!pod) return {fail(std::move(pod).error().wrap(request))};
  if (!is_meant(*pod, args)) {
    return {fail(Errc::NotFound, request + ": that pod has uid " + pod->uid + ", not " +
                                     args.pod_uid + ": it is another one of that name"),
            true, true};
  }
  return {std::move(*pod)};
}

Try try_once(const std::string& path, kube::Deadline deadline, const cni::PodArgs& args,
             const Ports& ports) {
  auto response = ports.api_get(path, deadline);
  if (response) return read_pod(std::move(*response), args);
  const bool network = kube::network_failed(response.error());
  const bool no_kubeconfig = response.error().sys_errno == ENOENT;
  return {fail(std::move(response).error()), network || no_kubeconfig, no_kubeconfig};
}

/// The pauses double, and no two pods pause alike: whole nodes ask at once when the API is back.
class Pauses {
 public:
  explicit Pauses(const cni::PodArgs& args)
      : percent_(100 + static_cast<int>(std::hash<std::string>()(args.pod_name) % 32)) {}

  milliseconds next() {
    const milliseconds pause = pause_;
    pause_ = std::min(pause_ * 2, kLongestPause);
    return pause * percent_ / 100;
  }

 private:
  int percent_;
  milliseconds pause_ = kFirstPause;
};

}  // namespace

Result<PodFacts> find_pod(const cni::PodArgs& args, milliseconds timeout, const Ports& ports) {
  auto path = kube::pod_path(args.pod_namespace, args.pod_name);
  if (!path) {
    Error error = std::move(path).error().wrap("CNI_ARGS");
    error.code = Errc::Usage;
    return fail(std::move(error));
  }
  const kube::Deadline start = ports.clock.now();
  const kube::Deadline deadline = start + timeout;
  Pauses pauses(args);
  for (;;) {
    Try tried = try_once(*path, deadline, args, ports);
    if (tried.result || !tried.again) return std::move(tried.result);
    // A server that asks for no pause at all does not get to be asked without one.
    const milliseconds pause = std::max(pauses.next(), tried.pause.value_or(milliseconds(0)));
    const kube::Deadline resume = ports.clock.now() + pause;
    const bool too_late = tried.only_at_first && resume > start + kAbsenceMayPass;
    if (resume >= deadline || too_late) {
      Error error = std::move(tried.result).error();
      error.code = Errc::TryAgain;
      return fail(std::move(error));
    }
    ports.log.write(cni::LogLevel::Debug, "trying again: " + tried.result.error().message);
    ports.clock.sleep(pause);
  }
}

}  // namespace sluice
