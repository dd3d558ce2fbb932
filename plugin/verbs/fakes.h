#pragma once

// Stand-ins for the world, for the tests of the verbs.

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "plugin/verbs/ports.h"

namespace sluice::fake {

/// A directory of its own for each test, gone after it.
class Directory {
 public:
  Directory() : path_(std::filesystem::temp_directory_path() / "sluice-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline kube::Response answer(int status, std::string body = "{}") {
  return {"GET https://api/x", status, "Reason", std::nullopt, std::move(body)};
}

inline nlohmann::json pod_json() {
  const nlohmann::json proxy = {{"name", "istio-proxy"}, {"args", {"proxy", "sidecar"}}};
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", "details"},
            {"namespace", "default"},
            {"uid", "uid-1"},
            {"annotations", {{"sidecar.istio.io/status", "{}"}}}}},
          {"spec", {{"containers", {{{"name", "app"}}, proxy}}}}};
}

/// An API that gives one answer after the other, the last for ever; a clock that only sleeping and
/// being asked (`each_takes`) moves; and a kernel that keeps what it was told.
class World {
 public:
  std::deque<Result<kube::Response>> answers;
  std::vector<std::string> requests;
  std::chrono::milliseconds each_takes{0};
  std::vector<std::chrono::milliseconds> pauses;

  std::vector<RedirectPolicy> applied;
  Result<void> applying;
  Result<std::vector<std::string>> differing = std::vector<std::string>{};
  std::vector<ino_t> removed;  ///< from which namespaces
  Result<void> removing;
  Result<void> available;
  std::function<void()> while_applying = [] {};

  [[nodiscard]] Ports ports() {
    return {[this](const std::string& path, kube::Deadline) { return get(path); },
            {[this](const kernel::NetNamespace&, const RedirectPolicy& policy) {
               while_applying();
               applied.push_back(policy);
               return applying;
             },
             [this](const kernel::NetNamespace&, const RedirectPolicy&) { return differing; },
             [this](const kernel::NetNamespace& ns) {
               removed.push_back(ns.inode());
               return removing;
             },
             [this] { return available; }},
            {[this] { return now_; },
             [this](std::chrono::milliseconds time) {
               pauses.push_back(time);
               now_ += time;
             }},
            log_};
  }

  [[nodiscard]] std::chrono::milliseconds slept() const {
    std::chrono::milliseconds sum{0};
    for (const auto pause : pauses) sum += pause;
    return sum;
  }

 private:
  Result<kube::Response> get(const std::string& path) {
    requests.push_back(path);
    now_ += each_takes;
    if (answers.empty()) return fail(Errc::Io, "no answer was prepared");
    auto next = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return next;
  }

  kube::Deadline now_{std::chrono::hours(1)};
  Logger log_{cni::LogLevel::Error, "", nlohmann::json::object()};
};

}  // namespace sluice::fake
