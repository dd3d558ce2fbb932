#include "injector/webhook/service.h"

#include <chrono>
#include <exception>
#include <utility>

namespace sluice::webhook {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";

/// Whether `type` is application/json, whatever parameters it has.
bool is_json(std::string_view type) {
  constexpr std::string_view Json = "application/json";
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  if (type.size() != Json.size()) return false;
  for (std::size_t i = 0; i < type.size(); ++i) {
    const char c = type[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != Json[i]) return false;
  }
  return true;
}

HttpReply plain(int status, std::string text) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(text);
  reply.content_type = kPlain;
  return reply;
}

/// Runs a review; whatever it throws is a fault of this program, and ends one request only.
template <class Run>
Reviewed guarded(Run run) {
  try {
    return run();
  } catch (const std::exception& error) {
    return {error_reply(500, "the injector failed"), Outcome::Failed, "internal", error.what()};
  }
}

}  // namespace

void Health::set(const std::string& name, State state, std::string text) {
  const std::lock_guard lock(mutex_);
  conditions_[name] = {state, std::move(text)};
}

void Health::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  conditions_.erase(name);
}

bool Health::ready() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, condition] : conditions_) {
    if (condition.state == State::Bad) return false;
  }
  return true;
}

std::string Health::text() const {
  const std::lock_guard lock(mutex_);
  std::string lines;
  for (const auto& [name, condition] : conditions_) {
    const bool bad = condition.state == State::Bad;
    lines += bad ? "[-] " : condition.state == State::Warning ? "[!] " : "[+] ";
    lines += name;
    if (!condition.text.empty()) lines += ": " + condition.text;
    lines += '\n';
  }
  return lines;
}

std::optional<int> LogLimit::admit(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (now - begun_ >= std::chrono::seconds(1)) {
    begun_ = now;
    admitted_ = 0;
  }
  if (admitted_ == per_second_) {
    ++withheld_;
    return std::nullopt;
  }
  ++admitted_;
  return std::exchange(withheld_, 0);
}

HttpReply Service::answer_review(const HttpRequest& request) const {
  const auto path = decoded_path(request.target);
  if (!path) return error_reply(400, "the path is not percent-encoded as it should be");
  const auto parameters = inject_parameters(*path);
  const bool opt_in = *path == "/validate/opt-in";
  if (!parameters && !opt_in && *path != "/validate") {
    return error_reply(404, "there is /inject, /validate and /validate/opt-in here");
  }
  if (request.method != "POST") {
    HttpReply reply = error_reply(405, "an AdmissionReview comes by POST");
    reply.allow = "POST";
    return reply;
  }
  if (!is_json(request.content_type)) {
    return error_reply(415, "an AdmissionReview comes as application/json");
  }
  if (request.body.empty()) return error_reply(400, "the request has no body");
  if (parameters) return inject(request.body, *parameters);
  return validate(request.body, opt_in ? Scope::OptIn : Scope::Namespace);
}

HttpReply Service::inject(std::string_view body, const PathParameters& parameters) const {
  const auto start = std::chrono::steady_clock::now();
  const auto world = world_.get();
  Reviewed reviewed = guarded([&] { return review_pod(body, parameters, *world); });
  metrics_.count_injection(reviewed, std::chrono::steady_clock::now() - start);
  say(reviewed, "inject");
  return std::move(reviewed.reply);
}

HttpReply Service::validate(std::string_view body, Scope scope) const {
  const auto world = world_.get();
  Reviewed reviewed = guarded([&] { return review_workload(body, scope, *world); });
  metrics_.count_validation(reviewed);
  say(reviewed, "validate");
  return std::move(reviewed.reply);
}

/// Only what went wrong: the rest is counted.
void Service::say(const Reviewed& reviewed, std::string_view webhook) const {
  if (reviewed.message.empty()) return;
  const auto withheld = limit_.admit(std::chrono::steady_clock::now());
  if (!withheld) return;
  nlohmann::json fields{{"webhook", webhook}, {"reason", reviewed.why}};
  if (*withheld > 0) fields["withheld"] = *withheld;
  if (reviewed.outcome == Outcome::Failed) {
    log_.error(reviewed.message, fields);
  } else {
    log_.warn(reviewed.message, fields);
  }
}

HttpReply Service::answer_probe(const HttpRequest& request) const {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const bool verbose = request.target.find("?verbose") != std::string_view::npos;
  const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics";
  if (!known) return plain(404, "there is /healthz, /readyz and /metrics here\n");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = plain(405, "GET or HEAD\n");
    reply.allow = "GET, HEAD";
    return reply;
  }
  if (path == "/healthz") return plain(200, "ok\n");
  if (path == "/readyz") {
    const bool ready = health_.ready();
    const std::string verdict = ready ? "ready\n" : "not ready\n";
    return plain(ready ? 200 : 503, verbose || !ready ? health_.text() + verdict : verdict);
  }
  HttpReply reply = plain(200, metrics_.text());
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return reply;
}

}  // namespace sluice::webhook
