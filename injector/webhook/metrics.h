#pragma once

// What is counted, and the text in which Prometheus reads it. Names are Istio's where they mean
// what Istio's mean; what Istio counts wrongly (a success for every answer) is counted rightly.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "injector/webhook/review.h"

namespace sluice::webhook {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Lines of the text format, families in the order of writing.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view meaning);
  void sample(std::string_view name, const Labels& labels, double value);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Counts by the values of one or two labels, of which there must be few.
class CounterBy {
 public:
  using Key = std::pair<std::string, std::string>;
  void add(std::string_view first, std::string_view second = {});
  [[nodiscard]] std::map<Key, std::uint64_t> values() const;

 private:
  mutable std::mutex mutex_;
  std::map<Key, std::uint64_t> counts_;
};

/// Seconds, in buckets from half a millisecond to the ten seconds that the API server waits.
class Histogram {
 public:
  static constexpr std::array<double, 14> kBounds{.0005, .001, .0025, .005, .01, .025, .05,
                                                  .1,    .25,  .5,    1,    2.5, 5,    10};
  void observe(std::chrono::nanoseconds time);
  void write(Exposition& out, std::string_view name) const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

/// What one server counts.
struct ConnectionCounts {
  Counter accepted;
  Counter refused;  ///< beyond the limit
  Counter handshake_failures;
  CounterBy http_errors;  ///< answers of 400 or more, by status; also those that no service made
  std::atomic<std::int64_t> open{0};
};

struct Metrics {
  Counter requests;   ///< to /inject
  Counter successes;  ///< of these: injected
  Counter failures;   ///< of these: refused, failed, or no review
  Counter skips;      ///< of these: decided against
  CounterBy results;  ///< result, reason
  Histogram injection_time;
  CounterBy validations;                            ///< result, reason
  CounterBy reloads;                                ///< source, result
  ConnectionCounts connections;                     ///< of the webhook's port
  std::atomic<std::int64_t> certificate_expiry{0};  ///< seconds since 1970; 0: none
  std::atomic<std::int64_t> authority_expiry{0};
  std::atomic<std::int64_t> last_reload{0};
  std::atomic<std::int64_t> other_injectors{0};
  CounterBy patch_attempts;  ///< name of the webhook configuration
  CounterBy patch_retries;
  CounterBy patch_failures;  ///< name, reason

  void count_injection(const Reviewed& reviewed, std::chrono::nanoseconds time);
  void count_validation(const Reviewed& reviewed);
  [[nodiscard]] std::string text() const;
};

}  // namespace sluice::webhook
