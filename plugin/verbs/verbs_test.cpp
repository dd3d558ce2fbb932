#include "plugin/verbs/verbs.h"

#include <algorithm>
#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "plugin/run.h"
#include "plugin/verbs/attachments.h"
#include "plugin/verbs/fakes.h"

using namespace sluice;
using fake::World;
using nlohmann::json;

namespace {

cni::Call call_of(cni::Verb verb, const std::string& pod_namespace = "default") {
  return {verb, {"c1", "eth0"}, "/run/netns/none", {pod_namespace, "details", "uid-1"}};
}

cni::Config config_in(const fake::Directory& directory) {
  cni::Config config;
  config.network = "podnet";
  config.state_dir = directory.path();
  config.prev_result = R"({"cniVersion":"1.1.0", "x":1})";
  return config;
}

AttachmentRecord record_of(const std::string& container, const std::string& network) {
  AttachmentRecord record;
  record.attachment = {container, "eth0"};
  record.network = network;
  record.passed_because = "no sidecar";
  return record;
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

}  // namespace

TEST_CASE("ADD passes by, before it touches namespace, API or disk") {
  const fake::Directory directory;
  World world;
  cni::Config config = config_in(directory);
  config.agent_pod = "sluice-system/sluice-agent-";
  config.state_dir = "/proc/nowhere";
  cni::Call outside = call_of(cni::Verb::Add);
  outside.pod = {};
  cni::Call agent = call_of(cni::Verb::Add, "sluice-system");
  agent.pod.pod_name = "sluice-agent-x7";
  for (const cni::Call& call : {outside, agent, call_of(cni::Verb::Add, "kube-system")}) {
    CHECK(add(call, config, world.ports()).value() == config.prev_result);
    CHECK(check(call, config, world.ports()).value().empty());
  }
  CHECK(world.requests.empty());
  agent.pod.pod_name = "not-the-agent";
  CHECK_FALSE(add(agent, config, world.ports()).has_value());
}

TEST_CASE("ADD wants a namespace, and not the host's, before it asks the API") {
  const fake::Directory directory;
  World world;
  cni::Call call = call_of(cni::Verb::Add);
  CHECK(error_of(add(call, config_in(directory), world.ports())).code == Errc::Usage);
  call.netns = "/proc/self/ns/net";
  CHECK(error_of(add(call, config_in(directory), world.ports())).code == Errc::HostNamespace);
  CHECK(world.requests.empty());
  CHECK(AttachmentStore(directory.path()).list().value().empty());
}

TEST_CASE("ADD does nothing for a previous result it could not answer") {
  const fake::Directory directory;
  World world;
  cni::Config config = config_in(directory);
  config.prev_result = R"({"cniVersion":"0.2.0"})";
  CHECK(error_of(add(call_of(cni::Verb::Add), config, world.ports())).code == Errc::Version);
}

TEST_CASE("CHECK needs a record") {
  const fake::Directory directory;
  World world;
  const cni::Config config = config_in(directory);
  const cni::Call call = call_of(cni::Verb::Check);
  const Error error = error_of(check(call, config, world.ports()));
  CHECK(error.code == Errc::Different);
  CHECK(error.message.find("c1") != std::string::npos);
  REQUIRE(AttachmentStore(directory.path()).save(record_of("c1", "podnet")).has_value());
  CHECK(check(call, config, world.ports()).value().empty());
  CHECK(world.requests.empty());
}

TEST_CASE("CHECK looks at a pod whose namespace was excluded after its ADD") {
  const fake::Directory directory;
  World world;
  cni::Config config = config_in(directory);
  AttachmentRecord record = record_of("c1", "podnet");
  record.policy.emplace();
  REQUIRE(AttachmentStore(directory.path()).save(record).has_value());
  config.exclude_namespaces = {"default"};
  CHECK_FALSE(check(call_of(cni::Verb::Check), config, world.ports()).has_value());
}

TEST_CASE("verbs need the version that brought them") {
  const fake::Directory directory;
  World world;
  cni::Config config = config_in(directory);
  config.version = cni::SpecVersion::V0_3_1;
  CHECK(error_of(check(call_of(cni::Verb::Check), config, world.ports())).code == Errc::Version);
  config.version = cni::SpecVersion::V1_0_0;
  CHECK(error_of(status(config, world.ports())).code == Errc::Version);
  CHECK(error_of(gc(config)).code == Errc::Version);
}

TEST_CASE("DEL forgets, as often as it is told") {
  const fake::Directory directory;
  World world;
  const cni::Config config = config_in(directory);
  const AttachmentStore store(directory.path());
  REQUIRE(store.save(record_of("c1", "podnet")).has_value());
  for (int i = 0; i < 2; ++i) {
    CHECK(del(call_of(cni::Verb::Del), config, world.ports()).value().empty());
    CHECK(store.list().value().empty());
  }
}

TEST_CASE("DEL stays out of the host's namespace, and of what is none") {
  const fake::Directory directory;
  World world;
  cni::Call call = call_of(cni::Verb::Del);
  for (const char* netns : {"", "/run/netns/none", "/proc/self/ns/net", "/proc/self/status"}) {
    call.netns = netns;
    CHECK(del(call, config_in(directory), world.ports()).value().empty());
  }
  CHECK(world.removed.empty());
}

TEST_CASE("STATUS is not available without nf_tables or without a kubeconfig") {
  const fake::Directory directory;
  World world;
  cni::Config config = config_in(directory);
  Error error = error_of(status(config, world.ports()));
  CHECK(error.code == Errc::Unavailable);
  CHECK(error.message.find("kubeconfig") != std::string::npos);
  config.kubeconfig = directory.path() + "/kubeconfig";
  error = error_of(status(config, world.ports()));
  CHECK(error.code == Errc::Unavailable);
  CHECK(error.message.find(config.kubeconfig) != std::string::npos);
  world.available = fail(Errc::Unavailable, "no nf_tables");
  CHECK(error_of(status(config, world.ports())).message == "no nf_tables");
}

TEST_CASE("GC drops what its own network no longer lists") {
  const fake::Directory directory;
  cni::Config config = config_in(directory);
  const AttachmentStore store(directory.path());
  for (const char* container : {"c1", "c2"}) {
    REQUIRE(store.save(record_of(container, "podnet")).has_value());
  }
  REQUIRE(store.save(record_of("c3", "other")).has_value());
  std::ofstream(directory.path() + "/attachments/c4:eth0.json.tmp") << "{";
  std::ofstream(directory.path() + "/attachments/c5:eth0.json") << "{";

  CHECK(gc(config).value().empty());
  CHECK(store.list().value().size() == 5);
  config.valid_attachments = {{"c2", "eth0"}, {"c1", "net1"}};
  CHECK(gc(config).value().empty());
  auto left = store.list().value();
  std::sort(left.begin(), left.end());
  CHECK(left == std::vector<cni::Attachment>{{"c2", "eth0"}, {"c3", "eth0"}});
  config.valid_attachments.emplace();
  CHECK(gc(config).value().empty());
  CHECK(store.list().value() == std::vector<cni::Attachment>{{"c3", "eth0"}});
}

TEST_CASE("a call ends with a result or an error object, and a status") {
  const auto run_with = [](const cni::Environment& environment, const std::string& input) {
    const Outcome outcome = run(environment, [&]() -> Result<std::string> { return input; });
    return std::pair(outcome.exit_code, outcome.out.empty() ? json() : json::parse(outcome.out));
  };
  const auto error = [](int code, const char* version) { return std::tuple(1, code, version); };
  const auto shape = [](const std::pair<int, json>& outcome) {
    return std::tuple(outcome.first, outcome.second["code"].get<int>(),
                      outcome.second["cniVersion"].get<std::string>());
  };
  const cni::Environment gc{{"CNI_COMMAND", "GC"}};
  CHECK(shape(run_with({}, "")) == error(4, "1.1.0"));
  CHECK(shape(run_with(gc, "{")) == error(6, "1.1.0"));
  CHECK(shape(run_with(gc, R"({"cniVersion":"0.4.0","name":"n","x":1})")) == error(2, "0.4.0"));
  CHECK(shape(run_with(gc, R"({"cniVersion":"0.4.0","name":"n"})")) == error(1, "0.4.0"));
  CHECK(run_with(gc, R"({"cniVersion":"1.1.0","name":"n"})") == std::pair(0, json()));
  CHECK(run({{"CNI_COMMAND", "GC"}}, [] { return fail(Errc::Io, "stdin"); }).exit_code == 1);
}

TEST_CASE("VERSION does not read stdin") {
  const Outcome outcome = run({{"CNI_COMMAND", "VERSION"}}, []() -> Result<std::string> {
    FAIL("stdin was read");
    return std::string();
  });
  CHECK(outcome.exit_code == 0);
  CHECK(json::parse(outcome.out)["cniVersion"] == "1.1.0");
}
