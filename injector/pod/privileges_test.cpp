#include "injector/pod/privileges.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace sluice::injector;
using nlohmann::json;

namespace {

json pod_with(const char* context, const char* list = "containers") {
  json proxy = {{"name", "istio-proxy"}, {"securityContext", json::parse(context)}};
  return {
      {"spec", {{list, {{{"name", "app"}, {"securityContext", {{"privileged", true}}}}, proxy}}}}};
}

json context_of(const json& pod, const char* list = "containers") {
  return pod["spec"][list][1]["securityContext"];
}

struct Row {
  const char* what;
  const char* before;
  const char* after;
};

constexpr const char* kTraced = R"({"allowPrivilegeEscalation":true,
    "capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]},"privileged":true,
    "readOnlyRootFilesystem":true,"runAsGroup":1338,"runAsNonRoot":false,"runAsUser":0,
    "seccompProfile":{"type":"RuntimeDefault"}})";

}  // namespace

TEST_CASE("istio-proxy loses what only the redirect needed, with a word each") {
  const Row rows[] = {
      {"nothing to lose",
       R"({"capabilities":{"add":["NET_RAW"],"drop":["ALL"]},"privileged":false})",
       R"({"capabilities":{"add":["NET_RAW"],"drop":["ALL"]},"privileged":false})"},
      {"NET_ADMIN", R"({"capabilities":{"add":["NET_ADMIN","SYS_TIME"],"drop":["ALL"]}})",
       R"({"capabilities":{"add":["SYS_TIME"],"drop":["ALL"]}})"},
      {"NET_ADMIN alone", R"({"capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]}})",
       R"({"capabilities":{"drop":["ALL"]}})"},
      {"NET_ADMIN and nothing else", R"({"capabilities":{"add":["NET_ADMIN"]},"runAsUser":1})",
       R"({"runAsUser":1})"},
      {"other spellings",
       R"({"capabilities":{"add":["CAP_net_admin","ALL",7,"NET_BIND_SERVICE"]}})",
       R"({"capabilities":{"add":[7,"NET_BIND_SERVICE"]}})"},
      {"privileged", R"({"privileged":true,"allowPrivilegeEscalation":true,"runAsUser":1})",
       R"({"privileged":false,"allowPrivilegeEscalation":false,"runAsUser":1})"},
      {"other shapes", R"({"privileged":"true","capabilities":{"add":"NET_ADMIN"}})",
       R"({"privileged":"true","capabilities":{"add":"NET_ADMIN"}})"},
  };
  for (const char* list : {"containers", "initContainers"}) {
    for (const Row& row : rows) {
      CAPTURE(row.what);
      json pod = pod_with(row.before, list);
      std::vector<std::string> warnings;
      take_privileges(pod, warnings);
      CHECK(context_of(pod, list) == json::parse(row.after));
      CHECK(warnings.empty() == (json::parse(row.before) == json::parse(row.after)));
      CHECK(pod["spec"][list][0]["securityContext"]["privileged"] == true);  // the app's own affair
    }
  }
  json pod = pod_with(R"({"privileged":true,"capabilities":{"add":["NET_ADMIN"]}})");
  std::vector<std::string> warnings;
  take_privileges(pod, warnings);
  CHECK(warnings ==
        std::vector<std::string>{
            "istio-proxy does not get the capability NET_ADMIN: the redirect is made "
            "outside the pod and needs none",
            "istio-proxy does not run privileged: the redirect is made outside the pod"});
}

TEST_CASE("a TPROXY proxy runs as root with NET_RAW alone, and is known by its group") {
  const Row rows[] = {
      {"Istio's", R"({"capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]},"runAsUser":0,
           "runAsGroup":1337,"runAsNonRoot":false})",
       R"({"capabilities":{"add":["NET_RAW"],"drop":["ALL"]},"runAsUser":0,"runAsGroup":1337,
           "runAsNonRoot":false})"},
      {"with low ports", R"({"capabilities":{"add":["NET_ADMIN","NET_BIND_SERVICE"]},"runAsUser":0,
           "runAsGroup":1337})",
       R"({"capabilities":{"add":["NET_RAW","NET_BIND_SERVICE"],"drop":["ALL"]},"runAsUser":0,
           "runAsGroup":1337})"},
      {"a user's own", R"({"runAsUser":1234,"runAsGroup":4321,"runAsNonRoot":true})",
       R"({"capabilities":{"add":["NET_RAW"],"drop":["ALL"]},"runAsUser":0,"runAsGroup":4321,
           "runAsNonRoot":false})"},
      {"none, or of other shapes", R"({"capabilities":7,"runAsGroup":null})",
       R"({"capabilities":{"add":["NET_RAW"],"drop":["ALL"]},"runAsUser":0,"runAsGroup":1337})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    json pod = pod_with(row.before);
    make_transparent(pod);
    CHECK(context_of(pod) == json::parse(row.after));
  }
}

TEST_CASE("a template that makes a TPROXY proxy is known by what it grants") {
  CHECK(grants_net_admin(pod_with(R"({"capabilities":{"add":["NET_ADMIN"]}})")));
  CHECK(grants_net_admin(pod_with(R"({"capabilities":{"add":["NET_ADMIN"]}})", "initContainers")));
  CHECK_FALSE(grants_net_admin(pod_with(R"({"capabilities":{"add":["NET_BIND_SERVICE"]}})")));
  CHECK_FALSE(grants_net_admin(pod_with("{}")));
  CHECK_FALSE(grants_net_admin(json::object()));
}

TEST_CASE("tracing iptables changes no security context") {
  json pod = pod_with(kTraced);
  ignore_trace_logging(pod, false, false, 1337);
  CHECK(context_of(pod) == json::parse(R"({"allowPrivilegeEscalation":false,
      "capabilities":{"drop":["ALL"]},"privileged":false,"readOnlyRootFilesystem":true,
      "runAsGroup":1338,"runAsNonRoot":true,"runAsUser":1337,
      "seccompProfile":{"type":"RuntimeDefault"}})"));
  pod = pod_with(kTraced);
  ignore_trace_logging(pod, true, true, 1337);
  CHECK(context_of(pod) == json::parse(R"({"allowPrivilegeEscalation":false,
      "capabilities":{"add":["NET_ADMIN","NET_BIND_SERVICE"],"drop":["ALL"]},"privileged":false,
      "readOnlyRootFilesystem":true,"runAsGroup":1337,"runAsNonRoot":false,"runAsUser":0,
      "seccompProfile":{"type":"RuntimeDefault"}})"));
  // Not what the variable makes.
  pod = pod_with(R"({"privileged":true,"runAsUser":0})");
  ignore_trace_logging(pod, false, false, 1337);
  CHECK(context_of(pod) == json::parse(R"({"privileged":true,"runAsUser":0})"));
}
