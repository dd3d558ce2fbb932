#include "plugin/verbs/find_pod.h"

#include <cerrno>

#include <doctest/doctest.h>

#include "plugin/verbs/fakes.h"

using namespace sluice;
using namespace std::chrono_literals;
using fake::answer;
using fake::World;

namespace {

const cni::PodArgs kPod{"default", "details", "uid-1"};

kube::Response the_pod() {
  return answer(200, fake::pod_json().dump());
}

kube::Response busy(int status, std::chrono::seconds retry_after) {
  kube::Response response = answer(status);
  response.retry_after = retry_after;
  return response;
}

Error error_of(World& world, std::chrono::milliseconds timeout = 10s) {
  const auto pod = find_pod(kPod, timeout, world.ports());
  REQUIRE_FALSE(pod.has_value());
  return pod.error();
}

}  // namespace

TEST_CASE("one GET when the pod is there") {
  World world;
  world.answers = {the_pod()};
  const PodFacts pod = find_pod(kPod, 10s, world.ports()).value();
  CHECK(pod.name == "details");
  CHECK(pod.uid == "uid-1");
  CHECK(world.requests == std::vector<std::string>{"/api/v1/namespaces/default/pods/details"});
  CHECK(world.pauses.empty());
}

TEST_CASE("what can pass is tried again until the deadline") {
  for (const auto& failure :
       {Result<kube::Response>(answer(500)), Result<kube::Response>(answer(503)),
        Result<kube::Response>(answer(429)),
        Result<kube::Response>(fail(Errc::TryAgain, "refused", ECONNREFUSED))}) {
    World passes;
    passes.answers = {failure, failure, failure, the_pod()};
    CHECK(find_pod(kPod, 10s, passes.ports()).has_value());
    CHECK(passes.requests.size() == 4);

    World stays;
    stays.answers = {failure};
    CHECK(error_of(stays).code == Errc::TryAgain);
    CHECK(stays.slept() > 8s);
    CHECK(stays.slept() < 10s);
  }
}

TEST_CASE("pauses double up to about a second, and two pods pause differently") {
  const auto pauses = [](const char* name) {
    World world;
    world.answers = {answer(503)};
    CHECK_FALSE(find_pod({"default", name, ""}, 10s, world.ports()).has_value());
    return world.pauses;
  };
  const auto of_details = pauses("details-v1");
  CHECK(of_details.front() >= 50ms);
  CHECK(of_details.front() < 67ms);
  CHECK(of_details.back() >= 1000ms);
  CHECK(of_details.back() < 1320ms);
  CHECK(of_details.size() < 20);
  bool differ = false;
  for (const char* other : {"ratings-v1", "reviews-v1", "reviews-v2"}) {
    differ = differ || pauses(other) != of_details;
  }
  CHECK(differ);
}

TEST_CASE("what will not pass is not tried again") {
  for (const auto& failure :
       {Result<kube::Response>(answer(401)), Result<kube::Response>(answer(403)),
        Result<kube::Response>(answer(409)),
        Result<kube::Response>(fail(Errc::TryAgain, "certificate"))}) {
    World world;
    world.answers = {failure};
    CHECK(error_of(world).code == Errc::TryAgain);
    CHECK(world.requests.size() == 1);
  }
}

TEST_CASE("a pod may be late by a second, and no more") {
  World late;
  late.answers = {answer(404), answer(404), the_pod()};
  CHECK(find_pod(kPod, 10s, late.ports()).has_value());

  World absent;
  absent.answers = {answer(404)};
  CHECK(error_of(absent).code == Errc::TryAgain);
  CHECK(absent.slept() <= 1s);
  CHECK(absent.requests.size() > 3);
}

TEST_CASE("a kubeconfig may be late by a second too; one that may not be read will not change") {
  World late;
  late.answers = {fail(Errc::Io, "cannot read /k", ENOENT), the_pod()};
  CHECK(find_pod(kPod, 10s, late.ports()).has_value());

  World absent;
  absent.answers = {fail(Errc::Io, "cannot read /k", ENOENT)};
  CHECK(error_of(absent).code == Errc::TryAgain);
  CHECK(absent.slept() <= 1s);

  World refused;
  refused.answers = {fail(Errc::Io, "cannot read /k", EACCES)};
  CHECK(error_of(refused).code == Errc::Io);
  CHECK(refused.requests.size() == 1);
}

TEST_CASE("Retry-After is kept where there is time for it") {
  World kept;
  kept.answers = {busy(429, 3s), the_pod()};
  CHECK(find_pod(kPod, 10s, kept.ports()).has_value());
  CHECK(kept.slept() == 3s);

  World too_long;
  too_long.answers = {busy(429, 30s)};
  CHECK(error_of(too_long).code == Errc::TryAgain);
  CHECK(too_long.requests.size() == 1);
  CHECK(too_long.slept() == 0s);

  World at_once;
  at_once.answers = {busy(503, 0s)};
  CHECK(error_of(at_once).code == Errc::TryAgain);
  CHECK(at_once.requests.size() < 20);
}

TEST_CASE("time spent in requests counts") {
  World slow;
  slow.answers = {answer(503)};
  slow.each_takes = 4s;
  CHECK(error_of(slow).code == Errc::TryAgain);
  CHECK(slow.requests.size() == 3);
}

TEST_CASE("another pod of that name counts as absent") {
  nlohmann::json other = fake::pod_json();
  other["metadata"]["uid"] = "uid-2";
  World world;
  world.answers = {answer(200, other.dump())};
  const Error error = error_of(world);
  CHECK(error.code == Errc::TryAgain);
  CHECK(error.message.find("uid-2") != std::string::npos);
  CHECK(error.message.find("uid-1") != std::string::npos);
  CHECK(world.slept() <= 1s);

  World replaced;
  replaced.answers = {answer(200, other.dump()), the_pod()};
  CHECK(find_pod(kPod, 10s, replaced.ports()).value().uid == "uid-1");

  World unsaid;
  unsaid.answers = {answer(200, other.dump())};
  CHECK(find_pod({"default", "details", ""}, 10s, unsaid.ports()).has_value());
}

TEST_CASE("a static pod goes by its mirror's annotation") {
  nlohmann::json mirror = fake::pod_json();
  mirror["metadata"]["uid"] = "uid-of-the-mirror";
  mirror["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "uid-1";
  World world;
  world.answers = {answer(200, mirror.dump())};
  CHECK(find_pod(kPod, 10s, world.ports()).has_value());
}

TEST_CASE("an answer that is no Pod is malformed, at once") {
  for (const char* body : {"", "{", "[]", R"({"kind":"Service"})"}) {
    World world;
    world.answers = {answer(200, body)};
    CHECK(error_of(world).code == Errc::Malformed);
    CHECK(world.requests.size() == 1);
  }
}
