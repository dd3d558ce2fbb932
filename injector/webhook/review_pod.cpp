#include "injector/pod/discard.h"
#include "injector/pod/patch.h"
#include "injector/webhook/request.h"

namespace sluice::webhook {

Reviewed review_pod(std::string_view body, const PathParameters& parameters, const World& world) {
  auto review = parse_review(body, OldObject::Skip);
  if (!review) return malformed(review.error());
  if (review->kind != "Pod") return wrong_kind(*review, "Pods");
  // A Pod's containers are fixed once it exists.
  if (!review->subresource.empty()) return allowed(*review, Outcome::Skipped, "subresource");
  if (review->operation != "CREATE" && !review->operation.empty()) {
    return allowed(*review, Outcome::Skipped, "no-create");
  }
  if (!review->object.is_object()) {
    return refused(*review, {Errc::Malformed, "the review's object is no Pod"});
  }
  PodRequest request;
  request.pod = std::move(review->object);
  request.namespace_name = review->namespace_name;
  request.cluster = parameters.cluster;
  request.network = parameters.network;
  request.proxy_env = parameters.proxy_env;
  auto injection = inject_in(world, request);
  if (!injection) return refused(*review, injection.error());
  Decision decision;
  decision.warnings = std::move(injection->warnings);
  if (!injection->verdict.inject) {
    return allowed(*review, Outcome::Skipped, injection->verdict.why, std::move(decision));
  }
  decision.patch = injector::make_patch(request.pod, injection->pod);
  injector::discard(request.pod);
  injector::discard(injection->pod);
  return allowed(*review, Outcome::Injected, injection->verdict.why, std::move(decision));
}

}  // namespace sluice::webhook
