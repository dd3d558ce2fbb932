// What holds for every pod and every template.

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "injector/pod/containers.h"
#include "injector/pod/overlay_fixture.h"
#include "injector/pod/patch.h"
#include "injector/pod/previous.h"
#include "injector/pod/random_pod.h"
#include "rules/policy/annotations.h"

using namespace sluice::injector;
using nlohmann::json;

namespace {

World random_world(std::mt19937_64& engine) {
  World world = plain_world();
  world.rendered = {random_template_pod(engine)};
  if (engine() % 4 == 0) {
    json second = random_template_pod(engine);
    second["spec"]["containers"].push_back({{"name", "helper"}, {"image", "h:1"}});
    world.rendered.push_back(std::move(second));
  }
  if (engine() % 4 == 0) world.proxy_config["holdApplicationUntilProxyStarts"] = true;
  if (engine() % 4 == 0) world.proxy_config["interceptionMode"] = "TPROXY";
  if (engine() % 5 == 0) world.configuration.switches.platform = "openshift";
  if (engine() % 3 == 0) world.proxy_env["ISTIO_META_CLUSTER_ID"] = "Kubernetes";
  if (engine() % 3 == 0) {
    world.network = "net-1";
    world.proxy_env["ISTIO_META_NETWORK"] = "net-1";
  }
  return world;
}

/// Writes a status by hand: it names the pod's own containers, and some that nobody has. Not the
/// proxy: one that changes lists is once taken for the user's, as in Istio, and not a second time.
void forge_status(std::mt19937_64& engine, json& pod) {
  json status = {{"containers", nullptr}};
  for (const std::string_view list : kContainerLists) {
    for (const char* name : {"app", "web", "helper", "nobody"}) {
      if (engine() % 2 == 0) status[std::string(list)].push_back(name);
    }
  }
  metadata_map(pod, "annotations")[std::string(sluice::kStatus)] = status.dump();
}

/// Every container's own novel field is still its own, and the pod has all that it had.
void check_unknown(const json& before, const json& after) {
  for (const char* field : {"novelTop"})
    CHECK(after.value(field, json()) == before.value(field, json()));
  CHECK(after["spec"].value("novelField", json()) == before["spec"].value("novelField", json()));
  CHECK(after["metadata"].value("novel", json()) == before["metadata"].value("novel", json()));
  for (const std::string_view list : kContainerLists) {
    const json* containers = container_list(before, list);
    if (containers == nullptr) continue;
    for (const json& container : *containers) {
      if (is_redirect_container(name_of(container))) continue;
      const json* now = find_container(after, name_of(container));
      REQUIRE(now != nullptr);
      if (container.contains("novelField")) CHECK((*now)["novelField"] == container["novelField"]);
    }
  }
}

void check_rule(const json& pod) {
  int proxies = 0;
  for (const std::string_view list : kContainerLists) {
    const json* containers = container_list(pod, list);
    if (containers == nullptr) continue;
    for (const json& container : *containers) {
      CHECK_FALSE(is_redirect_container(name_of(container)));
      if (name_of(container) != "istio-proxy") continue;
      CHECK(++proxies == 1);
      const json context = container.value("securityContext", json::object());
      CHECK(context.dump().find("NET_ADMIN") == std::string::npos);
      CHECK(context.value("privileged", false) == false);
    }
  }
  const json& annotations = pod["metadata"]["annotations"];
  for (const std::string_view name : {sluice::kStatus, kOverrides}) {
    const json text = annotations.value(std::string(name), json("{}"));
    for (const std::string_view gone : kRedirectContainers) {
      CHECK(text.get<std::string>().find('"' + std::string(gone) + '"') == std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE(
    "whatever the pod: the patch does it, unknown fields stay, the rule holds, twice is once") {
  int injected = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 engine(seed);
    json pod = random_pod(engine);
    if (engine() % 4 == 0) forge_status(engine, pod);
    const World world = random_world(engine);
    const auto once = world.lay_over(pod);
    if (!once) {
      CHECK_FALSE(once.error().message.empty());
      continue;
    }
    ++injected;
    REQUIRE(pod.patch(json::parse(make_patch(pod, once->pod))) == once->pod);
    check_unknown(pod, once->pod);
    check_rule(once->pod);
    const auto twice = world.lay_over(once->pod);
    REQUIRE_MESSAGE(twice.has_value(), (twice ? "" : twice.error().message));
    REQUIRE(make_patch(once->pod, twice->pod).empty());
  }
  CHECK(injected > 400);
}
