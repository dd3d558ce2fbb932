#pragma once

// The two webhooks as functions: an AdmissionReview and the world in, the reply out. They know no
// sockets and change nothing, so a dry run needs no care.

#include <string>
#include <string_view>

#include "injector/webhook/http.h"
#include "injector/webhook/path.h"
#include "injector/webhook/world.h"

namespace sluice::webhook {

enum class Outcome {
  Injected,   ///< patched, or already as it would be patched
  Skipped,    ///< decided against
  Refused,    ///< because of what the pod or workload says
  Failed,     ///< because of the configuration, or because there is none yet
  Malformed,  ///< no review of a kind that is handled here
  Allowed,    ///< of /validate: would be injected, or left alone
};

struct Reviewed {
  HttpReply reply;
  Outcome outcome;
  std::string why;      ///< one of few words, for metrics
  std::string message;  ///< for the log; empty when there is nothing to say
};

/// Answers a review of a Pod. A body that is no review gets status 400; everything else is answered
/// with a review, also "not configured yet".
[[nodiscard]] Reviewed review_pod(std::string_view body, const PathParameters& parameters,
                                  const World& world);

/// Whom /validate asks about. Webhook selectors see a workload's labels, not its pods': where pods
/// opt in one by one, the template's labels are looked at here.
enum class Scope { Namespace, OptIn };

/// Answers a review of a workload: refuses what its pods would be refused for, and warns of what
/// would be taken from them. A template that an update leaves as it was is never refused: labels,
/// finalizers and replicas of what exists must stay editable.
[[nodiscard]] Reviewed review_workload(std::string_view body, Scope scope, const World& world);

}  // namespace sluice::webhook
