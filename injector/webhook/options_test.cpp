#include "injector/webhook/options.h"

#include <doctest/doctest.h>

#include "conf/kube/error_of.h"

using namespace sluice;
using namespace sluice::webhook;
using namespace std::chrono_literals;

namespace {

Result<Options> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "sluice-injector");
  return parse_options(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("endpoints are literal addresses with a port") {
  CHECK(parse_endpoint("0.0.0.0:8443").value() == Endpoint{"0.0.0.0", 8443});
  CHECK(parse_endpoint("[::1]:0").value() == Endpoint{"::1", 0});
  CHECK(parse_endpoint(":443").value() == Endpoint{"::", 443});
  for (const char* text : {"", "443", "::1:443", "localhost:443", "1.2.3.4:", "1.2.3.4:65536",
                           "[1.2.3.4]:1", "[::1]", "[]:1", "1.2.3.4:-1"}) {
    CAPTURE(text);
    CHECK(error_of(parse_endpoint(text)).code == Errc::Usage);
  }
}

TEST_CASE("durations have a unit for each number") {
  CHECK(parse_duration("15s").value() == 15s);
  CHECK(parse_duration("1h30m").value() == 90min);
  CHECK(parse_duration("1s500ms").value() == 1500ms);
  CHECK(parse_duration("0s").value() == 0s);
  for (const char* text : {"", "15", "s", "1.5s", "-1s", "1d", "1s2", "99999999s"}) {
    CAPTURE(text);
    CHECK(error_of(parse_duration(text)).code == Errc::Usage);
  }
}

TEST_CASE("flags say where certificate and configuration come from") {
  const auto files = parse({"--tls-cert", "c", "--tls-key", "k", "--inject-config", "i", "--values",
                            "v", "--mesh-config", "m", "--native-sidecars", "false", "--listen",
                            "127.0.0.1:1", "--drain", "2s", "--log-level", "warn"});
  REQUIRE(files.has_value());
  CHECK(files->inject_config == "i");
  CHECK(files->native_sidecars == NativeSidecars::Never);
  CHECK(files->listen == Endpoint{"127.0.0.1", 1});
  CHECK(files->drain == 2s);
  CHECK(files->log_level == Level::Warn);
  const auto cluster =
      parse({"--self-signed", "s", "--webhook-config", "a", "--webhook-config", "b", "--namespace",
             "ns", "--revision", "canary", "--platform", "openshift", "--seccomp-default",
             "--runtime-annotations", "--compliance-policy", "fips-140-2"});
  REQUIRE(cluster.has_value());
  CHECK(cluster->webhook_configs == std::vector<std::string>{"a", "b"});
  CHECK(cluster->istio_namespace == "ns");
  CHECK(cluster->switches.revision == "canary");
  CHECK(cluster->switches.platform == "openshift");
  CHECK(cluster->switches.seccomp_default);
  CHECK(cluster->switches.runtime_annotations);
  CHECK(cluster->switches.compliance_policy == "fips-140-2");
}

TEST_CASE("flags that cannot be meant together are refused by name") {
  struct Row {
    std::vector<const char*> words;
    const char* message;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{}, "a certificate is needed"},
           {{"--tls-cert", "c"}, "--tls-cert and --tls-key"},
           {{"--tls-cert", "c", "--tls-key", "k", "--self-signed", "s"}, "a certificate is needed"},
           {{"--tls-cert", "c", "--tls-key", "k", "--webhook-config", "w"},
            "--webhook-config goes"},
           {{"--self-signed", "s", "--builtin", "--inject-config", "i"}, "exclude each other"},
           {{"--self-signed", "s", "--values", "v"}, "--values goes with"},
           {{"--self-signed", "s", "--native-sidecars", "yes"}, "--native-sidecars \"yes\""},
           {{"--self-signed", "s", "--listen", "x"}, "\"x\" is not ADDRESS:PORT"},
           {{"--self-signed", "s", "--drain", "x"}, "\"x\" is not a duration"},
           {{"--self-signed", "s", "--log-level", "x"}, "--log-level \"x\""},
           {{"--self-signed", "s", "--no-such-flag"}, "--no-such-flag"}}) {
    CAPTURE(row.message);
    const Error error = error_of(parse(row.words));
    CHECK(error.code == Errc::Usage);
    CHECK(error.message.find(row.message) != std::string::npos);
  }
}
