#include "injector/pod/probes.h"

#include <string>

#include <doctest/doctest.h>

#include "injector/pod/containers.h"

using namespace sluice::injector;
using nlohmann::json;

namespace {

/// A pod with a proxy and a container that has `app` beside a name and ports.
json pod_with(const char* app, const char* annotations = "{}") {
  json container = json::parse(app);
  container["name"] = "app";
  container["ports"] =
      json::parse(R"([{"name":"http","containerPort":8080},{"name":"odd","containerPort":"x"}])");
  return {{"metadata", {{"annotations", json::parse(annotations)}}},
          {"spec", {{"containers", {container, {{"name", "istio-proxy"}}}}}}};
}

void rewrite(json& pod, bool reinjection = false) {
  const auto done = rewrite_probes(pod, {15020, true, reinjection});
  REQUIRE(done.has_value());
}

/// What the agent is told, or nothing.
std::string told(const json& pod) {
  const json* variable = find_variable(*find_container(pod, "istio-proxy"), kProbers);
  return variable == nullptr ? "" : (*variable)["value"].get<std::string>();
}

struct Row {
  const char* what;
  const char* before;  ///< the container
  const char* after;
  const char* probers;
};

}  // namespace

TEST_CASE("probes and hooks are asked of the agent, which is told what to ask") {
  const Row rows[] = {
      {"by number", R"({"readinessProbe":{"httpGet":{"port":80,"path":"/r"},"periodSeconds":7}})",
       R"({"readinessProbe":{"httpGet":{"port":15020,"path":"/app-health/app/readyz"},"periodSeconds":7}})",
       R"({"/app-health/app/readyz":{"httpGet":{"path":"/r","port":80}}})"},
      {"by name, with all that a request has",
       R"({"livenessProbe":{"timeoutSeconds":3,"httpGet":{"port":"http","scheme":"HTTPS","host":"h",
           "httpHeaders":[{"value":"<&>","name":"X"}],"novel":1}}})",
       R"({"livenessProbe":{"timeoutSeconds":3,"httpGet":{"port":15020,"scheme":"HTTP","host":"h",
           "httpHeaders":[{"value":"<&>","name":"X"}],"novel":1,"path":"/app-health/app/livez"}}})",
       R"({"/app-health/app/livez":{"httpGet":{"port":8080,"host":"h","scheme":"HTTPS",)"
       R"("httpHeaders":[{"name":"X","value":"\u003c\u0026\u003e"}]},"timeoutSeconds":3}})"},
      {"TCP becomes HTTP", R"({"startupProbe":{"tcpSocket":{"port":"http","host":"h"}}})",
       R"({"startupProbe":{"httpGet":{"port":15020,"path":"/app-health/app/startupz"}}})",
       R"({"/app-health/app/startupz":{"tcpSocket":{"port":8080,"host":"h"}}})"},
      {"gRPC becomes HTTP", R"({"livenessProbe":{"grpc":{"port":9}}})",
       R"({"livenessProbe":{"httpGet":{"port":15020,"path":"/app-health/app/livez"}}})",
       R"({"/app-health/app/livez":{"grpc":{"port":9,"service":null}}})"},
      {"hooks have no timeout",
       R"({"lifecycle":{"preStop":{"httpGet":{"port":1}},"postStart":{"tcpSocket":{"port":2}}}})",
       R"({"lifecycle":{"preStop":{"httpGet":{"port":15020,"path":"/app-lifecycle/app/prestopz"}},
           "postStart":{"httpGet":{"port":15020,"path":"/app-lifecycle/app/poststartz"}}}})",
       R"({"/app-lifecycle/app/poststartz":{"tcpSocket":{"port":2}},)"
       R"("/app-lifecycle/app/prestopz":{"httpGet":{"port":1}}})"},
      {"a hook by name", R"({"lifecycle":{"preStop":{"httpGet":{"port":"http"}}}})",
       R"({"lifecycle":{"preStop":{"httpGet":{"port":15020,"path":"/app-lifecycle/app/prestopz"}}}})",
       R"({"/app-lifecycle/app/prestopz":{"httpGet":{"port":8080}}})"},
      {"commands stay", R"({"livenessProbe":{"exec":{"command":["true"]}},
           "lifecycle":{"preStop":{"exec":{"command":["x"]}},"postStart":{"sleep":{"seconds":1}}}})",
       R"({"livenessProbe":{"exec":{"command":["true"]}},
           "lifecycle":{"preStop":{"exec":{"command":["x"]}},"postStart":{"sleep":{"seconds":1}}}})",
       ""},
      {"a name that the container does not have stays",
       R"({"livenessProbe":{"httpGet":{"port":"metrics"}},"readinessProbe":{"tcpSocket":{"port":"odd"}}})",
       R"({"livenessProbe":{"httpGet":{"port":"metrics"}},"readinessProbe":{"tcpSocket":{"port":"odd"}}})",
       ""},
      {"the agent's own port stays", R"({"livenessProbe":{"httpGet":{"port":15020,"path":"/x"}}})",
       R"({"livenessProbe":{"httpGet":{"port":15020,"path":"/x"}}})", ""},
      {"what has no port, or is no object, stays",
       R"({"livenessProbe":{"httpGet":{}},"readinessProbe":{"tcpSocket":null},"lifecycle":{"preStop":7}})",
       R"({"livenessProbe":{"httpGet":{}},"readinessProbe":{"tcpSocket":null},"lifecycle":{"preStop":7}})",
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    json pod = pod_with(row.before);
    rewrite(pod);
    const json expected = pod_with(row.after);
    CHECK(pod["spec"]["containers"][0] == expected["spec"]["containers"][0]);
    CHECK(told(pod) == row.probers);
  }
}

TEST_CASE("init containers and native sidecars are probed like others, the proxy by itself") {
  json pod = json::parse(R"({"spec":{
      "initContainers":[{"name":"side","restartPolicy":"Always","startupProbe":{"tcpSocket":{"port":1}}}],
      "containers":[{"name":"istio-proxy","livenessProbe":{"httpGet":{"port":15021}}}]}})");
  rewrite(pod);
  CHECK(pod["spec"]["initContainers"][0]["startupProbe"]["httpGet"]["port"] == 15020);
  CHECK(pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] == 15021);
  CHECK(told(pod) == R"({"/app-health/side/startupz":{"tcpSocket":{"port":1}}})");
}

TEST_CASE("the pod says whether, and where the agent listens") {
  constexpr const char* kProbe = R"({"livenessProbe":{"httpGet":{"port":80}}})";
  const auto port_after = [&](const char* annotations, bool by_default) {
    json pod = pod_with(kProbe, annotations);
    REQUIRE(rewrite_probes(pod, {15020, by_default, false}).has_value());
    return pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"].get<int>();
  };
  CHECK(port_after("{}", true) == 15020);
  CHECK(port_after("{}", false) == 80);
  CHECK(port_after(R"({"sidecar.istio.io/rewriteAppHTTPProbers":"false"})", true) == 80);
  CHECK(port_after(R"({"sidecar.istio.io/rewriteAppHTTPProbers":"T"})", false) == 15020);
  CHECK(port_after(R"({"sidecar.istio.io/rewriteAppHTTPProbers":"maybe"})", true) == 15020);
  CHECK(port_after(R"({"status.sidecar.istio.io/port":" 15999 "})", true) == 15999);
  CHECK(port_after(R"({"status.sidecar.istio.io/port":"0"})", true) == 80);
  for (const char* bad : {"x", "-1", "65536", ""}) {
    json pod = pod_with(kProbe);
    pod["metadata"]["annotations"]["status.sidecar.istio.io/port"] = bad;
    const auto done = rewrite_probes(pod, {15020, true, false});
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message ==
          "annotation status.sidecar.istio.io/port: \"" + std::string(bad) + "\" is no port");
  }
}

TEST_CASE("nothing is rewritten where nobody would answer") {
  json pod = json::parse(
      R"({"spec":{"containers":[{"name":"app","livenessProbe":{"httpGet":{"port":80}}}]}})");
  const json before = pod;
  rewrite(pod);
  CHECK(pod == before);
}

TEST_CASE("a second rewriting keeps what the first one told, and adds to it") {
  json pod = pod_with(R"({"livenessProbe":{"httpGet":{"port":80,"path":"/l"}}})");
  rewrite(pod);
  const json once = pod;
  rewrite(pod, true);
  CHECK(pod == once);
  pod["spec"]["containers"].push_back(
      {{"name", "new"}, {"readinessProbe", {{"tcpSocket", {{"port", 7}}}}}});
  rewrite(pod, true);
  CHECK(told(pod) == R"({"/app-health/app/livez":{"httpGet":{"path":"/l","port":80}},)"
                     R"("/app-health/new/readyz":{"tcpSocket":{"port":7}}})");
  // The agent has moved since.
  pod["metadata"]["annotations"]["status.sidecar.istio.io/port"] = "15999";
  rewrite(pod, true);
  CHECK(pod["spec"]["containers"][0]["livenessProbe"]["httpGet"]["port"] == 15999);
  CHECK(told(pod).find("15999") == std::string::npos);
}

TEST_CASE("what an earlier injection told is read as far as it can be") {
  for (const char* garbage : {"no JSON", "[]", "7", ""}) {
    json pod = pod_with(R"({"livenessProbe":{"httpGet":{"port":80}}})");
    append_variable(*find_container(pod, "istio-proxy"), kProbers, garbage);
    rewrite(pod, true);
    CHECK(told(pod) == R"({"/app-health/app/livez":{"httpGet":{"port":80}}})");
  }
}
