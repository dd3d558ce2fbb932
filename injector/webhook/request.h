#pragma once

// What both webhooks do alike: from a pod to inject(), and from its result to an answer.

#include <string>

#include "injector/webhook/admission.h"
#include "injector/webhook/review.h"

namespace sluice::webhook {

/// inject() with what the world knows about the pod's node, namespace and ProxyConfigs, which it
/// adds to the request. TryAgain when there is no configuration yet.
[[nodiscard]] Result<Injection> inject_in(const World& world, PodRequest& request);

/// The answer to a body that is no review: status 400.
[[nodiscard]] Reviewed malformed(const Error& error);

/// The answer to a review that must be refused.
[[nodiscard]] Reviewed refused(const Review& review, const Error& error);

/// The answer to a review of a kind that is not handled here.
[[nodiscard]] Reviewed wrong_kind(const Review& review, std::string_view handled);

[[nodiscard]] Reviewed allowed(const Review& review, Outcome outcome, std::string why,
                               Decision decision = {});

}  // namespace sluice::webhook
