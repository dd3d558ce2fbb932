#include "conf/kube/workload.h"
#include "injector/webhook/request.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::webhook {
namespace {

using nlohmann::json;

/// Whether the template's labels ask for injection in a namespace that does not.
bool opts_in(const json& pod, const std::string& revision) {
  const std::string wish = text_at(pod, {"metadata", "labels", kInject});
  const json& asked = at_path(pod, {"metadata", "labels", "istio.io/rev"});
  if (asked.is_null()) return wish == "true";
  return wish != "false" && asked == json(revision);
}

PodRequest pod_of(const Review& review, const json& pod) {
  PodRequest request;
  request.pod = pod;
  request.namespace_name = review.namespace_name;
  request.owner =
      injector::Owner{text_at(review.object, {"apiVersion"}), review.kind,
                      text_at(review.object, {"metadata", "name"}), review.namespace_name};
  return request;
}

/// The answer when the workload's pods would be refused with `error`.
Reviewed would_be_refused(const Review& review, Error error, bool unchanged) {
  // Only for what the workload itself says; the injector's own troubles are not its author's.
  const bool its_own = error.code == Errc::Invalid || error.code == Errc::Malformed;
  error = std::move(error).wrap("its pods would be refused");
  if (its_own && !unchanged) return refused(review, error);
  Decision decision;
  decision.warnings = {error.message};
  return allowed(review, Outcome::Allowed, its_own ? "unchanged" : "undecided",
                 std::move(decision));
}

}  // namespace

Reviewed review_workload(std::string_view body, Scope scope, const World& world) {
  const auto review = parse_review(body, OldObject::Keep);
  if (!review) return malformed(review.error());
  const auto path = kube::pod_path_in(review->kind);
  if (!path || path->empty()) {
    return wrong_kind(*review, "workloads (Deployments, Jobs and the other kinds that make Pods)");
  }
  if (!review->subresource.empty() || review->operation == "DELETE") {
    return allowed(*review, Outcome::Allowed, "no-template");
  }
  const json& pod = at_pointer(review->object, *path);
  if (!pod.is_object()) return allowed(*review, Outcome::Allowed, "no-template");
  if (!text_at(review->object, {"metadata", "deletionTimestamp"}).empty()) {
    return allowed(*review, Outcome::Allowed, "being-deleted");
  }
  if (scope == Scope::OptIn && !opts_in(pod, world.revision)) {
    return allowed(*review, Outcome::Allowed, "not-selected");
  }
  const bool unchanged = at_pointer(review->old_object, *path) == pod;
  PodRequest request = pod_of(*review, pod);
  auto injection = inject_in(world, request);
  if (!injection) return would_be_refused(*review, std::move(injection).error(), unchanged);
  Decision decision;
  decision.warnings = std::move(injection->warnings);
  return allowed(*review, Outcome::Allowed, injection->verdict.why, std::move(decision));
}

}  // namespace sluice::webhook
