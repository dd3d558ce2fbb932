#include "injector/webhook/admission.h"

#include <array>

#include "injector/pod/json_text.h"
#include "injector/webhook/base64.h"
#include "injector/webhook/document.h"
#include "rules/base/json.h"

namespace sluice::webhook {
namespace {

using injector::write_json_string;
using nlohmann::json;

constexpr std::array<std::string_view, 2> kVersions{"admission.k8s.io/v1",
                                                    "admission.k8s.io/v1beta1"};
// What Kubernetes allows for all warnings of a response, and what kubectl shows of one.
constexpr std::size_t kWarningBytes = 1024;
constexpr std::size_t kMessageBytes = 16384;

tl::unexpected<Error> malformed(std::string message) {
  return fail(Errc::Malformed, std::move(message));
}

json taken(json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? json() : std::move(*found);
}

/// Which members of a review are read: paths from the root.
bool keep_all(const Path& path) {
  if (path.size() == 2 && path[0] == "request") {
    return path[1] != "userInfo" && path[1] != "options";
  }
  return path.size() != 4 || path[2] != "metadata" || path[3] != "managedFields";
}

bool keep_new(const Path& path) {
  return keep_all(path) && (path.size() != 2 || path[1] != "oldObject");
}

/// `text` without control characters, cut at a whole character.
std::string one_line(std::string_view text, std::size_t limit) {
  std::string line(text.substr(0, limit));
  if (text.size() > limit) {
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) {
      line.pop_back();
    }
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0U) line.pop_back();
    line += "...";
  }
  for (char& c : line) {
    if ((c >= 0 && c < ' ') || c == '\x7f') c = ' ';
  }
  return line;
}

std::string_view reason_of(int code) {
  switch (code) {
    case 400:
      return "BadRequest";
    case 503:
      return "ServiceUnavailable";
    default:
      return "InternalError";
  }
}

void append_status(std::string& out, const Decision& decision) {
  out += R"(,"status":{"status":"Failure","reason":")";
  out += reason_of(decision.code);
  out += R"(","code":)" + std::to_string(decision.code) + R"(,"message":)";
  write_json_string(out, one_line(decision.message, kMessageBytes));
  out += '}';
}

void append_warnings(std::string& out, const std::vector<std::string>& warnings) {
  out += R"(,"warnings":[)";
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    if (i > 0) out += ',';
    write_json_string(out, one_line(warnings[i], kWarningBytes));
  }
  out += ']';
}

}  // namespace

Result<Review> parse_review(std::string_view body, OldObject old_object) {
  auto document = parse_document(body, old_object == OldObject::Keep ? keep_all : keep_new);
  if (!document) return fail(std::move(document).error().wrap("the body is no AdmissionReview"));
  if (!document->is_object()) return malformed("the body is no AdmissionReview: not an object");
  Review review;
  review.api_version = text_at(*document, {"apiVersion"});
  if (text_at(*document, {"kind"}) != "AdmissionReview") {
    return malformed("the body is no AdmissionReview: its kind is \"" +
                     one_line(text_at(*document, {"kind"}), 64) + "\"");
  }
  if (review.api_version != kVersions[0] && review.api_version != kVersions[1]) {
    return malformed("the AdmissionReview is of an unknown version: apiVersion \"" +
                     one_line(review.api_version, 64) + "\"");
  }
  json request = taken(*document, "request");
  if (!request.is_object()) return malformed("the AdmissionReview has no request");
  review.uid = text_at(request, {"uid"});
  if (review.uid.empty()) return malformed("the AdmissionReview's request has no uid");
  review.object = taken(request, "object");
  review.old_object = taken(request, "oldObject");
  review.kind = text_at(request, {"kind", "kind"});
  if (review.kind.empty() && review.object.is_object()) {
    review.kind = text_at(review.object, {"kind"});
  }
  review.subresource = text_at(request, {"subResource"});
  review.namespace_name = text_at(request, {"namespace"});
  review.operation = text_at(request, {"operation"});
  review.dry_run = at_path(request, {"dryRun"}) == true;
  return review;
}

HttpReply reply_to(const Review& review, const Decision& decision) {
  HttpReply reply;
  std::string& out = reply.body;
  out.reserve(512 + decision.patch.size() / 3 * 4);
  out += R"({"kind":"AdmissionReview","apiVersion":")";
  out += review.api_version;
  out += R"(","response":{"uid":)";
  write_json_string(out, review.uid);
  out += decision.allowed ? R"(,"allowed":true)" : R"(,"allowed":false)";
  if (!decision.allowed) append_status(out, decision);
  if (!decision.warnings.empty()) append_warnings(out, decision.warnings);
  if (!decision.patch.empty()) {
    out += R"(,"patchType":"JSONPatch","patch":")";
    append_base64(out, decision.patch);
    out += '"';
  }
  out += "}}";
  return reply;
}

HttpReply error_reply(int status, std::string_view message) {
  HttpReply reply;
  reply.status = status;
  reply.body = R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)" +
               std::to_string(status) + R"(,"message":)";
  write_json_string(reply.body, message);
  reply.body += "}\n";
  return reply;
}

}  // namespace sluice::webhook
