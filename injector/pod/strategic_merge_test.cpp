#include "injector/pod/strategic_merge.h"

#include <string>

#include <doctest/doctest.h>

#include "conf/schema/pod.h"

using namespace sluice;
using nlohmann::json;

namespace {

struct Row {
  const char* what;
  const char* original;
  const char* patch;
  const char* expected;
};

json merged(json original, const json& patch) {
  const auto done = injector::strategic_merge(original, patch, schema::kPod);
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  return original;
}

std::string refusal(json original, const json& patch) {
  const auto done = injector::strategic_merge(original, patch, schema::kPod);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == Errc::Invalid);
  return done.error().message;
}

json with_env(const char* variables) {
  return {{"spec", {{"containers", {{{"name", "a"}, {"env", json::parse(variables)}}}}}}};
}

}  // namespace

// Rows without a word on it give what apimachinery's StrategicMergePatch gives.
TEST_CASE("a patch is merged as Kubernetes merges it") {
  const Row rows[] = {
      {"an empty patch changes nothing", R"({"spec":{"hostNetwork":true}})", "{}",
       R"({"spec":{"hostNetwork":true}})"},
      {"maps merge, scalars replace", R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
       R"({"metadata":{"labels":{"b":"3","c":"4"}}})",
       R"({"metadata":{"labels":{"a":"1","b":"3","c":"4"}}})"},
      {"null deletes", R"({"spec":{"hostNetwork":true,"nodeName":"n"}})",
       R"({"spec":{"nodeName":null}})", R"({"spec":{"hostNetwork":true}})"},
      {"null of what is not there is nothing", R"({"spec":{}})",
       R"({"spec":{"nodeName":null,"securityContext":{"runAsUser":null,"runAsGroup":7}}})",
       R"({"spec":{"securityContext":{"runAsGroup":7}}})"},
      {"nulls inside what is new are nothing", R"({})",
       R"({"spec":{"volumes":[{"name":"x","emptyDir":null}]}})",
       R"({"spec":{"volumes":[{"name":"x"}]}})"},
      {"nulls inside a new element are nothing", R"({"spec":{"volumes":[{"name":"w"}]}})",
       R"({"spec":{"volumes":[{"name":"x","emptyDir":null}]}})",
       R"({"spec":{"volumes":[{"name":"x"},{"name":"w"}]}})"},
      {"a later template can fill what an earlier one left open",
       R"({"spec":{"volumes":[{"name":"x"}]}})",
       R"({"spec":{"volumes":[{"name":"x","csi":{"driver":"d"}}]}})",
       R"({"spec":{"volumes":[{"name":"x","csi":{"driver":"d"}}]}})"},
      {"null deletes in an element", R"({"spec":{"volumes":[{"name":"x","emptyDir":{}}]}})",
       R"({"spec":{"volumes":[{"name":"x","emptyDir":null}]}})",
       R"({"spec":{"volumes":[{"name":"x"}]}})"},
      {"null deletes a whole list", R"({"spec":{"initContainers":[{"name":"i"}]}})",
       R"({"spec":{"initContainers":null}})", R"({"spec":{}})"},
      {"an empty list leaves the elements there", R"({"spec":{"initContainers":[{"name":"i"}]}})",
       R"({"spec":{"initContainers":[]}})", R"({"spec":{"initContainers":[{"name":"i"}]}})"},
      {"the patch's elements come first", R"({"spec":{"containers":[{"name":"app"}]}})",
       R"({"spec":{"containers":[{"name":"istio-proxy"}]}})",
       R"({"spec":{"containers":[{"name":"istio-proxy"},{"name":"app"}]}})"},
      {"but what stood before a common element stays before it",
       R"({"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}})",
       R"({"spec":{"containers":[{"name":"x"},{"name":"b","image":"i"},{"name":"y"}]}})",
       R"({"spec":{"containers":[{"name":"x"},{"name":"a"},{"name":"b","image":"i"},
           {"name":"y"},{"name":"c"}]}})"},
      {"the patch's order of common elements counts",
       R"({"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]}})",
       R"({"spec":{"containers":[{"name":"d"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a"},{"name":"c"},{"name":"d"},{"name":"b"}]}})"},
      {"lists without a key are replaced",
       R"({"spec":{"containers":[{"name":"a","args":["1","2"]}],"tolerations":[{"key":"k"}]}})",
       R"({"spec":{"containers":[{"name":"a","args":["3"]}],"tolerations":[]}})",
       R"({"spec":{"containers":[{"name":"a","args":["3"]}],"tolerations":[]}})"},
      {"capabilities are replaced",
       R"({"spec":{"containers":[{"name":"a",
           "securityContext":{"capabilities":{"add":["X"],"drop":["ALL"]}}}]}})",
       R"({"spec":{"containers":[{"name":"a",
           "securityContext":{"capabilities":{"add":["Y"]}}}]}})",
       R"({"spec":{"containers":[{"name":"a",
           "securityContext":{"capabilities":{"add":["Y"],"drop":["ALL"]}}}]}})"},
      {"environment, mounts, devices merge by their keys",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"E","value":"1"}],
           "volumeMounts":[{"mountPath":"/m","name":"v","readOnly":true}],
           "volumeDevices":[{"devicePath":"/d","name":"v"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"E","value":"2"},{"name":"F"}],
           "volumeMounts":[{"mountPath":"/m","name":"w"}],
           "volumeDevices":[{"devicePath":"/e","name":"v"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"E","value":"2"},{"name":"F"}],
           "volumeMounts":[{"mountPath":"/m","name":"w","readOnly":true}],
           "volumeDevices":[{"devicePath":"/e","name":"v"},{"devicePath":"/d","name":"v"}]}]}})"},
      {"an element named twice in the patch is one",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"E"}]}]}})",
       R"({"spec":{"containers":[{"name":"a",
           "env":[{"name":"F","value":"1"},{"name":"F","value":"2"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"F","value":"2"},{"name":"E"}]}]}})"},
      {"a port alone in its number takes the patch's protocol",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"TCP"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"UDP"}]}]}})",
       R"({"spec":{"containers":[{"name":"a",
           "ports":[{"containerPort":53,"protocol":"UDP"}]}]}})"},
      {"not as Kubernetes: a number with two protocols is two ports",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53},
           {"containerPort":53,"protocol":"UDP"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[
           {"containerPort":53,"protocol":"UDP","name":"dns"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53},
           {"containerPort":53,"protocol":"UDP","name":"dns"}]}]}})"},
      {"not as Kubernetes: the patch's two protocols are two ports",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"name":"t"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"UDP"},
           {"containerPort":53,"protocol":"TCP"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"UDP"},
           {"containerPort":53,"protocol":"TCP","name":"t"}]}]}})"},
      {"finalizers are a set", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"finalizers":["c","b"]}})", R"({"metadata":{"finalizers":["c","a","b"]}})"},
      {"where shapes differ the patch counts",
       R"({"spec":{"nodeSelector":{"a":"b"},"hostIPC":[]}})",
       R"({"spec":{"nodeSelector":["x"],"hostIPC":true}})",
       R"({"spec":{"nodeSelector":["x"],"hostIPC":true}})"},
      {"fields that nobody knows merge as maps and replace as lists",
       R"({"spec":{"future":{"a":1,"l":[1]},"containers":[{"name":"a","novel":{"x":1}}]}})",
       R"({"spec":{"future":{"b":2,"l":[2]},"containers":[{"name":"a","image":"i"}]}})",
       R"({"spec":{"future":{"a":1,"b":2,"l":[2]},
           "containers":[{"name":"a","image":"i","novel":{"x":1}}]}})"},
      {"an original's own nulls are left alone", R"({"metadata":{"creationTimestamp":null}})",
       R"({"metadata":{"name":"p"}})", R"({"metadata":{"creationTimestamp":null,"name":"p"}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(merged(json::parse(row.original), json::parse(row.patch)) == json::parse(row.expected));
  }
}

TEST_CASE("directives of a patch are obeyed") {
  const Row rows[] = {
      {"replace of a map", R"({"metadata":{"labels":{"a":"1"}}})",
       R"({"metadata":{"labels":{"$patch":"replace","b":"2","c":null}}})",
       R"({"metadata":{"labels":{"b":"2"}}})"},
      {"delete of a map", R"({"metadata":{"labels":{"a":"1"}}})",
       R"({"metadata":{"labels":{"$patch":"delete"}}})", R"({"metadata":{"labels":{}}})"},
      {"a directive on what is not there is nothing", R"({"metadata":{}})",
       R"({"metadata":{"labels":{"$patch":"replace","b":"2"}}})", R"({"metadata":{}})"},
      {"delete of an element", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})"},
      {"delete of one protocol",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53},
           {"containerPort":53,"protocol":"UDP"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[
           {"containerPort":53,"protocol":"UDP","$patch":"delete"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53}]}]}})"},
      {"replace of a list", R"({"spec":{"containers":[{"name":"a","image":"i"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a"},{"$patch":"replace"}]}})",
       R"({"spec":{"containers":[{"name":"a"}]}})"},
      {"replace in an element of a list that is there",
       R"({"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1"}}}]}})",
       R"({"spec":{"containers":[{"name":"a","resources":{"$patch":"replace",
           "requests":{"cpu":"2"}}}]}})",
       R"({"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"2"}}}]}})"},
      {"in what is new there is nothing to delete, but what replaces is there",
       R"({"spec":{"containers":[{"name":"a"}]}})",
       R"({"spec":{"containers":[{"name":"b","env":[{"name":"E","$patch":"delete"},{"name":"F"},
           {"$patch":"replace"}],"lifecycle":{"$patch":"delete","preStop":{}},
           "securityContext":{"$patch":"replace","runAsUser":1}}]}})",
       R"({"spec":{"containers":[{"name":"b","env":[{"name":"F"}],
           "securityContext":{"runAsUser":1}},{"name":"a"}]}})"},
      {"retainKeys", R"({"spec":{"volumes":[{"name":"v","emptyDir":{},"x":1}]}})",
       R"({"spec":{"volumes":[{"name":"v","$retainKeys":["name","hostPath"],
           "hostPath":{"path":"/"}}]}})",
       R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}})"},
      {"deleteFromPrimitiveList", R"({"metadata":{"finalizers":["a","b","c"]}})",
       R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["b"],"finalizers":["d"]}})",
       R"({"metadata":{"finalizers":["d","a","c"]}})"},
      {"setElementOrder of a list that is not patched",
       R"({"spec":{"containers":[{"name":"a","image":"i"},{"name":"b"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}})",
       R"({"spec":{"containers":[{"name":"b"},{"name":"a","image":"i"}]}})"},
      {"setElementOrder with the list", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"c"},{"name":"a"}],
           "containers":[{"name":"c"}]}})",
       R"({"spec":{"containers":[{"name":"b"},{"name":"c"},{"name":"a"}]}})"},
      {"setElementOrder of a new list", R"({"spec":{}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"c"}],
           "containers":[{"name":"c"}]}})",
       R"({"spec":{"containers":[{"name":"c"}]}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(merged(json::parse(row.original), json::parse(row.patch)) == json::parse(row.expected));
  }
}

TEST_CASE("what cannot be merged is refused by name") {
  const Row rows[] = {
      {"no key", R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{}]}})",
       "spec.containers: an element has no name: {}"},
      {"no key, deeper", R"({"spec":{"containers":[{"name":"a","env":[{"name":"E"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"value":"1"}]}]}})",
       R"(spec.containers[0].env: an element has no name: {"value":"1"})"},
      {"no object", R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":["b"]}})",
       "spec.containers[0]: must be an object"},
      {"no object in the original", R"({"spec":{"containers":[7]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})", "spec.containers[0]: must be an object"},
      {"no scalar", R"({"metadata":{"finalizers":["a"]}})", R"({"metadata":{"finalizers":[{}]}})",
       "metadata.finalizers[0]: must be a scalar"},
      {"unknown directive", R"({"metadata":{"labels":{}}})",
       R"({"metadata":{"labels":{"$patch":"merge"}}})",
       R"(metadata.labels.$patch: "merge" is not delete or replace)"},
      {"unknown directive in a list", R"({"spec":{"volumes":[{"name":"v"}]}})",
       R"({"spec":{"volumes":[{"name":"v","$patch":"merge"}]}})",
       R"(spec.volumes: $patch: "merge" is not delete or replace)"},
      {"retainKeys that lack a member", R"({"spec":{}})",
       R"({"spec":{"$retainKeys":["a"],"hostIPC":true}})",
       "spec: $retainKeys: does not list hostIPC"},
      {"another order", R"({"spec":{"volumes":[{"name":"v"}]}})",
       R"({"spec":{"$setElementOrder/volumes":[{"name":"b"},{"name":"a"}],
           "volumes":[{"name":"a"},{"name":"b"}]}})",
       "spec.volumes: elements are not in the order of $setElementOrder/volumes"},
      {"a patch that is no object", "{}", "[]", "a patch must be an object"},
      {"a target that is no object", "7", "{}", "what is merged into must be an object"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(refusal(json::parse(row.original), json::parse(row.patch)) == row.expected);
  }
}

TEST_CASE("what both have twice stays two") {
  const Row rows[] = {
      {"each into its own", R"([{"name":"X","value":"1"},{"name":"Y"},{"name":"X","value":"2"}])",
       R"([{"name":"X","value":"3"},{"name":"Y"},{"name":"X","value":"4"}])",
       R"([{"name":"X","value":"3"},{"name":"Y"},{"name":"X","value":"4"}])"},
      {"twice in the list", R"([{"name":"X","value":"1"},{"name":"X","value":"2"}])",
       R"([{"name":"X","value":"3"}])", R"([{"name":"X","value":"3"},{"name":"X","value":"2"}])"},
      {"twice in the patch", R"([{"name":"X","value":"1"}])",
       R"([{"name":"X","value":"3"},{"name":"X","value":"4"}])", R"([{"name":"X","value":"4"}])"},
      {"twice in a patch to what has none", R"([{"name":"Y"}])",
       R"([{"name":"X","value":"3"},{"name":"X","value":"4"}])",
       R"([{"name":"X","value":"4"},{"name":"Y"}])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(merged(with_env(row.original), with_env(row.patch)) == with_env(row.expected));
  }
}

TEST_CASE("a probe or hook does one thing, the one that the patch says") {
  const Row rows[] = {
      {"exec over httpGet", R"({"httpGet":{"port":1,"path":"/a"},"periodSeconds":3})",
       R"({"exec":{"command":["a"]},"timeoutSeconds":2})",
       R"({"exec":{"command":["a"]},"periodSeconds":3,"timeoutSeconds":2})"},
      {"httpGet over itself", R"({"httpGet":{"port":1,"path":"/a"}})", R"({"httpGet":{"port":2}})",
       R"({"httpGet":{"port":2,"path":"/a"}})"},
      {"nothing over tcpSocket", R"({"tcpSocket":{"port":1}})",
       R"({"exec":null,"grpc":{},"periodSeconds":3})",
       R"({"tcpSocket":{"port":1},"grpc":{},"periodSeconds":3})"},
  };
  const auto with = [](const char* probe) {
    json pod;
    json& container = pod["spec"]["containers"][0];
    container = {{"name", "a"}, {"startupProbe", json::parse(probe)}};
    container["lifecycle"]["preStop"] = container["startupProbe"];
    return pod;
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(merged(with(row.original), with(row.patch)) == with(row.expected));
  }
}

TEST_CASE("a variable has one source, the one that the patch says") {
  const Row rows[] = {
      {"value over valueFrom", R"([{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"f"}},"x":1}])",
       R"([{"name":"X","value":"v"}])", R"([{"name":"X","value":"v","x":1}])"},
      {"valueFrom over value", R"([{"name":"X","value":"v"}])",
       R"([{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"f"}}}])",
       R"([{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"f"}}}])"},
      {"a Secret over a field", R"([{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"f"}}}])",
       R"([{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}])",
       R"([{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}])"},
      {"no value is none", R"([{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"f"}}}])",
       R"([{"name":"X","value":null}])",
       R"([{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"f"}}}])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(merged(with_env(row.original), with_env(row.patch)) == with_env(row.expected));
  }
}

TEST_CASE("long lists merge in order") {
  json original;
  json patch;
  json expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "E" + std::to_string(i);
    original["spec"]["containers"][0]["env"].push_back({{"name", name}, {"value", "old"}});
    if (i % 2 == 0) {
      patch["spec"]["containers"][0]["env"].push_back({{"name", name}, {"value", "new"}});
    }
    expected.push_back({{"name", name}, {"value", i % 2 == 0 ? "new" : "old"}});
  }
  original["spec"]["containers"][0]["name"] = patch["spec"]["containers"][0]["name"] = "a";
  CHECK(merged(original, patch)["spec"]["containers"][0]["env"] == expected);
}

TEST_CASE("a list of one name, however long, merges in its time") {
  json::array_t same(30000, json{{"name", "X"}, {"value", "1"}});
  json original;
  original["spec"]["containers"] = json::parse(R"([{"name":"a"}])");
  json patch = original;
  original["spec"]["containers"][0]["env"] = same;
  same[29999]["value"] = "2";
  patch["spec"]["containers"][0]["env"] = same;
  CHECK(merged(original, patch) == patch);
}
