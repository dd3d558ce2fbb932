#include <doctest/doctest.h>

#include "injector/template/functions/rows.h"

using namespace sluice::tmpl;

TEST_CASE("types and defaults are sprig's (1)") {
  const Row rows[] = {
      {R"({{ typeOf nil }} {{ typeOf 1 }} {{ typeOf 1.5 }} {{ typeOf "a" }} {{ typeOf true }} {{ typeOf (list) }} {{ typeOf (dict) }} {{ typeOf (strdict) }} {{ typeOf .m }} {{ typeOf .l }} {{ typeOf .n }} {{ typeOf .Spec }} {{ typeOf .Spec.Containers }} {{ typeOf .Meta }} {{ typeOf .Labels }})",
       "<nil> int float64 string bool []interface {} map[string]interface {} map[string]string "
       "map[string]interface {} []interface {} float64 v1.PodSpec []v1.Container v1.ObjectMeta "
       "map[string]string"},
      {R"({{ kindOf nil }} {{ kindOf 1 }} {{ kindOf 1.5 }} {{ kindOf "a" }} {{ kindOf true }} {{ kindOf (list) }} {{ kindOf (dict) }} {{ kindOf .Spec }} {{ kindOf .Spec.Containers }} {{ kindOf .Mesh }})",
       "invalid int float64 string bool slice map struct slice ptr"},
      {R"({{ typeIs "string" "a" }} {{ typeIs "int" "a" }})", "true false"},
      {R"({{ typeIsLike "semver.Version" (semver "1.0.0") }} {{ typeIs "semver.Version" (semver "1.0.0") }})",
       "true false"},
      {R"({{ typeIsLike "v1alpha1.MeshConfig" .Mesh }})", "true"},
      {R"({{ kindIs "slice" (list) }} {{ kindIs "map" .l }} {{ kindIs "invalid" nil }})",
       "true false true"},
      {R"({{ deepEqual (list 1 2) (list 1 2) }} {{ deepEqual 1 1.0 }} {{ deepEqual nil nil }} {{ deepEqual (dict "a" 1) (dict "a" 1) }} {{ deepEqual .l (list 1.0 "a") }} {{ deepEqual "a" nil }} {{ deepEqual (list) nil }} {{ deepEqual .m (dict "k" "v") }})",
       "true false true true true false false true"},
  };
  check_rows(
      R"json({"m": {"k": "v"}, "l": [1, "a"], "n": 5, "Spec": {"containers": [{"name": "a"}]}, "Meta": {"name": "x"}, "Labels": {"a": "b"}, "Mesh": {}})json",
      rows);
}

TEST_CASE("types and defaults are sprig's (2)") {
  const Row rows[] = {
      {R"({{ default "d" "" }} {{ default "d" 0 }} {{ default "d" nil }} {{ default "d" .x }} {{ default "d" (list) }} {{ default "d" false }} {{ default "d" "v" }} {{ default "d" 0.0 }} {{ default "d" (dict) }})",
       "d d d d d d v d d"},
      {R"({{ default "d" }})", "d"},
      {R"({{ "" | default "z" }})", "z"},
      {R"({{ empty "" }} {{ empty 0 }} {{ empty nil }} {{ empty (list 1) }} {{ empty .x }} {{ empty .Spec }} {{ empty .Meta }} {{ empty .Mesh }})",
       "true true true false true false false false"},
      {R"({{ coalesce 0 "" nil "a" "b" }})", "a"},
      {"{{ coalesce }}", "<no value>"},
      {"{{ coalesce 0 nil }}", "<no value>"},
      {R"({{ all 1 "a" }} {{ all 1 0 }} {{ all }})", "true false true"},
      {R"({{ any 0 "a" }} {{ any 0 "" }} {{ any }})", "true false false"},
      {R"({{ ternary "y" "n" true }} {{ ternary "y" "n" false }} {{ true | ternary "y" "n" }})",
       "y n y"},
      {R"({{ ternary 1 2 "x" }})", nullptr,
       R"(1:15: executing "row" at <"x">: expected bool; found "x")"},
      {R"({{ fail "it broke" }})", nullptr,
       R"(1:3: executing "row" at <fail "it broke">: error calling fail: it broke)"},
      {R"({{ if false }}{{ fail "x" }}{{ end }}ok)", "ok"},
  };
  check_rows(R"json({"Spec": {"containers": []}, "Meta": {}, "Mesh": {}})json", rows);
}

TEST_CASE("arguments are counted, typed and piped as in Go") {
  const Row rows[] = {
      {"{{ nosuch }}", nullptr, R"(1: function "nosuch" not defined)"},
      {R"({{ trunc "x" "y" }})", nullptr,
       R"(1:9: executing "row" at <"x">: expected integer; found "x")"},
      {"{{ trunc 1 }}", nullptr,
       R"(1:3: executing "row" at <trunc>: wrong number of args for trunc: want 2 got 1)"},
      {"{{ upper 5 }}", nullptr, R"(1:9: executing "row" at <5>: expected string; found 5)"},
      {"{{ upper nil }}", nullptr, R"(1:9: executing "row" at <nil>: cannot assign nil to string)"},
      {"{{ upper .zz }}", nullptr,
       R"(1:9: executing "row" at <.zz>: invalid value; expected string)"},
      {R"({{ repeat 2.5 "x" }})", nullptr,
       R"(1:10: executing "row" at <2.5>: expected integer; found 2.5)"},
      {R"({{ dict "a" 1 | toJson | b64enc }})", "eyJhIjoxfQ=="},
      {"{{ list 1 2 | first | add 3 }}", "4"},
  };
  check_rows(R"json({})json", rows);
}

TEST_CASE("data has the methods and the choices that Go's types of it have") {
  const Row rows[] = {
      {"{{ .Meta.GetName }} {{ .Meta.GetLabels.app }} {{ .Meta.GetObjectMeta.GetName }}",
       "w web w"},
      {"{{ .Meta.GetCreationTimestamp }} {{ .Meta.GetDeletionTimestamp }} {{ .Meta.GetGeneration "
       "}} "
       "{{ .Meta.GetOwnerReferences }}",
       "0001-01-01 00:00:00 +0000 UTC <nil> 0 []"},
      {"{{ .Meta.GetName 1 }}", nullptr,
       R"(1:8: executing "row" at <.Meta.GetName>: wrong number of args for GetName: want 0 got 1)"},
      {"{{ toJson .Meta }}", R"({"name":"w","labels":{"app":"web"}})"},
      {"{{ .Proxy.Tracing.Tracer.Zipkin.Address }} {{ .Proxy.GetTracing.GetTracer.Zipkin.Address "
       "}}",
       "z:9411 z:9411"},
      {"{{ .Proxy.Tracing.Tracer.Lightstep }}", nullptr,
       R"(1:9: executing "row" at <.Proxy.Tracing.Tracer.Lightstep>: can't evaluate field Lightstep in type v1alpha1.isTracing_Tracer)"},
      {"{{ .Proxy.ClusterName }} {{ .Proxy.ClusterName.ServiceCluster }} "
       "{{ toJson .Proxy.ClusterName }} {{ if .Proxy.ClusterName }}y{{ end }}",
       R"(&{istio-proxy} istio-proxy {"ServiceCluster":"istio-proxy"} y)"},
      {"{{ .Mesh.DefaultConfig.ClusterName }}", "<nil>"},
      {"{{ .Mesh.DefaultConfig.ClusterName.ServiceCluster }}", nullptr,
       R"(1:8: executing "row" at <.Mesh.DefaultConfig.ClusterName.ServiceCluster>: nil pointer evaluating v1alpha1.isProxyConfig_ClusterName.ServiceCluster)"},
      {"{{ .Proxy.PrivateKeyProvider.Provider }}", nullptr,
       R"(1:9: executing "row" at <.Proxy.PrivateKeyProvider.Provider>: nil pointer evaluating *v1alpha1.PrivateKeyProvider.Provider)"},
  };
  check_rows(
      R"json({"Meta": {"name": "w", "labels": {"app": "web"}},
              "Mesh": {"defaultConfig": {"statusPort": 1}},
              "Proxy": {"serviceCluster": "istio-proxy",
                        "tracing": {"zipkin": {"address": "z:9411"}}}})json",
      rows);
}

TEST_CASE("durations are integers, and what is zero in protobuf is not written") {
  const Row rows[] = {
      {"{{ .Proxy.DrainDuration }} {{ .Proxy.DrainDuration.AsDuration }}", "seconds:46 46s"},
      {"{{ with .Proxy.DrainDuration.AsDuration }}{{ .Seconds }} {{ .Hours }} {{ .Milliseconds }}"
       "{{ end }}",
       "46 0.012777777777777779 46000"},
      {R"({{ printf "%d %s %v" .Proxy.DrainDuration.AsDuration .Proxy.DrainDuration.AsDuration .Proxy.DrainDuration.AsDuration }})",
       "46000000000 46s 46s"},
      {"{{ toJson .Proxy.DrainDuration.AsDuration }} {{ gt .Proxy.DrainDuration.AsDuration 5 }} "
       "{{ typeOf .Proxy.DrainDuration.AsDuration }} {{ kindOf .Proxy.DrainDuration.AsDuration }}",
       "46000000000 true time.Duration int64"},
      {"{{ .Proxy.FileFlushInterval.AsDuration }}{{ if .Proxy.FileFlushInterval.AsDuration }}x"
       "{{ end }}",
       "0s"},
      {"{{ .Proxy.TerminationDrainDuration }}|{{ .Proxy.DiscoveryRefreshDelay }}",
       "|seconds:-1 nanos:-500000000"},
      {"{{ .Proxy.Concurrency }}|{{ toJson .Proxy.Concurrency }}|{{ "
       ".Mesh.DefaultConfig.Concurrency }}",
       "|{}|value:2"},
      {"{{ toJson .Proxy.InterceptionMode }} {{ .Proxy.InterceptionMode }}", "1 TPROXY"},
  };
  check_rows(
      R"json({"Mesh": {"defaultConfig": {"concurrency": 2}},
              "Proxy": {"drainDuration": "46s", "terminationDrainDuration": "0s",
                        "discoveryRefreshDelay": "-1.500s", "concurrency": 0,
                        "interceptionMode": "TPROXY"}})json",
      rows);
}
