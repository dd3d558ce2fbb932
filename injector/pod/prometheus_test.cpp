#include "injector/pod/prometheus.h"

#include <string>

#include <doctest/doctest.h>

#include "injector/pod/containers.h"

using namespace sluice::injector;
using nlohmann::json;

namespace {

json pod_with(const char* annotations, const char* env = "[]") {
  return {{"metadata", {{"annotations", json::parse(annotations)}}},
          {"spec",
           {{"containers",
             {{{"name", "app"}}, {{"name", "istio-proxy"}, {"env", json::parse(env)}}}}}}};
}

std::string told(const json& pod) {
  const json* variable = find_variable(*find_container(pod, "istio-proxy"), kScraping);
  return variable == nullptr ? "" : (*variable)["value"].get<std::string>();
}

struct Row {
  const char* annotations;
  const char* told;
};

constexpr const char* kMerged =
    R"({"prometheus.io/path":"/stats/prometheus","prometheus.io/port":"15020","prometheus.io/scrape":"true"})";

}  // namespace

TEST_CASE("scrape annotations go to the agent, however they are spelled") {
  const Row rows[] = {
      {"{}", ""},
      {R"({"prometheus.io/scrape":"true","prometheus.io/port":"9090","prometheus.io/path":"/m"})",
       R"({"scrape":"true","path":"/m","port":"9090"})"},
      {R"({"prometheus/io/port":"80"})", R"({"scrape":"","path":"","port":"80"})"},
      {R"({"prometheus-io-path":"/<&>"})",
       R"({"scrape":"","path":"/\u003c\u0026\u003e","port":""})"},
      {R"({"prometheus.io/scrape":"soon"})", R"({"scrape":"soon","path":"","port":""})"},
      {R"({"prometheus.io/port":""})", ""},
      {R"({"prometheus.istio.io/scrape-targets":" 9090:/a , 9091 ,, 9092: "})",
       R"({"scrape":"","path":"/a","port":"9090","targets":[{"port":"9090","path":"/a"},)"
       R"({"port":"9091","path":"/metrics"},{"port":"9092","path":"/metrics"}]})"},
      {R"({"prometheus.istio.io/scrape-targets":"9090,:/b","prometheus.io/port":"7"})",
       R"({"scrape":"","path":"","port":"7"})"},
      {R"({"prometheus.istio.io/scrape-targets":"9090","prometheus.io/port":"15000"})",
       R"({"scrape":"","path":"/metrics","port":"9090","targets":[{"port":"9090","path":"/metrics"}]})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotations);
    json pod = pod_with(row.annotations);
    REQUIRE(merge_metrics(pod, json::object(), 15020).has_value());
    CHECK(pod["metadata"]["annotations"] == json::parse(kMerged));
    CHECK(told(pod) == row.told);
    json again = pod;
    REQUIRE(merge_metrics(again, json::object(), 15020).has_value());
    CHECK(again == pod);
  }
}

TEST_CASE("metrics are not merged where pod or mesh say so, or somebody points to the agent") {
  struct Case {
    const char* annotations;
    bool mesh;
    bool merged;
  };
  const Case cases[] = {
      {"{}", true, true},
      {"{}", false, false},
      {R"({"prometheus.io/scrape":"false"})", true, false},
      {R"({"prometheus_io-scrape":"F"})", true, false},
      {R"({"prometheus.io/scrape":"true"})", false, false},
      {R"({"prometheus.istio.io/merge-metrics":"false"})", true, false},
      {R"({"prometheus.istio.io/merge-metrics":"1"})", false, true},
      {R"({"prometheus.istio.io/merge-metrics":"often"})", true, true},
      {R"({"prometheus.istio.io/merge-metrics":"true","prometheus.io/scrape":"0"})", true, false},
      {R"({"prometheus.io/port":"15020"})", true, false},
  };
  for (const Case& one : cases) {
    CAPTURE(one.annotations);
    json pod = pod_with(one.annotations);
    const json before = pod;
    REQUIRE(merge_metrics(pod, {{"enablePrometheusMerge", one.mesh}}, 15020).has_value());
    CHECK((pod["metadata"]["annotations"].value("prometheus.io/path", "") == "/stats/prometheus") ==
          one.merged);
    if (!one.merged) CHECK(pod == before);
  }
}

TEST_CASE("a port that cannot be scraped is refused") {
  const Row rows[] = {
      {R"({"prometheus.io/port":"http"})", R"(prometheus port "http" is not between 1 and 65535)"},
      {R"({"prometheus.io/port":"0"})", R"(prometheus port "0" is not between 1 and 65535)"},
      {R"({"prometheus.io/port":"65536"})",
       R"(prometheus port "65536" is not between 1 and 65535)"},
      {R"({"prometheus.io/port":"+15020"})", R"(prometheus port "+15020" is the agent's own)"},
      {R"({"prometheus.io/port":"15090"})",
       R"(prometheus port "15090" is reserved for Envoy's own metrics and cannot be scraped)"},
      {R"({"prometheus.istio.io/scrape-targets":"80,015001"})",
       R"(prometheus port "015001" is reserved for outbound traffic and cannot be scraped)"},
      {R"({"prometheus.istio.io/scrape-targets":"x,80,15020"})",
       R"(prometheus port "x" is not between 1 and 65535; prometheus port "15020" is the agent's own)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotations);
    json pod = pod_with(row.annotations);
    const auto done = merge_metrics(pod, json::object(), 15020);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == sluice::Errc::Invalid);
    CHECK(done.error().message == row.told);
  }
}

TEST_CASE("a pod without a proxy is annotated all the same") {
  json pod = json::parse(R"({"spec":{"containers":[{"name":"app"}]}})");
  REQUIRE(merge_metrics(pod, json::object(), 15020).has_value());
  CHECK(pod["metadata"]["annotations"] == json::parse(kMerged));
}

TEST_CASE("the port of metrics over mTLS is annotated once") {
  const auto annotated = [](const char* annotations, const char* env) {
    json pod = pod_with(annotations, env);
    annotate_secure_port(pod);
    return pod["metadata"]["annotations"].value("prometheus.istio.io/secure-port", "");
  };
  constexpr const char* kEnv = R"([{"name":"ENVOY_SECURE_MERGED_METRICS_PORT","value":"15091"}])";
  CHECK(annotated("{}", kEnv) == "15091");
  CHECK(annotated(R"({"prometheus.istio.io/secure-port":"1"})", kEnv) == "1");
  CHECK(annotated(R"({"prometheus-istio-io/secure.port":"1"})", kEnv).empty());
  CHECK(annotated("{}", "[]").empty());
  CHECK(annotated("{}", R"([{"name":"ENVOY_SECURE_MERGED_METRICS_PORT","value":"0"}])").empty());
  CHECK(annotated("{}", R"([{"name":"ENVOY_SECURE_MERGED_METRICS_PORT","valueFrom":{}}])").empty());
}
