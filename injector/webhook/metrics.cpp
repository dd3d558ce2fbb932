#include "injector/webhook/metrics.h"

#include <charconv>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace sluice::webhook {
namespace {

std::string number(double value) {
  std::array<char, 64> text{};
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return {text.data(), result.ptr};
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::Injected:
      return "injected";
    case Outcome::Skipped:
      return "skipped";
    case Outcome::Refused:
      return "refused";
    case Outcome::Failed:
      return "failed";
    case Outcome::Malformed:
      return "malformed";
    case Outcome::Allowed:
      return "allowed";
  }
  return "";
}

void write(Exposition& out, std::string_view name, std::string_view meaning,
           const Counter& counter) {
  out.family(name, "counter", meaning);
  out.sample(name, {}, static_cast<double>(counter.value()));
}

void write(Exposition& out, std::string_view name, std::string_view meaning,
           const CounterBy& counter, std::string_view first, std::string_view second = {}) {
  out.family(name, "counter", meaning);
  for (const auto& [key, count] : counter.values()) {
    Labels labels{{first, key.first}};
    if (!second.empty()) labels.emplace_back(second, key.second);
    out.sample(name, labels, static_cast<double>(count));
  }
}

void write(Exposition& out, std::string_view name, std::string_view meaning, double value) {
  out.family(name, "gauge", meaning);
  out.sample(name, {}, value);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void write_injections(Exposition& out, const Metrics& metrics) {
  write(out, "sidecar_injection_requests_total", "Requests to inject a pod.", metrics.requests);
  write(out, "sidecar_injection_success_total", "Pods that got their proxy.", metrics.successes);
  write(out, "sidecar_injection_failure_total",
        "Requests that were refused, failed, or were no AdmissionReview.", metrics.failures);
  write(out, "sidecar_injection_skip_total", "Pods that were left alone.", metrics.skips);
  out.family("sidecar_injection_time_seconds", "histogram",
             "Time from a whole request to its answer.");
  metrics.injection_time.write(out, "sidecar_injection_time_seconds");
  write(out, "sluice_injection_results_total", "Requests to inject, by result and reason.",
        metrics.results, "result", "reason");
  write(out, "sluice_validation_results_total", "Workloads validated, by result and reason.",
        metrics.validations, "result", "reason");
}

void write_server(Exposition& out, const Metrics& metrics) {
  write(out, "sluice_http_errors_total", "Requests answered with a status of 400 or more.",
        metrics.connections.http_errors, "code");
  write(out, "sluice_connections_total", "Connections accepted.", metrics.connections.accepted);
  write(out, "sluice_connections_refused_total", "Connections closed at once: too many.",
        metrics.connections.refused);
  write(out, "sluice_tls_handshake_failures_total", "Connections that did not get through TLS.",
        metrics.connections.handshake_failures);
  write(out, "sluice_connections", "Connections open now.",
        static_cast<double>(metrics.connections.open));
}

void write_configuration(Exposition& out, const Metrics& metrics) {
  write(out, "sluice_reloads_total", "Times that something was read again, by what and result.",
        metrics.reloads, "source", "result");
  write(out, "sluice_last_reload_success_timestamp_seconds", "When configuration was last taken.",
        static_cast<double>(metrics.last_reload));
  write(out, "sluice_certificate_expiry_timestamp_seconds",
        "When the serving certificate expires; 0 without one.",
        static_cast<double>(metrics.certificate_expiry));
  write(out, "sluice_authority_expiry_timestamp_seconds",
        "When the self-signed authority expires; 0 without one.",
        static_cast<double>(metrics.authority_expiry));
  write(out, "sluice_other_injectors", "Other webhooks that inject the same pods.",
        static_cast<double>(metrics.other_injectors));
  write(out, "webhook_patch_attempts_total", "Times that a caBundle was to be patched.",
        metrics.patch_attempts, "name");
  write(out, "webhook_patch_retries_total", "Patches of a caBundle that were tried again.",
        metrics.patch_retries, "name");
  write(out, "webhook_patch_failures_total", "Patches of a caBundle that failed.",
        metrics.patch_failures, "name", "reason");
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view meaning) {
  text_.append("# HELP ").append(name).append(" ").append(meaning).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::sample(std::string_view name, const Labels& labels, double value) {
  text_ += name;
  if (!labels.empty()) {
    char before = '{';
    for (const auto& [key, label] : labels) {
      text_ += before;
      text_.append(key).append("=\"").append(escaped(label)).append("\"");
      before = ',';
    }
    text_ += '}';
  }
  text_.append(" ").append(number(value)).append("\n");
}

void CounterBy::add(std::string_view first, std::string_view second) {
  const std::lock_guard lock(mutex_);
  ++counts_[{std::string(first), std::string(second)}];
}

std::map<CounterBy::Key, std::uint64_t> CounterBy::values() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Histogram::observe(std::chrono::nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
}

void Histogram::write(Exposition& out, std::string_view name) const {
  const std::string bucket = std::string(name) + "_bucket";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    out.sample(bucket, {{"le", number(kBounds[i])}}, static_cast<double>(total));
  }
  total += counts_.back().load(std::memory_order_relaxed);
  out.sample(bucket, {{"le", "+Inf"}}, static_cast<double>(total));
  out.sample(std::string(name) + "_sum", {}, static_cast<double>(nanoseconds_.load()) / 1e9);
  out.sample(std::string(name) + "_count", {}, static_cast<double>(total));
}

void Metrics::count_injection(const Reviewed& reviewed, std::chrono::nanoseconds time) {
  requests.add();
  injection_time.observe(time);
  results.add(word(reviewed.outcome), reviewed.why);
  if (reviewed.outcome == Outcome::Injected) {
    successes.add();
  } else if (reviewed.outcome == Outcome::Skipped) {
    skips.add();
  } else {
    failures.add();
  }
}

void Metrics::count_validation(const Reviewed& reviewed) {
  validations.add(word(reviewed.outcome), reviewed.why);
}

std::string Metrics::text() const {
  Exposition out;
  write_injections(out, *this);
  write_server(out, *this);
  write_configuration(out, *this);
  write(out, "process_resident_memory_bytes", "Memory in use.", resident_bytes());
  out.family("process_cpu_seconds_total", "counter", "Processor time spent.");
  out.sample("process_cpu_seconds_total", {}, cpu_seconds());
  return out.text();
}

}  // namespace sluice::webhook
