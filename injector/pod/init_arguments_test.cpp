#include "injector/pod/init_arguments.h"

#include <doctest/doctest.h>

using nlohmann::json;
using sluice::injector::annotations_of_init;

TEST_CASE("what istio-init is told becomes annotations, where it says more than the plugin does") {
  const struct {
    const char* args;
    const char* annotations;
  } rows[] = {
      {R"([])", "{}"},
      {R"(["-p","15001","-z","15006","-u","1337","-m","REDIRECT","-i","*","-x","","-b","*",
           "-d","15090,15021,15020"])",
       "{}"},
      {R"(["istio-iptables","-p","15001","-z","15006","--log_output_level=default:info"])", "{}"},
      {R"(["-p","15001"])", R"({"redirect.sluice.dev/inboundPort":"15001"})"},
      {R"(["-p","15100","-z","15106"])", R"({"redirect.sluice.dev/inboundPort":"15106",
                                             "redirect.sluice.dev/outboundPort":"15100"})"},
      {R"(["--envoy-port","15100","--inbound-capture-port=15006"])",
       R"({"redirect.sluice.dev/outboundPort":"15100"})"},
      {R"(["-u",1337])", "{}"},
      {R"(["-u",1000])", R"({"redirect.sluice.dev/excludeOutboundUIDs":"1000"})"},
      {R"(["--proxy-uid=1000"])", R"({"redirect.sluice.dev/excludeOutboundUIDs":"1000"})"},
      {R"(["-m","TPROXY"])", R"({"sidecar.istio.io/interceptionMode":"TPROXY"})"},
      {R"(["-i","10.0.0.0/8"])",
       R"({"traffic.sidecar.istio.io/includeOutboundIPRanges":"10.0.0.0/8"})"},
      {R"(["-i",""])", R"({"traffic.sidecar.istio.io/includeOutboundIPRanges":""})"},
      {R"(["-x","10.9.0.0/16"])",
       R"({"traffic.sidecar.istio.io/excludeOutboundIPRanges":"10.9.0.0/16"})"},
      {R"(["-b","80,90"])", R"({"traffic.sidecar.istio.io/includeInboundPorts":"80,90"})"},
      {R"(["-b",""])", R"({"traffic.sidecar.istio.io/includeInboundPorts":""})"},
      {R"(["-d","15020, 9000"])",
       R"({"traffic.sidecar.istio.io/excludeInboundPorts":"15020, 9000"})"},
      {R"(["-o","15020"])", "{}"},
      {R"(["-o",""])", R"({"traffic.sidecar.istio.io/excludeOutboundPorts":""})"},
      {R"(["-o","3306"])", R"({"traffic.sidecar.istio.io/excludeOutboundPorts":"3306"})"},
      {R"(["-q","443"])", R"({"traffic.sidecar.istio.io/includeOutboundPorts":"443"})"},
      {R"(["-k","vnet0"])", R"({"traffic.sidecar.istio.io/kubevirtInterfaces":"vnet0"})"},
      {R"(["-c","eth1"])", R"({"traffic.sidecar.istio.io/excludeInterfaces":"eth1"})"},
      {R"(["-ceth1"])", R"({"traffic.sidecar.istio.io/excludeInterfaces":"eth1"})"},
      {R"(["-c=eth1"])", R"({"traffic.sidecar.istio.io/excludeInterfaces":"eth1"})"},
      {R"(["-b","80","-b","90"])", R"({"traffic.sidecar.istio.io/includeInboundPorts":"90"})"},
      // Switches take no value, unknown flags take one, and a value may look like a flag.
      {R"(["--run-validation","-b","80"])",
       R"({"traffic.sidecar.istio.io/includeInboundPorts":"80"})"},
      {R"(["-n","-b","80"])", R"({"traffic.sidecar.istio.io/includeInboundPorts":"80"})"},
      {R"(["--probe-timeout","-b","-b","80"])",
       R"({"traffic.sidecar.istio.io/includeInboundPorts":"80"})"},
      {R"(["-b"])", "{}"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.args);
    CHECK(annotations_of_init({{"name", "istio-init"}, {"args", json::parse(row.args)}}) ==
          json::parse(row.annotations));
  }
}

TEST_CASE("flags may stand in the command") {
  const json init = {{"command", {"/usr/local/bin/istio-iptables.sh", "-b", "80"}},
                     {"args", {"-c", "eth1"}}};
  CHECK(annotations_of_init(init).size() == 2);
}

TEST_CASE("what is no container says nothing") {
  for (const json& odd : {json(), json(1), json::array(), json::object(), json{{"args", "-b"}}}) {
    CHECK(annotations_of_init(odd) == json::object());
  }
}
