#include "injector/webhook/request.h"

#include <utility>

#include "conf/kube/workload.h"
#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

bool native(const injector::NativeByNode& by_node, const json& pod) {
  const auto node = by_node.nodes.find(text_at(pod, {"spec", "nodeName"}));
  return node == by_node.nodes.end() ? by_node.everywhere : node->second;
}

/// Of a refusal's error: whose fault it is.
int code_of(const Error& error) {
  switch (error.code) {
    case Errc::Invalid:
    case Errc::Malformed:
    case Errc::UnknownField:
      return 400;
    case Errc::TryAgain:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

Result<Injection> inject_in(const World& world, PodRequest& request) {
  const Inject& inject = native(world.native_by_node, request.pod) ? world.native : world.ordinary;
  if (!inject) return fail(Errc::TryAgain, "the injector has no configuration yet");
  request.faults = kube::settle_metadata(request.pod, "");
  std::string name = text_at(request.pod, {"metadata", "namespace"});
  if (name.empty()) name = request.namespace_name;
  if (const auto found = world.namespaces.find(name); found != world.namespaces.end()) {
    request.namespace_object = found->second;
  }
  for (const mesh::ProxyConfigResource& resource : world.proxy_configs) {
    if (resource.namespace_name == name || resource.namespace_name == world.root_namespace) {
      request.proxy_configs.push_back(resource);
    }
  }
  return inject(request);
}

Reviewed malformed(const Error& error) {
  return {error_reply(400, error.message), Outcome::Malformed, "no-review", error.message};
}

Reviewed refused(const Review& review, const Error& error) {
  Decision decision;
  decision.allowed = false;
  decision.code = code_of(error);
  decision.message = error.message;
  const bool ours = decision.code >= 500;
  return {reply_to(review, decision), ours ? Outcome::Failed : Outcome::Refused,
          decision.code == 503 ? "not-configured"
          : ours               ? "internal"
                               : "invalid",
          error.message};
}

Reviewed wrong_kind(const Review& review, std::string_view handled) {
  Decision decision;
  decision.allowed = false;
  decision.code = 400;
  decision.message = "this webhook is for " + std::string(handled) + ", and the review is of " +
                     (review.kind.empty() ? "nothing" : "a " + review.kind);
  return {reply_to(review, decision), Outcome::Malformed, "wrong-kind", decision.message};
}

Reviewed allowed(const Review& review, Outcome outcome, std::string why, Decision decision) {
  return {reply_to(review, decision), outcome, std::move(why), {}};
}

}  // namespace sluice::webhook
