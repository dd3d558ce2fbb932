// Any bytes as the body of a review, of either webhook and in either version, and as the path that
// it comes on: always a well-formed answer, and a patch that applies to the object it is for.

#include <cstdint>
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "conf/kube/kubeconfig.h"
#include "injector/webhook/compile.h"
#include "injector/webhook/service.h"

namespace {

using nlohmann::json;
using namespace sluice;

/// The built-in template, with native sidecars for pods on one node and without for the others.
webhook::World made_world() {
  auto compiled = webhook::compile({}, {}, webhook::NativeSidecars::Auto);
  if (!compiled) std::abort();
  webhook::World world;
  world.native = compiled->native;
  world.ordinary = compiled->ordinary;
  world.native_by_node = {false, {{"new", true}}};
  return world;
}

struct Fixture {
  webhook::Current<webhook::World> world;
  webhook::Metrics metrics;
  webhook::Health health;
  webhook::Log log{webhook::Level::Error, [](const std::string&) {}};
  webhook::Service service{world, metrics, health, log};

  Fixture() { world.set(std::make_shared<const webhook::World>(made_world())); }
};

// Before any input: compiling templates takes long under sanitizers, and an input has its time.
const Fixture fixture;

void expect(bool condition) {
  if (!condition) std::abort();
}

void check_review(const json& answer, const std::string& body) {
  const json& response = answer.at("response");
  expect(response.at("uid").is_string() && response.at("allowed").is_boolean());
  expect(response.contains("status") != response.at("allowed").get<bool>());
  if (!response.contains("patch")) return;
  const auto patch = kube::decode_base64(response.at("patch").get<std::string>());
  expect(patch.has_value());
  const json object = json::parse(body).at("request").at("object");
  static_cast<void>(object.patch(json::parse(*patch)));
}

void ask(const webhook::Service& service, const std::string& target, const std::string& body) {
  const auto reply = service.answer_review({"POST", target, "application/json", body});
  const json answer = json::parse(reply.body);
  if (reply.status == 200) return check_review(answer, body);
  expect(reply.status == 400 || reply.status == 404);
  expect(answer.at("kind") == "Status" && answer.at("code") == reply.status);
  expect(!answer.at("message").get<std::string>().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(bytes, bytes + size);
  for (const char* target : {"/inject/cluster/c/net/n", "/validate", "/validate/opt-in"}) {
    ask(fixture.service, target, text);
  }
  ask(fixture.service, "/inject/" + text.substr(0, 64), text);
  return 0;
}
