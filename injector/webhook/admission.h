#pragma once

// AdmissionReview, v1 and v1beta1: what the API server asks, and how it wants to be answered.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "injector/webhook/http.h"
#include "rules/base/result.h"

namespace sluice::webhook {

struct Review {
  std::string api_version;  ///< "admission.k8s.io/v1"; the answer has the same
  std::string uid;
  std::string kind;         ///< of the object, "Pod"
  std::string subresource;  ///< "scale", or empty
  std::string namespace_name;
  std::string operation;
  bool dry_run = false;
  nlohmann::json object;      ///< null for a DELETE; without metadata.managedFields
  nlohmann::json old_object;  ///< null unless it was asked for
};

enum class OldObject { Skip, Keep };

/// Reads a review in one pass. What nobody here reads (userInfo, options, managedFields) is never
/// built. Malformed, with what is wrong, for what is no AdmissionReview with a request in it, and
/// for documents nested deeper than any of Kubernetes.
[[nodiscard]] Result<Review> parse_review(std::string_view body, OldObject old_object);

struct Decision {
  bool allowed = true;
  int code = 200;                     ///< of a refusal
  std::string message;                ///< of a refusal
  std::vector<std::string> warnings;  ///< shown to whoever made the request
  std::string patch;                  ///< the JSON of operations; empty: none
};

/// The answer to `review`, always with status 200: refusals are in the answer.
[[nodiscard]] HttpReply reply_to(const Review& review, const Decision& decision);

}  // namespace sluice::webhook
