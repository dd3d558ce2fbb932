// Lists and watches, through everything that can interrupt them.

#include "conf/kube/watch.h"

#include <atomic>
#include <mutex>

#include "conf/kube/api.h"
#include "conf/kube/client_fixture.h"
#include "conf/kube/eventually.h"
#include "conf/kube/fake_api.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

namespace {

const std::string kMaps = "/api/v1/namespaces/a/configmaps";

json config_map(const std::string& name, const std::string& value) {
  return {{"metadata", {{"name", name}, {"namespace", "a"}}}, {"data", {{"key", value}}}};
}

/// What a watch has said last.
class Heard {
 public:
  WatchListener listener() {
    return {[this](const Objects& objects) {
              const std::lock_guard lock(mutex_);
              objects_ = objects;
              ++changes_;
            },
            [this](const std::optional<Error>& error) {
              const std::lock_guard lock(mutex_);
              trouble_ = error;
              if (error) ++troubles_;
            }};
  }
  /// "NAME=VALUE ..." of what there is.
  std::string text() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [name, object] : objects_) {
      all += name + "=" + object["data"]["key"].get<std::string>() + " ";
    }
    return all;
  }
  bool hears(const std::string& text) const {
    return eventually([&] { return this->text() == text; });
  }
  std::optional<Error> trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }
  int troubles() const {
    const std::lock_guard lock(mutex_);
    return troubles_;
  }
  int changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
  }

 private:
  mutable std::mutex mutex_;
  Objects objects_;
  std::optional<Error> trouble_;
  int troubles_ = 0;
  int changes_ = 0;
};

WatchOptions quick(const std::string& path = kMaps) {
  WatchOptions options;
  options.path = path;
  options.first_pause = options.last_pause = 1ms;
  return options;
}

}  // namespace

TEST_CASE("a watch says what is there, and each change") {
  FakeApi api;
  api.put(kMaps, config_map("x", "1"));
  Heard heard;
  const Watch watch = Watch::start(api.client(), quick(), heard.listener());
  CHECK(heard.hears("a/x=1 "));
  api.put(kMaps, config_map("y", "2"));
  CHECK(heard.hears("a/x=1 a/y=2 "));
  api.put(kMaps, config_map("x", "3"));
  CHECK(heard.hears("a/x=3 a/y=2 "));
  api.remove(kMaps, "y");
  CHECK(heard.hears("a/x=3 "));
  CHECK(api.lists() == 1);
  CHECK(heard.troubles() == 0);
}

TEST_CASE("a long list comes in pages, and only what is kept is remembered") {
  FakeApi api;
  std::string expected;
  for (char c = 'a'; c < 'a' + 7; ++c) {
    api.put(kMaps, config_map(std::string(1, c), "1"));
    expected += std::string("a/") + c + "=kept ";
  }
  Heard heard;
  WatchOptions options = quick();
  options.page = 3;
  options.keep = [](const json&) { return json{{"data", {{"key", "kept"}}}}; };
  const Watch watch = Watch::start(api.client(), options, heard.listener());
  CHECK(heard.hears(expected));
  CHECK(api.lists() == 3);
}

TEST_CASE("a selector narrows list and watch") {
  FakeApi api;
  api.put(kMaps, config_map("x", "1"));
  api.put(kMaps, config_map("y", "1"));
  Heard heard;
  WatchOptions options = quick();
  options.query = "fieldSelector=metadata.name%3Dy";
  const Watch watch = Watch::start(api.client(), options, heard.listener());
  CHECK(heard.hears("a/y=1 "));
  api.put(kMaps, config_map("x", "2"));
  api.put(kMaps, config_map("y", "2"));
  CHECK(heard.hears("a/y=2 "));
}

TEST_CASE(
    "after an interruption a watch goes on where it was; if that is forgotten it lists anew") {
  FakeApi api;
  api.put(kMaps, config_map("x", "1"));
  Heard heard;
  const Watch watch = Watch::start(api.client(), quick(), heard.listener());
  CHECK(heard.hears("a/x=1 "));
  CHECK(eventually([&] { return api.watches() == 1; }));
  api.end_watches(FakeApi::Places::Keep);
  api.put(kMaps, config_map("x", "2"));
  CHECK(heard.hears("a/x=2 "));
  CHECK(api.lists() == 1);
  CHECK(eventually([&] { return api.watches() == 2; }));
  api.end_watches(FakeApi::Places::Forget);
  api.put(kMaps, config_map("x", "3"));
  CHECK(heard.hears("a/x=3 "));
  CHECK(eventually([&] { return api.lists() == 2; }));
}

TEST_CASE("a refusal is told, and so is its end") {
  FakeApi api;
  api.put(kMaps, config_map("x", "1"));
  api.refuse("GET", kMaps, 403);
  Heard heard;
  const Watch watch = Watch::start(api.client(), quick(), heard.listener());
  REQUIRE(eventually([&] { return heard.trouble().has_value(); }));
  CHECK(heard.trouble()->code == Errc::Denied);
  CHECK(contains(heard.trouble()->message, "403 Forbidden: refused for the test"));
  api.refuse_nothing();
  CHECK(heard.hears("a/x=1 "));
  CHECK_FALSE(heard.trouble().has_value());
}

TEST_CASE("a collection that does not exist is NotFound, until it does") {
  FakeApi api;
  Heard heard;
  const Watch watch = Watch::start(api.client(), quick(), heard.listener());
  REQUIRE(eventually([&] { return heard.trouble().has_value(); }));
  CHECK(heard.trouble()->code == Errc::NotFound);
  CHECK(heard.changes() == 0);
  api.put(kMaps, config_map("x", "1"));
  CHECK(heard.hears("a/x=1 "));
}

TEST_CASE("whatever a server sends in a watch, it is survived by listing anew") {
  struct Row {
    const char* name;
    const char* body;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"no JSON", "x\n"},
           {"no object", "{\"type\":\"ADDED\"}\n"},
           {"no version", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\"}}}\n"},
           {"gone", "{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n"},
           {"an error", "{\"type\":\"ERROR\",\"object\":{\"code\":500,\"message\":\"m\"}}\n"},
           {"nothing", ""}}) {
    CAPTURE(row.name);
    std::atomic<int> lists = 0;
    const Server server = serve([&](const HttpRequest& request, Reply& reply) {
      if (contains(request.target, "watch=true")) {
        reply_json(reply, 200, row.body);
      } else {
        ++lists;
        reply_json(reply, 200, R"({"metadata":{"resourceVersion":"7"},"items":[]})");
      }
    });
    Heard heard;
    const auto client =
        std::make_shared<const Client>(Client::create(access_to(server.port())).value());
    const Watch watch = Watch::start(client, quick(), heard.listener());
    const bool nothing = std::string_view(row.body).empty();
    CHECK(eventually([&] { return nothing ? heard.troubles() > 2 : lists > 2; }));
    CHECK((lists == 1) == nothing);
    CHECK(heard.troubles() > 0);  // and each was followed by a pause
  }
}

TEST_CASE("a bookmark moves the place, and says nothing") {
  std::atomic<int> moved = 0;
  const Server server = serve([&](const HttpRequest& request, Reply& reply) {
    if (contains(request.target, "resourceVersion=7&")) {
      reply_json(reply, 200,
                 "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}");
    } else if (contains(request.target, "resourceVersion=9&")) {
      ++moved;
      static_cast<void>(reply.sleep(10s));
    } else {
      reply_json(reply, 200, R"({"metadata":{"resourceVersion":"7"},"items":[]})");
    }
  });
  Heard heard;
  const auto client =
      std::make_shared<const Client>(Client::create(access_to(server.port())).value());
  const Watch watch = Watch::start(client, quick(), heard.listener());
  CHECK(eventually([&] { return moved > 0; }));
  CHECK(heard.changes() == 1);
}

TEST_CASE("a watch ends at once, also in the middle of an answer") {
  FakeApi api;
  api.put(kMaps, config_map("x", "1"));
  Heard heard;
  auto begun = std::chrono::steady_clock::now();
  {
    const Watch watch = Watch::start(api.client(), quick(), heard.listener());
    CHECK(heard.hears("a/x=1 "));
    CHECK(eventually([&] { return api.watches() == 1; }));
    begun = std::chrono::steady_clock::now();
  }
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("objects are created, replaced over what was read, and patched whole") {
  FakeApi api;
  api.serve(kMaps);
  const auto client = api.client();
  const auto made = create_object(*client, kMaps, config_map("x", "1"), in(5s));
  REQUIRE(made.has_value());
  CHECK(error_of(create_object(*client, kMaps, config_map("x", "1"), in(5s))).code == Errc::Exists);
  json next = read_object(*client, kMaps + "/x", in(5s)).value();
  next["data"]["key"] = "2";
  CHECK(replace_object(*client, kMaps + "/x", next, in(5s)).has_value());
  CHECK(error_of(replace_object(*client, kMaps + "/x", next, in(5s))).code == Errc::Exists);
  const auto operations = [](const char* expected) {
    return json{{{"op", "test"}, {"path", "/data/key"}, {"value", expected}},
                {{"op", "add"}, {"path", "/data/key"}, {"value", "3"}}};
  };
  CHECK(error_of(patch_object(*client, kMaps + "/x", operations("1"), in(5s))).code ==
        Errc::Invalid);
  CHECK(api.object(kMaps, "x")["data"]["key"] == "2");
  CHECK(patch_object(*client, kMaps + "/x", operations("2"), in(5s)).has_value());
  CHECK(api.object(kMaps, "x")["data"]["key"] == "3");
  CHECK(error_of(read_object(*client, kMaps + "/y", in(5s))).code == Errc::NotFound);
  CHECK(query_escaped("a=b/c d~1") == "a%3Db%2Fc%20d~1");
}
