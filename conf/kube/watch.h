#pragma once

// A collection of the API and what becomes of it: listed once, then watched, on a thread of its
// own, through whatever goes wrong.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "conf/kube/client.h"

namespace sluice::kube {

/// By "NAMESPACE/NAME", or "NAME" where there is no namespace.
using Objects = std::map<std::string, nlohmann::json>;

struct WatchOptions {
  std::string path;   ///< of the collection
  std::string query;  ///< percent-encoded selectors, or empty
  /// What to remember of an object; all of it when empty.
  std::function<nlohmann::json(nlohmann::json)> keep = {};
  int page = 250;
  std::chrono::milliseconds list_time{30'000};    ///< for each page
  std::chrono::milliseconds watch_time{240'000};  ///< after which the server ends a watch
  std::chrono::milliseconds first_pause{500};     ///< after a failure, doubled each time,
  std::chrono::milliseconds last_pause{30'000};   ///< up to this
};

/// Both are called on the watch's thread.
struct WatchListener {
  /// All objects there are, after each change.
  std::function<void(const Objects&)> changed;
  /// Why it cannot be watched at the moment; nothing once it can again. NotFound when the API has
  /// no such collection (any more: then after `changed` with no objects).
  std::function<void(const std::optional<Error>&)> trouble = {};
};

class Watch {
 public:
  /// Never fails: what goes wrong is told to `listener`, and tried again until destroyed. After an
  /// interruption it goes on where it was; when the server no longer knows that place (410), it
  /// lists anew.
  [[nodiscard]] static Watch start(std::shared_ptr<const Client> client, WatchOptions options,
                                   WatchListener listener);

  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  ~Watch();  ///< ends the thread, also in the middle of an answer

 private:
  class Loop;
  explicit Watch(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sluice::kube
