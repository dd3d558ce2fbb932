#include "plugin/run.h"

#include <memory>
#include <optional>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "conf/kube/client.h"
#include "conf/kube/kubeconfig.h"
#include "plugin/cni/result.h"
#include "plugin/verbs/verbs.h"

namespace sluice {
namespace {

using cni::Verb;

Clock real_clock() {
  return {[] { return std::chrono::steady_clock::now(); },
          [](std::chrono::milliseconds time) {
            ::usleep(static_cast<useconds_t>(std::chrono::microseconds(time).count()));
          }};
}

Kernel real_kernel() {
  return {kernel::apply,
          [](const kernel::NetNamespace& ns, const RedirectPolicy& policy) {
            return kernel::differences(ns, policy);
          },
          kernel::remove, kernel::available};
}

/// Reads the kubeconfig and its certificates at the first request, and keeps the client.
ApiGet api_of(const std::string& kubeconfig) {
  auto client = std::make_shared<std::optional<kube::Client>>();
  return [client, kubeconfig](const std::string& path,
                              kube::Deadline deadline) -> Result<kube::Response> {
    if (!*client) {
      if (kubeconfig.empty()) return fail(Errc::Invalid, "configuration key kubeconfig is not set");
      ASSIGN_OR_RETURN(kube::ClusterAccess access, kube::load_kubeconfig(kubeconfig));
      ASSIGN_OR_RETURN(kube::Client created, kube::Client::create(std::move(access)));
      client->emplace(std::move(created));
    }
    return (*client)->get(path, deadline);
  };
}

nlohmann::json log_fields(const cni::Call& call) {
  nlohmann::json fields = nlohmann::json::object();
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty()) fields[name] = value;
  };
  put("containerId", call.attachment.container_id);
  put("ifname", call.attachment.ifname);
  put("netns", call.netns);
  put("podNamespace", call.pod.pod_namespace);
  put("podName", call.pod.pod_name);
  put("podUid", call.pod.pod_uid);
  return fields;
}

Result<std::string> serve(const cni::Call& call, const cni::Config& config, const Ports& ports) {
  switch (call.verb) {
    case Verb::Add:
      return add(call, config, ports);
    case Verb::Del:
      return del(call, config, ports);
    case Verb::Check:
      return check(call, config, ports);
    case Verb::Status:
      return status(config, ports);
    case Verb::Gc:
      return gc(config);
    case Verb::Version:
      break;
  }
  return cni::versions_json();
}

Outcome failed(const Error& error, cni::SpecVersion version) {
  return {cni::error_json(error, version) + "\n", 1};
}

/// Serves a call and logs how it ended.
Outcome run_call(const cni::Call& call, const cni::Config& config) {
  const Logger log(config.log_level, config.log_file, log_fields(call));
  const Ports ports{api_of(config.kubeconfig), real_kernel(), real_clock(), log};
  const auto start = std::chrono::steady_clock::now();
  auto result = serve(call, config, ports);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (!result) {
    log.write(cni::LogLevel::Error, result.error().message, {{"durMs", took.count()}});
    return failed(result.error(), config.version);
  }
  log.write(cni::LogLevel::Debug, "done", {{"durMs", took.count()}});
  return {result->empty() ? "" : *result + "\n", 0};
}

}  // namespace

Outcome run(const cni::Environment& environment,
            const std::function<Result<std::string>()>& read_stdin) {
  auto call = cni::parse_call(environment);
  if (!call) return failed(call.error(), cni::kNewest);
  if (call->verb == Verb::Version) return {cni::versions_json() + "\n", 0};
  auto input = read_stdin();
  if (!input) return failed(input.error(), cni::kNewest);
  auto config = cni::parse_config(*input);
  if (!config) return failed(config.error(), cni::version_of(*input));
  return run_call(*call, *config);
}

}  // namespace sluice
