// Which path is which, what is no review at all, and what the other port says.

#include "injector/webhook/service.h"

#include "injector/webhook/review_fixture.h"

using namespace sluice;
using namespace sluice::webhook;
using nlohmann::json;

namespace {

struct Fixture {
  Current<World> world;
  Metrics metrics;
  Health health;
  std::vector<std::string> lines;
  Log log{Level::Info, [this](const std::string& line) { lines.push_back(line); }};
  Service service{world, metrics, health, log};

  Fixture() { world.set(std::make_shared<const World>(small_world())); }

  HttpReply ask(const std::string& method, const std::string& target, const std::string& type,
                const std::string& body) {
    return service.answer_review({method, target, type, body});
  }
  HttpReply get(const std::string& target, const std::string& method = "GET") {
    return service.answer_probe({method, target, {}, {}});
  }
};

}  // namespace

TEST_CASE("what is no review is answered with the status that says why") {
  Fixture fixture;
  const std::string review = review_of(pod_object()).dump();
  constexpr const char* Json = "application/json";
  struct Row {
    const char* method;
    const char* target;
    const char* type;
    std::string body;
    int status;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"POST", "/inject", Json, review, 200},
           {"POST", "/inject?timeout=10s", Json, review, 200},
           {"POST", "/inject/cluster/c", Json, review, 200},
           {"POST", "/inject", "application/json; charset=utf-8", review, 200},
           {"POST", "/inject", "Application/JSON ;x", review, 200},
           {"POST", "/validate", Json, review, 200},
           {"POST", "/validate/opt-in", Json, review, 200},
           {"POST", "/inject", Json, "", 400},
           {"POST", "/inject", Json, "{}", 400},
           {"POST", "/inject%", Json, review, 400},
           {"POST", "/", Json, review, 404},
           {"POST", "/validate/x", Json, review, 404},
           {"POST", "/metrics", Json, review, 404},
           {"GET", "/inject", Json, "", 405},
           {"PUT", "/validate", Json, review, 405},
           {"POST", "/inject", "", review, 415},
           {"POST", "/inject", "application/jsonx", review, 415},
           {"POST", "/inject", "text/plain", review, 415}}) {
    CAPTURE(row.method);
    CAPTURE(row.target);
    CAPTURE(row.type);
    const HttpReply reply = fixture.ask(row.method, row.target, row.type, row.body);
    CHECK(reply.status == row.status);
    CHECK(reply.content_type == "application/json");
    CHECK((reply.allow == "POST") == (row.status == 405));
    const json answer = json::parse(reply.body);
    CHECK(answer.at("kind") == (row.status == 200 ? "AdmissionReview" : "Status"));
  }
}

TEST_CASE("an injector that throws ends one request") {
  Fixture fixture;
  World world;
  world.native = world.ordinary = [](const PodRequest&) -> Result<Injection> {
    throw std::runtime_error("a fault");
  };
  fixture.world.set(std::make_shared<const World>(world));
  const std::string review = review_of(pod_object()).dump();
  CHECK(fixture.ask("POST", "/inject", "application/json", review).status == 500);
  REQUIRE(fixture.lines.size() == 1);
  CHECK(fixture.lines[0].find("a fault") != std::string::npos);
  CHECK(fixture.lines[0].find("\"level\":\"error\"") != std::string::npos);
  CHECK(fixture.metrics.failures.value() == 1);
}

TEST_CASE("only what goes wrong is logged, as a line of JSON, and not without end") {
  Fixture fixture;
  fixture.ask("POST", "/inject", "application/json", review_of(pod_object()).dump());
  CHECK(fixture.lines.empty());
  for (int i = 0; i < 100; ++i) fixture.ask("POST", "/inject", "application/json", "{}");
  CHECK(fixture.lines.size() >= 20);
  CHECK(fixture.lines.size() < 100);
  const json line = json::parse(fixture.lines[0]);
  CHECK(line.at("level") == "warn");
  CHECK(line.at("reason") == "no-review");
  CHECK(line.at("webhook") == "inject");

  LogLimit limit(2);
  const auto now = std::chrono::steady_clock::now();
  CHECK(limit.admit(now) == 0);
  CHECK(limit.admit(now) == 0);
  CHECK_FALSE(limit.admit(now).has_value());
  CHECK_FALSE(limit.admit(now).has_value());
  CHECK(limit.admit(now + std::chrono::seconds(1)) == 2);
}

TEST_CASE("health is good, worth a warning, or bad") {
  Fixture fixture;
  CHECK(fixture.get("/healthz").status == 200);
  fixture.health.set("certificate", Health::State::Bad, "none yet");
  fixture.health.set("configuration", Health::State::Good);
  CHECK(fixture.get("/readyz").status == 503);
  CHECK(fixture.get("/readyz").body == "[-] certificate: none yet\n[+] configuration\nnot ready\n");
  fixture.health.set("certificate", Health::State::Warning, "the old one stays");
  CHECK(fixture.get("/readyz").status == 200);
  CHECK(fixture.get("/readyz").body == "ready\n");
  CHECK(fixture.get("/readyz?verbose").body ==
        "[!] certificate: the old one stays\n[+] configuration\nready\n");
  fixture.health.forget("certificate");
  CHECK(fixture.get("/readyz?verbose=1").body == "[+] configuration\nready\n");
  CHECK(fixture.get("/healthz", "HEAD").status == 200);
}

TEST_CASE("the other port knows three paths, to be read") {
  Fixture fixture;
  CHECK(fixture.get("/metrics").content_type.starts_with("text/plain; version=0.0.4"));
  CHECK(fixture.get("/metrics").body.find("sidecar_injection_requests_total 0\n") !=
        std::string::npos);
  CHECK(fixture.get("/").status == 404);
  CHECK(fixture.get("/inject").status == 404);
  CHECK(fixture.get("/metrics", "POST").status == 405);
  CHECK(fixture.get("/metrics", "POST").allow == "GET, HEAD");
}
