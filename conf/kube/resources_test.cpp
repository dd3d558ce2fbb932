#include "conf/kube/resources.h"

#include <mutex>

#include "conf/kube/client_fixture.h"

using namespace sluice;
using namespace sluice::kube;
using nlohmann::json;

namespace {

using Answers = std::map<std::string, std::string>;

/// An API server that knows these paths, and what it was asked.
struct Api {
  explicit Api(Answers answers)
      : server(
            serve([this, answers = std::move(answers)](const HttpRequest& request, Reply& reply) {
              {
                const std::lock_guard lock(mutex);
                asked.push_back(request.target);
              }
              const auto found = answers.find(request.target);
              if (found != answers.end()) return reply_json(reply, 200, found->second);
              reply_json(reply, 404, status_json(404, "NotFound", "nothing here"));
            })),
        client(Client::create(access_to(server.port())).value()) {}

  std::mutex mutex;
  std::vector<std::string> asked;
  Server server;
  Client client;
};

}  // namespace

TEST_CASE("a ConfigMap is its data") {
  const Api api(Answers{{"/api/v1/namespaces/ns/configmaps/full", R"({"data":{"a":"1","b":""}})"},
                        {"/api/v1/namespaces/ns/configmaps/empty", R"({"kind":"ConfigMap"})"},
                        {"/api/v1/namespaces/ns/configmaps/odd", R"({"data":{"a":1}})"},
                        {"/api/v1/namespaces/ns/configmaps/text", R"("x")"},
                        {"/api/v1/namespaces/ns/configmaps/broken", R"({)"}});
  const auto map = [&](const char* name) { return config_map(api.client, "ns", name, in(10s)); };
  CHECK(map("full").value() == std::map<std::string, std::string>{{"a", "1"}, {"b", ""}});
  CHECK(map("empty").value().empty());
  CHECK(error_of(map("odd")).message == "ConfigMap odd: data[\"a\"] is not a string");
  CHECK_FALSE(map("text").has_value());
  CHECK_FALSE(map("broken").has_value());
  CHECK(error_of(map("none")).code == Errc::NotFound);
  CHECK(contains(error_of(map("none")).message, "404 Not Found: nothing here"));
}

TEST_CASE("no name leads to another path") {
  const Api api(Answers{});
  for (const char* name : {"", "..", "a/b", "a?b", "A", "a%2fb"}) {
    CHECK(error_of(config_map(api.client, "ns", name, in(10s))).code == Errc::Invalid);
    CHECK(error_of(config_map(api.client, name, "a", in(10s))).code == Errc::Invalid);
    CHECK(error_of(namespace_object(api.client, name, in(10s))).code == Errc::Invalid);
  }
  CHECK(api.asked.empty());
}

TEST_CASE("a namespace comes whole") {
  const Api api(Answers{{"/api/v1/namespaces/ns", R"({"metadata":{"name":"ns"}})"}});
  CHECK(namespace_object(api.client, "ns", in(10s)).value() ==
        json{{"metadata", {{"name", "ns"}}}});
}
