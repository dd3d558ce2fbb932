#include <doctest/doctest.h>

#include "injector/template/functions/rows.h"

using namespace sluice::tmpl;

TEST_CASE("Istio's functions give what Istio's give (1)") {
  const Row rows[] = {
      {R"({{ annotation .Meta "a/b" "d" }})", "v<"},
      {R"({{ annotation .Meta "x" "d" }})", "d"},
      {R"({{ annotation .Meta "x" .zz }})", "<nil>"},
      {R"({{ annotation .Meta "x" 5 }})", "5"},
      {R"({{ annotation .Meta "x" .f }})", "15020"},
      {R"({{ annotation .Meta "empty" "d" }})", ""},
      {R"({{ annotation .f "x" "d" }})", nullptr,
       R"(1:14: executing "row" at <.f>: wrong type for value; expected v1.ObjectMeta; got float64)"},
      {R"({{ annotation .Meta "x" (list 1 "a") }})", "[1 a]"},
      {R"({{ annotation nil "x" "d" }})", nullptr,
       R"(1:14: executing "row" at <nil>: cannot assign nil to v1.ObjectMeta)"},
      {R"({{ isset .Meta.Annotations "a/b" }} {{ isset .Meta.Annotations "zz" }} {{ isset .Meta.Labels "zz" }})",
       "true false false"},
      {R"({{ isset .d "a" }})", nullptr,
       R"(1:9: executing "row" at <.d>: wrong type for value; expected map[string]string; got map[string]interface {})"},
      {R"({{ isset nil "a" }})", "false"},
      {R"({{ valueOrDefault "" "d" }} {{ valueOrDefault nil "d" }} {{ valueOrDefault 0 "d" }} {{ valueOrDefault .zz "d" }} {{ valueOrDefault "x" "d" }} {{ valueOrDefault (list) "d" }} {{ valueOrDefault false 1 }})",
       "d d 0 d x [] false"},
      {"{{ includeInboundPorts .Spec.Containers }}", "80,443,15090"},
      {"{{ applicationPorts .Spec.Containers }}", "80,443"},
      {"{{ includeInboundPorts .Spec.InitContainers }}", ""},
      {"{{ includeInboundPorts .d }}", nullptr,
       R"(1:23: executing "row" at <.d>: wrong type for value; expected []v1.Container; got map[string]interface {})"},
      {"{{ range .Spec.Containers }}{{ range .Ports }}{{ structToJSON . }};{{ end }}{{ end }}",
       R"({"name":"http","containerPort":80,"protocol":"TCP"};{"containerPort":53,"protocol":"UDP"};{"containerPort":443};{"containerPort":15090};)"},
      {"{{ structToJSON .Meta }}",
       R"({"name":"p","namespace":"ns","annotations":{"a/b":"v\u003c","empty":""}})"},
      {"{{ structToJSON .Spec }}",
       R"({"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"a","image":"reg:5000/img:1.2@sha256:ab","ports":[{"name":"http","containerPort":80,"protocol":"TCP"},{"containerPort":53,"protocol":"UDP"},{"containerPort":443}],"resources":{}},{"name":"istio-proxy","ports":[{"containerPort":15090}],"resources":{}},{"name":"b","resources":{}}],"serviceAccountName":"sa"})"},
      {"{{ structToJSON nil }}", "{}"},
      {"{{ structToJSON .d }}", R"({"a":"x","e":{},"n":[1,2.5,"y: z"]})"},
      {R"({{ structToJSON "<&>" }})", R"("\u003c\u0026\u003e")"},
      {"{{ toJson .Meta }}",
       R"({"name":"p","namespace":"ns","annotations":{"a/b":"v\u003c","empty":""}})"},
      {"{{ toJSON .Meta.Annotations }}", R"({"a/b":"v\u003c","empty":""})"},
      {"{{ toJSON .Meta.Labels }}", "{}"},
      {"{{ toJSON nil }}", "{}"},
      {"{{ toJSON .d }}", nullptr,
       R"(1:10: executing "row" at <.d>: wrong type for value; expected map[string]string; got map[string]interface {})"},
      {R"({{ toJsonMap .Meta.Annotations (strdict "x" "<y>") }})",
       R"({"a/b":"v\u003c","empty":"","x":"\u003cy\u003e"})"},
      {"{{ toJsonMap }}", "null"},
      {"{{ toJsonMap .Meta.Labels }}", "{}"},
      {R"({{ mergeMaps .Meta.Annotations (strdict "a/b" "2") }})", "map[a/b:2 empty:]"},
      {"{{ mergeMaps }}", "map[]"},
      {"{{ mergeMaps | toJson }}", "null"},
      {R"({{ strdict "a" "1" "b" }})", "map[a:1 b:]"},
      {"{{ strdict 1 }}", nullptr, R"(1:11: executing "row" at <1>: expected string; found 1)"},
      {R"({{ omit .Meta.Annotations "a/b" }})", "map[empty:]"},
      {R"({{ typeOf (strdict "a" "b") }} {{ typeOf (omit .Meta.Annotations) }})",
       "map[string]string map[string]string"},
      {R"({{ excludeInboundPort 15020 "80,90" }})", "80,90,15020"},
      {R"({{ excludeInboundPort "80" "80,90" }})", "80,90"},
      {R"({{ excludeInboundPort 0 "80" }})", "80"},
      {R"({{ excludeInboundPort "" "80" }})", "80"},
      {R"({{ excludeInboundPort " 5 " " 80 ,,90" }})", "80,90,5"},
      {R"({{ excludeInboundPort .f "" }})", "15020"},
      {R"({{ excludeInboundPort 1 "" }})", "1"},
      {R"({{ excludeInboundPort nil "80" }})", "80,<nil>"},
      {R"({{ excludeInboundPort .port "80" }})", "80,8080"},
      {R"({{ directory "/a/b/c" }} {{ directory "c" }} {{ directory "/a/" }})", "/a/b/  /a/"},
      {R"({{ kubevirtInterfaces "eth0" }}{{ excludeInterfaces "eth1" }})", "eth0eth1"},
      {R"({{ env "SURELY_NOT_SET_ANYWHERE" "def" }})", "def"},
      {R"({{ env "X" }})", nullptr,
       R"(1:3: executing "row" at <env>: wrong number of args for env: want 2 got 1)"},
      {"{{ toYaml .d }}", "a: x\ne: {}\n\"n\":\n- 1\n- 2.5\n- 'y: z'\n"},
      {"{{ toYaml .Spec }}",
       "containers:\n- image: reg:5000/img:1.2@sha256:ab\n  name: a\n  ports:\n  - containerPort: "
       "80\n    name: http\n    protocol: TCP\n  - containerPort: 53\n    protocol: UDP\n  - "
       "containerPort: 443\n  resources: {}\n- name: istio-proxy\n  ports:\n  - containerPort: "
       "15090\n  resources: {}\n- name: b\n  resources: {}\nserviceAccountName: sa\nvolumes:\n- "
       "emptyDir: {}\n  name: v\n"},
      {"{{ toYaml nil }}", "null\n"},
      {R"({{ toYaml "yes" }})", "\"yes\"\n"},
      {R"({{ toYaml (list 1 "a" nil) }})", "- 1\n- a\n- null\n"},
      {R"({{ toYaml (float64 "NaN") }})", ""},
      {R"({{ toYaml "a\x7fb" }})", ""},
      {"{{ toYaml .big }}", "f: 1.5\ng: 1e+21\ni: 1000000\ns: \"10\"\n"},
      {R"({{ toYaml (dict "b" 1 "a" (dict "x" (list))) | nindent 2 }})",
       "\n  a:\n    x: []\n  b: 1\n  "},
      {"{{ omitNil .n | toJson }}", R"({"d":[1],"k":0})"},
      {"{{ omitNil nil }}", "<no value>"},
      {"{{ omitNil .d | toJson }}", R"({"a":"x","e":{},"n":[1,2.5,"y: z"]})"},
      {"{{ omitNil (list nil) | toJson }}", "null"},
      {"{{ omitNil 5 }}", "5"},
      {R"({{ omitNil (dict "a" (dict "b" nil)) | toJson }})", "null"},
      {R"({{ omitNil (list 1 (dict "x" nil) (list nil 2)) | toJson }})", "[1,[2]]"},
      {R"({{ appendMultusNetwork "" "default/istio-cni" }})", "default/istio-cni"},
      {R"({{ appendMultusNetwork "a, b" "default/istio-cni" }})", "a, b, default/istio-cni"},
      {R"({{ appendMultusNetwork "a,default/istio-cni" "default/istio-cni" }})",
       "a,default/istio-cni"},
      {R"({{ appendMultusNetwork `[{"name":"x"}]` "default/istio-cni" }})",
       R"([{"name":"x"}, {"name": "istio-cni", "namespace": "default"}])"},
      {R"({{ appendMultusNetwork `[{"name":"istio-cni","namespace":"default"}]` "default/istio-cni" }})",
       R"([{"name":"istio-cni","namespace":"default"}])"},
      {R"({{ appendMultusNetwork `[{"name":"istio-cni"}]` "istio-cni" }})",
       R"([{"name":"istio-cni"}])"},
      {R"({{ appendMultusNetwork `[{"name":"istio-cni"}]` "default/istio-cni" }})",
       R"([{"name":"istio-cni"}, {"name": "istio-cni", "namespace": "default"}])"},
      {R"({{ appendMultusNetwork `[bad]` "x" }})", "[bad]"},
      {R"({{ appendMultusNetwork `[]` "x" }})", R"([, {"name": "x"}])"},
      {R"({{ appendMultusNetwork `[1]` "x" }})", "[1]"},
      {R"({{ appendMultusNetwork `{"a":[]}` "x" }})", R"({"a":[]})"},
      {R"({{ appendMultusNetwork `[ {"name":"a"} ] ` "n/x" }})",
       R"([ {"name":"a"} , {"name": "x", "namespace": "n"}] )"},
      {R"({{ appendMultusNetwork `[null]` "n/x" }})", R"([null, {"name": "x", "namespace": "n"}])"},
      {R"({{ appendMultusNetwork `[{"name":"istio-cni","namespace":null}]` "istio-cni" }})",
       R"([{"name":"istio-cni","namespace":null}])"},
      {R"({{ appendMultusNetwork `[{"name":"a"}]` "n/x/y" }})",
       R"([{"name":"a"}, {"name": "x", "namespace": "n"}])"},
  };
  check_rows(
      R"json({"Meta": {"name": "p", "namespace": "ns", "annotations": {"a/b": "v<", "empty": ""}}, "Spec": {"containers": [{"name": "a", "image": "reg:5000/img:1.2@sha256:ab", "ports": [{"containerPort": 80, "protocol": "TCP", "name": "http"}, {"containerPort": 53, "protocol": "UDP"}, {"containerPort": 443}]}, {"name": "istio-proxy", "ports": [{"containerPort": 15090}]}, {"name": "b"}], "serviceAccountName": "sa", "volumes": [{"name": "v", "emptyDir": {}}]}, "d": {"a": "x", "n": [1, 2.5, "y: z"], "e": {}}, "f": 15020, "n": {"a": null, "b": {"c": null}, "d": [null, 1, {"e": null}], "k": 0}, "port": 8080, "big": {"i": 1000000, "f": 1.5, "g": 1e+21, "s": "10"}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (2)") {
  const Row rows[] = {
      {"{{ protoToJSON .Proxy }}",
       R"({"drainDuration":"90.500s","discoveryAddress":"x:1","concurrency":3,"interceptionMode":"TPROXY","proxyMetadata":{"A":"\u003cb\u003e"}})"},
      {"{{ protoToJSON .Mesh }}",
       R"({"trustDomain":"td","extensionProviders":[{"name":"o","opentelemetry":{"service":"s","port":4317,"serviceAttributeEnrichment":"OTEL_SEMANTIC_CONVENTIONS"}}]})"},
      {R"({{ protoToJSON "x" }})", nullptr,
       R"(1:15: executing "row" at <"x">: can't handle "x" for arg of type protoreflect.ProtoMessage)"},
      {"{{ protoToJSON nil }}", "{}"},
      {"{{ formatDuration nil }}", "0s"},
      {"{{ includeInboundPorts nil }}", ""},
      {"{{ protoToJSON .Spec }}", nullptr,
       R"(1:15: executing "row" at <.Spec>: wrong type for value; expected protoreflect.ProtoMessage; got v1.PodSpec)"},
      {"{{ protoToJSON .Proxy.DrainDuration }}", R"("90.500s")"},
      {"{{ formatDuration .Proxy }}", nullptr,
       R"(1:18: executing "row" at <.Proxy>: wrong type for value; expected *durationpb.Duration; got *v1alpha1.ProxyConfig)"},
      {R"({{ otelResourceAttributes nil nil nil "" nil | quote }})", R"("")"},
      {"{{ protoToJSON .Mesh.DefaultConfig }}", "{}"},
      {"{{ formatDuration .Proxy.DrainDuration }}", "1m30.5s"},
      {"{{ formatDuration .Proxy.DiscoveryRefreshDelay }}", "0s"},
      {R"({{ formatDuration "x" }})", nullptr,
       R"(1:18: executing "row" at <"x">: can't handle "x" for arg of type *durationpb.Duration)"},
      {R"({{ otelResourceAttributes .Mesh .Labels .Labels "ns" .Spec.Containers }})",
       "service.namespace=ns,service.version=1.2@sha256:ab,service.instance.id=ns.$(POD_NAME).c"},
      {"{{ toJson .Proxy }}",
       R"({"drainDuration":"90.500s","discoveryAddress":"x:1","concurrency":3,"interceptionMode":"TPROXY","proxyMetadata":{"A":"\u003cb\u003e"},"statusPort":15020})"},
      {"{{ toYaml .Proxy }}",
       "concurrency: 3\ndiscoveryAddress: x:1\ndrainDuration: 90.500s\ninterceptionMode: "
       "TPROXY\nproxyMetadata:\n  A: <b>\nstatusPort: 15020\n"},
  };
  check_rows(
      R"json({"Proxy": {"drainDuration": "90.500s", "discoveryAddress": "x:1", "concurrency": 3, "proxyMetadata": {"A": "<b>"}, "interceptionMode": "TPROXY", "statusPort": 15020}, "Mesh": {"trustDomain": "td", "extensionProviders": [{"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Labels": {"app.kubernetes.io/version": ""}, "Spec": {"containers": [{"name": "c", "image": "reg:5000/img:1.2@sha256:ab"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (3)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       "service.namespace=ns,service.version=1.21,service.instance.id=ns.$(POD_NAME).c"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "nginx:1.21"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (4)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       "service.namespace=ns,service.version=sha256:a,service.instance.id=ns.$(POD_NAME).c"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "nginx@sha256:a"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (5)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       "service.namespace=ns,service.instance.id=ns.$(POD_NAME).c"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "reg:5000/nginx"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (6)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       "service.namespace=ns,service.version=v9,service.instance.id=ns.$(POD_NAME).c"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {}, "labels": {"app.kubernetes.io/version": "v9"}}, "Spec": {"containers": [{"name": "c", "image": "nginx"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (7)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       "service.namespace=y,service.version=x,service.instance.id=z"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {"resource.opentelemetry.io/service.version": "x", "resource.opentelemetry.io/service.namespace": "y", "resource.opentelemetry.io/service.instance.id": "z"}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "n:1"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (8)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "" .Spec.Containers }})",
       "service.version=1,service.instance.id=.$(POD_NAME).c"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "n:1"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (9)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       "service.namespace=ns,service.instance.id=ns.$(POD_NAME).c"},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317, "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]}, "Meta": {"annotations": {}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "n:1"}, {"name": "d"}]}})json",
      rows);
}

TEST_CASE("Istio's functions give what Istio's give (10)") {
  const Row rows[] = {
      {R"({{ otelResourceAttributes .Mesh .Meta.Annotations .Meta.Labels "ns" .Spec.Containers }})",
       ""},
  };
  check_rows(
      R"json({"Mesh": {"extensionProviders": [{"name": "z"}, {"name": "o", "opentelemetry": {"service": "s", "port": 4317}}]}, "Meta": {"annotations": {}, "labels": {}}, "Spec": {"containers": [{"name": "c", "image": "n:1"}]}})json",
      rows);
}
