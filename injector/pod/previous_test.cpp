#include "injector/pod/previous.h"

#include <utility>

#include <doctest/doctest.h>

#include "injector/pod/containers.h"
#include "injector/pod/overlay_fixture.h"
#include "injector/pod/patch.h"
#include "injector/pod/strip.h"
#include "rules/policy/annotations.h"

using namespace sluice::injector;
using nlohmann::json;

TEST_CASE("a second injection gives what a new template says, and what the user still says") {
  World world = world_with(native_template());
  json pod = laid_over(world, pod_with_proxy(R"({"image":"mine:2"})")).pod;
  json& proxy = world.rendered[0]["spec"]["initContainers"][0];
  proxy["image"] = "proxy:9";
  proxy["args"] = {"new"};
  proxy["env"].push_back({{"name", "NEW"}, {"value", "n"}});
  pod = laid_over(world, pod).pod;
  CHECK(find_container(pod, "istio-proxy")->at("image") == "mine:2");
  CHECK(find_container(pod, "istio-proxy")->at("args") == json({"new"}));
  CHECK(find_variable(*find_container(pod, "istio-proxy"), "NEW") != nullptr);
}

TEST_CASE("two proxies that an injection left become one") {
  World world = world_with(ordinary_template());
  world.rendered.push_back(native_template());
  json pod = laid_over(world, pod_with_proxy(R"({"tty":true})")).pod;
  const json once = pod;
  pod["spec"]["containers"].push_back({{"name", "istio-proxy"}, {"env", {{{"name", "STALE"}}}}});
  json& annotations = pod["metadata"]["annotations"];
  json status = json::parse(annotations[std::string(sluice::kStatus)].get<std::string>());
  json overrides = json::parse(annotations[std::string(kOverrides)].get<std::string>());
  status["containers"] = {"istio-proxy"};
  overrides["containers"] = overrides["initContainers"];
  annotations[std::string(sluice::kStatus)] = status.dump();
  annotations[std::string(kOverrides)] = overrides.dump();
  pod = laid_over(world, pod).pod;
  CHECK(pod["spec"] == once["spec"]);
  CHECK(pod["metadata"]["annotations"][std::string(sluice::kStatus)] ==
        once["metadata"]["annotations"][std::string(sluice::kStatus)]);
  CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
}

TEST_CASE("what a template deletes stays deleted") {
  World world = world_with(ordinary_template());
  world.rendered.push_back(json::parse(R"({"spec":{"initContainers":[{"name":"new","env":[
      {"name":"X","$patch":"delete"},{"name":"Y","value":"1"}]}],"containers":[{"name":"istio-proxy",
      "env":[{"name":"LAST","$patch":"delete"}],"securityContext":null}],
      "volumes":[{"name":"istio-envoy","$patch":"delete"}]}})"));
  for (const bool deletes_first : {false, true}) {
    if (deletes_first) std::swap(world.rendered[0], world.rendered[1]);
    json pod = app_pod();
    pod["spec"]["volumes"] = json::parse(R"([{"name":"mine"},{"name":"istio-envoy"}])");
    pod = laid_over(world, pod).pod;
    const json* left = find_variable(*find_container(pod, "istio-proxy"), "LAST");
    CHECK((left != nullptr) == deletes_first);
    CHECK(find_container(pod, "new")->at("env") == json::parse(R"([{"name":"Y","value":"1"}])"));
    CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
  }
}

TEST_CASE("a variable that a template has twice is there twice after a second injection too") {
  World world = world_with(ordinary_template());
  json& env = world.rendered[0]["spec"]["containers"][0]["env"];
  env = json::parse(R"([{"name":"X","value":"1"},{"name":"Y"},{"name":"X","value":"2"}])");
  const json pod = laid_over(world, app_pod()).pod;
  CHECK(find_container(pod, "istio-proxy")->at("env")[2]["value"] == "2");
  CHECK(make_patch(pod, laid_over(world, pod).pod).empty());
}

TEST_CASE("templates see the pod without what injection put there") {
  World world = world_with(native_template());
  json pod = pod_with_proxy(R"({"image":"mine:2"})");
  pod["spec"]["initContainers"] = json::parse(R"([{"name":"i"}])");
  const json injected = laid_over(world, pod).pod;
  const json stripped = strip_injected(injected).value();
  CHECK(stripped["spec"]["containers"] == pod["spec"]["containers"]);
  CHECK(stripped["spec"]["initContainers"] == pod["spec"]["initContainers"]);
  const json& annotations = stripped["metadata"]["annotations"];
  CHECK_FALSE(annotations.contains(std::string(sluice::kStatus)));
  CHECK_FALSE(annotations.contains("prometheus.io/port"));
  // A proxy that was the user's native sidecar is put back as one.
  pod = pod_with_proxy(R"({"restartPolicy":"Always"})", "initContainers");
  pod = strip_injected(laid_over(world, pod).pod).value();
  CHECK(names(pod, "initContainers") == Names{"istio-proxy"});
  CHECK(!strip_injected(app_pod()));
  // Wherever the user has an own one among the others, and whatever else a template makes part of.
  pod = pod_with_proxy("{}");
  pod["spec"]["containers"].push_back({{"name", "last"}, {"image", "l"}});
  world.rendered[0]["spec"]["containers"] = json::parse(R"([{"name":"app","tty":true}])");
  const json seen = strip_injected(pod).value()["spec"]["containers"];
  CHECK(seen == strip_injected(laid_over(world, pod).pod).value()["spec"]["containers"]);
  CHECK(seen[2]["name"] == "istio-proxy");
}

TEST_CASE("what is no status leaves the pod one that was never injected, and a warning") {
  const World world = world_with(native_template());
  const json plain = laid_over(world, pod_with_proxy(R"({"image":"mine:2"})")).pod;
  for (const char* text : {"", "injected-version-0.7", "{", "[]", "7", "\"x\"", "{}{}", "\xff"}) {
    CAPTURE(text);
    json pod = pod_with_proxy(R"({"image":"mine:2"})");
    pod["metadata"]["annotations"][std::string(sluice::kStatus)] = text;
    const Overlaid done = laid_over(world, pod);
    CHECK(done.pod == plain);
    REQUIRE(done.warnings.size() == 1);
    CHECK(done.warnings[0].starts_with("annotation sidecar.istio.io/status: \""));
    CHECK(done.warnings[0].ends_with("; the pod is taken as never injected"));
    CHECK(laid_over(world, done.pod).warnings.empty());
    CHECK(make_patch(done.pod, laid_over(world, done.pod).pod).empty());
  }
}

TEST_CASE("a status is believed about what the templates make, and about nothing else") {
  const World world = world_with(native_template());
  const auto seen = [&](const char* status) {
    json pod = app_pod();
    pod["metadata"]["annotations"][std::string(sluice::kStatus)] = status;
    const auto again = strip_injected(pod, world.rendered);
    return again ? names(*again, "containers") : Names{"as before"};
  };
  CHECK(seen(R"({"containers":["app","istio-proxy"]})") == Names{"app"});
  CHECK(seen(R"({"containers":["istio-proxy","gone"],"initContainers":null})") ==
        Names{"as before"});
  CHECK(seen("null") == Names{"as before"});
  CHECK(seen("x") == Names{"as before"});
}

TEST_CASE("many containers, and as many in what an injection left, stall nobody" *
          doctest::timeout(60)) {
  constexpr int Many = 20'000;
  const World world = world_with(native_template());
  json status;
  json overrides;
  json pod = app_pod();
  for (int i = 0; i < Many; ++i) {
    const json name = "c" + std::to_string(i);
    for (const std::string_view list : kContainerLists) {
      pod["spec"][std::string(list)].push_back({{"name", name}, {"image", "i"}});
      status[std::string(list)].push_back("x" + name.get<std::string>());
    }
    status["containers"].push_back(name);
    overrides["containers"].push_back({{"name", name}, {"tty", true}});
  }
  json& annotations = pod["metadata"]["annotations"];
  annotations[std::string(sluice::kStatus)] = status.dump();
  const std::size_t all = pod["spec"]["containers"].size();
  CHECK(strip_injected(pod).value()["spec"]["containers"].size() == all - Many);
  CHECK(strip_injected(pod, world.rendered).value()["spec"]["containers"].size() == all);
  CHECK(laid_over(world, pod).pod["spec"]["initContainers"].size() == Many + 1);
  annotations[std::string(kOverrides)] = overrides.dump();
  const json stripped = strip_injected(pod).value();
  CHECK(stripped["spec"]["containers"].size() == all);
  CHECK(stripped["spec"]["containers"].back()["tty"] == true);
  CHECK(stripped["spec"]["initContainers"] == pod["spec"]["initContainers"]);
}
