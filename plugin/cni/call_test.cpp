#include <doctest/doctest.h>

#include "plugin/cni/request.h"

using namespace sluice;
using cni::Environment;
using cni::parse_call;
using cni::Verb;

namespace {

Environment environment(const std::string& command) {
  return {{"CNI_COMMAND", command}, {"CNI_CONTAINERID", "c1"}, {"CNI_NETNS", "/run/netns/x"},
          {"CNI_IFNAME", "eth0"},   {"CNI_PATH", "/opt/cni"},  {"CNI_ARGS", ""}};
}

Environment with(Environment base, const std::string& name, const std::string& value) {
  base[name] = value;
  return base;
}

Error error_of(const Environment& environment) {
  const auto call = parse_call(environment);
  REQUIRE_FALSE(call.has_value());
  CHECK(call.error().code == Errc::Usage);
  return call.error();
}

cni::PodArgs pod_of(const std::string& args) {
  return parse_call(with(environment("ADD"), "CNI_ARGS", args)).value().pod;
}

}  // namespace

TEST_CASE("each command is a verb, and nothing else is") {
  const std::pair<const char*, Verb> verbs[] = {{"ADD", Verb::Add},     {"DEL", Verb::Del},
                                                {"CHECK", Verb::Check}, {"STATUS", Verb::Status},
                                                {"GC", Verb::Gc},       {"VERSION", Verb::Version}};
  for (const auto& [command, verb] : verbs) {
    CHECK(parse_call(environment(command)).value().verb == verb);
  }
  CHECK(error_of(environment("add")).message == "unknown CNI_COMMAND: \"add\"");
  CHECK(error_of({}).message == "required env variables [CNI_COMMAND] missing");
}

TEST_CASE("every missing variable is named at once; an empty one is missing") {
  const struct {
    const char* command;
    const char* missing;
  } rows[] = {{"ADD", "[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME]"},
              {"CHECK", "[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME]"},
              {"DEL", "[CNI_CONTAINERID,CNI_IFNAME]"}};
  for (const auto& row : rows) {
    const std::string message = std::string("required env variables ") + row.missing + " missing";
    CHECK(error_of({{"CNI_COMMAND", row.command}}).message == message);
    CHECK(error_of({{"CNI_COMMAND", row.command},
                    {"CNI_CONTAINERID", ""},
                    {"CNI_NETNS", ""},
                    {"CNI_IFNAME", ""}})
              .message == message);
  }
  for (const char* command : {"STATUS", "GC", "VERSION"}) {
    CHECK(parse_call({{"CNI_COMMAND", command}}).has_value());
  }
}

TEST_CASE("no verb needs CNI_PATH, and DEL no namespace") {
  for (const char* command : {"ADD", "DEL", "CHECK"}) {
    Environment without = environment(command);
    without.erase("CNI_PATH");
    CHECK(parse_call(without).has_value());
  }
  CHECK(parse_call(with(environment("DEL"), "CNI_NETNS", "")).value().netns.empty());
}

TEST_CASE("container ids and interface names are checked") {
  for (const char* id : {"c", "69a5658c156f", "A_b.c-9"}) {
    const auto call = parse_call(with(environment("ADD"), "CNI_CONTAINERID", id));
    CHECK(call.value().attachment.container_id == id);
  }
  for (const char* id : {"-c", ".c", "_c", "a/b", "a:b", "a b", "c\n", "\xC3\xA9"}) {
    CHECK(
        error_of(with(environment("DEL"), "CNI_CONTAINERID", id)).message.find("CNI_CONTAINERID") ==
        0);
  }
  for (const char* name : {"eth0", "net1", "a", "fifteen-bytes-x"}) {
    CHECK(parse_call(with(environment("ADD"), "CNI_IFNAME", name)).has_value());
  }
  for (const char* name : {".", "..", "a/b", "a:b", "a b", "a\t", "sixteen-bytes-xx"}) {
    CHECK(error_of(with(environment("CHECK"), "CNI_IFNAME", name)).message.find("CNI_IFNAME") == 0);
  }
}

TEST_CASE("CNI_ARGS name the pod") {
  const cni::PodArgs pod = pod_of(
      "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=details-v1.a;"
      "K8S_POD_INFRA_CONTAINER_ID=69a5;K8S_POD_UID=ebd6a1af;Extra=x");
  CHECK(pod.pod_namespace == "default");
  CHECK(pod.pod_name == "details-v1.a");
  CHECK(pod.pod_uid == "ebd6a1af");
  CHECK(pod_of("").pod_name.empty());
  CHECK(pod_of("K8S_POD_NAME=a;K8S_POD_NAME=b").pod_name == "b");
  CHECK(pod_of("K8S_POD_UID=").pod_uid.empty());
}

TEST_CASE("unknown arguments need IgnoreUnknown, wherever it stands") {
  for (const char* args : {"X=1;IgnoreUnknown=1", "IgnoreUnknown=true;X=1", "IgnoreUnknown=TRUE"}) {
    CHECK(parse_call(with(environment("ADD"), "CNI_ARGS", args)).has_value());
  }
  for (const char* args : {"X=1", "IgnoreUnknown=0;X=1", "IgnoreUnknown=False;X=1",
                           "IgnoreUnknown=yes", "X", "X=1=2;IgnoreUnknown=1", ";", "a=b;;"}) {
    CAPTURE(args);
    CHECK(error_of(with(environment("ADD"), "CNI_ARGS", args)).message.find("CNI_ARGS") == 0);
  }
}

TEST_CASE("what would not be a name in Kubernetes does not become part of a URL") {
  for (const char* name : {"../secrets", "a/b", "a?x", "A", "a b", "-a", "a%2e", "a#"}) {
    const std::string args = std::string("K8S_POD_NAMESPACE=default;K8S_POD_NAME=") + name;
    CAPTURE(args);
    CHECK(error_of(with(environment("ADD"), "CNI_ARGS", args)).message.find("no name of") !=
          std::string::npos);
  }
}

TEST_CASE("DEL takes whatever CNI_ARGS have become") {
  for (const char* args : {"X=1", "X", "K8S_POD_NAME=../x"}) {
    CHECK(parse_call(with(environment("DEL"), "CNI_ARGS", args)).has_value());
  }
}
