#include "conf/kube/watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <sys/socket.h>

#include "conf/kube/api.h"
#include "conf/kube/body_stream.h"
#include "rules/base/json.h"

namespace sluice::kube {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr int kGone = 410;
// The server ends a watch by itself; a connection that is dead does not even do that.
constexpr milliseconds kGrace{15'000};
// A watch that ended sooner and brought nothing is a failure, or it would be begun in a circle.
constexpr milliseconds kTooShort{1'000};

std::string key_of(const json& object) {
  const std::string space = text_at(object, {"metadata", "namespace"});
  const std::string name = text_at(object, {"metadata", "name"});
  return space.empty() ? name : space + "/" + name;
}

}  // namespace

class Watch::Loop {
 public:
  Loop(std::shared_ptr<const Client> client, WatchOptions options, WatchListener listener)
      : client_(std::move(client)),
        options_(std::move(options)),
        listener_(std::move(listener)),
        thread_([this] { run(); }) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
    }
    woken_.notify_all();
    thread_.join();
  }

 private:
  void run() {
    while (!stopping()) {
      const auto step = version_.empty() ? list() : follow();
      if (step) continue;
      if (stopping()) return;
      tell(step.error());
      const bool absent = step.error().code == Errc::NotFound;
      if (!sleep(absent ? options_.last_pause : pause_)) return;
      pause_ = std::min(pause_ * 2, options_.last_pause);
    }
  }

  Result<void> list() {
    auto listed =
        list_objects(*client_, options_.path, options_.query, options_.page, options_.list_time);
    if (!listed && listed.error().code == Errc::NotFound && !objects_.empty()) {
      objects_.clear();
      listener_.changed(objects_);
    }
    if (!listed) return fail(std::move(listed).error());
    objects_.clear();
    for (json& item : listed->items) put(std::move(item));
    version_ = listed->version;
    just_listed_ = true;
    well();
    listener_.changed(objects_);
    return {};
  }

  /// Watches until the server has had enough; then, or after a failure of the network, the next
  /// call goes on from there.
  Result<void> follow() {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.watch_time);
    std::string path =
        options_.path +
        "?watch=true&allowWatchBookmarks=true&resourceVersion=" + query_escaped(version_) +
        "&timeoutSeconds=" + std::to_string(std::max<std::int64_t>(seconds.count(), 1));
    if (!options_.query.empty()) path += "&" + options_.query;
    const Deadline deadline = in(options_.watch_time + kGrace);
    const auto begun = std::chrono::steady_clock::now();
    ASSIGN_OR_RETURN(TlsStream stream,
                     client_->begin({"GET", path}, std::min(deadline, in(options_.list_time))));
    if (!lend(stream.descriptor())) return {};
    auto ended = read(stream, deadline);
    lend(-1);
    if (!ended) return fail(std::move(ended).error().wrap("watch of " + options_.path));
    // What a watch lost since is listed at once; a list that is never good for a watch is no reason
    // to list in a circle.
    const bool in_a_circle = !version_.empty() || just_listed_;
    if (*ended == 0 && std::chrono::steady_clock::now() - begun < kTooShort && in_a_circle) {
      return fail(Errc::TryAgain, "watch of " + options_.path + ": it ended at once");
    }
    went_well();
    return {};
  }

  /// The number of events that came.
  Result<int> read(TlsStream& stream, Deadline deadline) {
    const auto source = [&](std::span<char> into) { return stream.read_some(into, deadline); };
    ASSIGN_OR_RETURN(BodyStream body, BodyStream::open(source, {}));
    if (body.status() == kGone) {
      version_.clear();
      return 0;
    }
    if (body.status() != 200) return refused(body);
    well();
    for (int events = 0;; ++events) {
      ASSIGN_OR_RETURN(const auto line, body.next_line());
      if (!line) return events;
      RETURN_IF_ERROR(take(*line));
      if (version_.empty()) return events;
    }
  }

  Result<int> refused(BodyStream& body) {
    version_.clear();
    Response response;
    response.request = "answer";
    response.status = body.status();
    while (true) {
      const auto line = body.next_line();
      if (!line || !*line || response.body.size() > 4096) break;
      response.body += **line;
    }
    auto explained = object_of(std::move(response));
    if (explained) return fail(Errc::Malformed, "the answer is no watch");
    return fail(std::move(explained).error());
  }

  Result<void> take(const std::string& line) {
    json event = json::parse(line, nullptr, false);
    json* object = member(event, "object");
    if (object == nullptr || !object->is_object()) {
      version_.clear();
      return fail(Errc::Malformed, "an event is not what it should be");
    }
    const std::string type = text_at(event, {"type"});
    if (type == "ERROR") return error_event(*object);
    version_ = text_at(*object, {"metadata", "resourceVersion"});
    if (version_.empty()) return fail(Errc::Malformed, "an object has no version");
    went_well();
    if (type == "BOOKMARK") return {};
    if (type == "DELETED") {
      objects_.erase(key_of(*object));
    } else {
      put(std::move(*object));
    }
    listener_.changed(objects_);
    return {};
  }

  Result<void> error_event(const json& status) {
    version_.clear();
    if (at_path(status, {"code"}) == kGone) return {};
    return fail(Errc::TryAgain,
                "the server ended it: " + printable(text_at(status, {"message"}), 512));
  }

  void put(json object) {
    const std::string key = key_of(object);
    objects_[key] = options_.keep ? options_.keep(std::move(object)) : std::move(object);
  }

  /// A list alone does not count: it may go well and every watch fail.
  void went_well() {
    pause_ = options_.first_pause;
    just_listed_ = false;
  }

  void tell(const Error& error) {
    in_trouble_ = true;
    if (listener_.trouble) listener_.trouble(error);
  }

  void well() {
    if (std::exchange(in_trouble_, false) && listener_.trouble) listener_.trouble(std::nullopt);
  }

  bool stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  bool sleep(milliseconds time) {
    std::unique_lock lock(mutex_);
    return !woken_.wait_for(lock, time, [&] { return stopping_; });
  }

  /// Lets the destructor end what is read from; false when it has begun to.
  bool lend(int descriptor) {
    const std::lock_guard lock(mutex_);
    descriptor_ = descriptor;
    return !stopping_;
  }

  std::shared_ptr<const Client> client_;
  WatchOptions options_;
  WatchListener listener_;
  milliseconds pause_ = options_.first_pause;  // after the next failure
  Objects objects_;
  std::string version_;       // where to go on; empty: list
  bool just_listed_ = false;  // and nothing came since
  bool in_trouble_ = false;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  int descriptor_ = -1;
  std::thread thread_;  // last: it uses everything above
};

Watch::Watch(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;
Watch::~Watch() = default;

Watch Watch::start(std::shared_ptr<const Client> client, WatchOptions options,
                   WatchListener listener) {
  return Watch(std::make_unique<Loop>(std::move(client), std::move(options), std::move(listener)));
}

}  // namespace sluice::kube
