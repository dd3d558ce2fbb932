#include "injector/webhook/review.h"

#include "injector/webhook/admission.h"
#include "injector/webhook/base64.h"
#include "injector/webhook/review_fixture.h"

using namespace sluice;
using namespace sluice::webhook;
using nlohmann::json;

namespace {

Reviewed review(const json& document, const World& world = small_world()) {
  return review_pod(document.dump(), {}, world);
}

json workload(const std::string& kind, json pod) {
  pod.erase("apiVersion");
  pod.erase("kind");
  json object{{"apiVersion", "apps/v1"}, {"kind", kind}, {"metadata", {{"name", "shop"}}}};
  object["spec"]["template"] = std::move(pod);
  return object;
}

json bad_pod() {
  json pod = pod_object();
  pod["metadata"]["annotations"]["bad"] = "x";
  return pod;
}

json workload_review(const json& object, Scope scope = Scope::Namespace,
                     const json& old_object = nullptr) {
  json document = review_of(object, old_object.is_null() ? "CREATE" : "UPDATE");
  document["request"]["oldObject"] = old_object;
  const Reviewed reviewed = review_workload(document.dump(), scope, small_world());
  CHECK(reviewed.reply.status == 200);
  return response_in(reviewed.reply.body);
}

}  // namespace

TEST_CASE("base64 is padded and decodes to what it was") {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
    std::string text = "x";
    append_base64(text, bytes);
    CHECK(text.size() == 1 + (size + 2) / 3 * 4);
    CHECK(kube::decode_base64(text.substr(1)).value() == bytes);
  }
}

TEST_CASE("a pod is patched, in the version that was asked for") {
  for (const char* version : {"v1", "v1beta1"}) {
    const Reviewed reviewed = review(review_of(pod_object(), "CREATE", version));
    CHECK(reviewed.outcome == Outcome::Injected);
    CHECK(reviewed.why == "policy");
    CHECK(reviewed.reply.status == 200);
    CHECK(reviewed.reply.content_type == "application/json");
    const json answer = json::parse(reviewed.reply.body);
    CHECK(answer.at("kind") == "AdmissionReview");
    CHECK(answer.at("apiVersion") == std::string("admission.k8s.io/") + version);
    const json& response = answer.at("response");
    CHECK(response.at("uid") == "11-22");
    CHECK(response.at("allowed") == true);
    CHECK(response.at("patchType") == "JSONPatch");
    CHECK_FALSE(response.contains("status"));
    json expected = pod_object();
    expected["spec"]["containers"].push_back({{"name", "istio-proxy"}});
    CHECK(patched(pod_object(), response) == expected);
  }
}

TEST_CASE("the injector sees the pod without managedFields, its namespace and the path's words") {
  PodRequest seen;
  World world;
  world.native = world.ordinary = [&](PodRequest request) -> Result<Injection> {
    seen = request;
    return Injection{{false, "policy", ""}, std::move(request.pod), {}};
  };
  world.namespaces["bookinfo"] = {{"metadata", {{"name", "bookinfo"}}}};
  world.proxy_configs = {
      {"bookinfo", "a", "", {}}, {"other", "b", "", {}}, {"istio-system", "c", "", {}}};
  const Reviewed reviewed =
      review_pod(review_of(pod_object()).dump(), {"c1", "n1", {{"A", "b"}}}, world);
  CHECK(reviewed.outcome == Outcome::Skipped);
  CHECK_FALSE(seen.pod["metadata"].contains("managedFields"));
  CHECK(seen.pod["metadata"]["labels"]["app"] == "shop");
  CHECK(seen.namespace_name == "bookinfo");
  CHECK(seen.cluster == "c1");
  CHECK(seen.network == "n1");
  CHECK(seen.proxy_env == std::map<std::string, std::string>{{"A", "b"}});
  CHECK(seen.namespace_object == world.namespaces["bookinfo"]);
  CHECK_FALSE(seen.owner.has_value());
  REQUIRE(seen.proxy_configs.size() == 2);
  CHECK(seen.proxy_configs[0].name == "a");
  CHECK(seen.proxy_configs[1].name == "c");
}

TEST_CASE("a pod gets a native sidecar by its node, or by all of them") {
  World world;
  const auto says = [](const char* why) {
    return [why](PodRequest request) -> Result<Injection> {
      return Injection{{false, why, ""}, std::move(request.pod), {}};
    };
  };
  world.native = says("native");
  world.ordinary = says("ordinary");
  world.native_by_node = {false, {{"new", true}, {"old", false}}};
  json pod = pod_object();
  CHECK(review(review_of(pod), world).why == "ordinary");
  pod["spec"]["nodeName"] = "new";
  CHECK(review(review_of(pod), world).why == "native");
  pod["spec"]["nodeName"] = "unknown";
  CHECK(review(review_of(pod), world).why == "ordinary");
  world.native_by_node.everywhere = true;
  CHECK(review(review_of(pod), world).why == "native");
  pod["spec"]["nodeName"] = "old";
  CHECK(review(review_of(pod), world).why == "ordinary");
}

TEST_CASE("what is not injected is allowed without a patch") {
  json pod = pod_object();
  pod["metadata"]["labels"]["sidecar.istio.io/inject"] = "false";
  const Reviewed skipped = review(review_of(pod));
  CHECK(skipped.outcome == Outcome::Skipped);
  CHECK(skipped.why == "label");
  CHECK(response_in(skipped.reply.body) == json{{"uid", "11-22"}, {"allowed", true}});

  CHECK(review(review_of(pod_object(), "UPDATE")).why == "no-create");
  json subresource = review_of(pod_object());
  subresource["request"]["subResource"] = "ephemeralcontainers";
  CHECK(review(subresource).why == "subresource");
}

TEST_CASE("warnings are single lines, and there whether injected or not") {
  json pod = pod_object();
  pod["metadata"]["annotations"]["greedy"] = "x";
  CHECK(response_in(review(review_of(pod)).reply.body).at("warnings") ==
        json{"NET_ADMIN taken away"});

  World world;
  world.native = world.ordinary = [](PodRequest request) -> Result<Injection> {
    return Injection{{false, "label", ""},
                     std::move(request.pod),
                     {"two\nlines\x7f", std::string(2000, 'a') + "\xc3\xa4", ""}};
  };
  const json warnings = response_in(review(review_of(pod), world).reply.body).at("warnings");
  CHECK(warnings[0] == "two lines ");
  CHECK(warnings[1] == std::string(1024, 'a') + "...");
  CHECK(warnings[2] == "");
}

TEST_CASE("a pod that must be refused is answered 200, with code, reason and message") {
  const Reviewed refused = review(review_of(bad_pod()));
  CHECK(refused.outcome == Outcome::Refused);
  CHECK(refused.reply.status == 200);
  CHECK(refused.message == "annotation bad: \"1e9\" is no port");
  const json response = response_in(refused.reply.body);
  CHECK(response == json{{"uid", "11-22"},
                         {"allowed", false},
                         {"status",
                          {{"status", "Failure"},
                           {"reason", "BadRequest"},
                           {"code", 400},
                           {"message", "annotation bad: \"1e9\" is no port"}}}});
}

TEST_CASE("the injector's own troubles are said to be its own") {
  json pod = pod_object();
  pod["metadata"]["annotations"]["broken"] = "x";
  const Reviewed broken = review(review_of(pod));
  CHECK(broken.outcome == Outcome::Failed);
  CHECK(response_in(broken.reply.body)["status"]["code"] == 500);

  const Reviewed early = review(review_of(pod_object()), World());
  CHECK(early.outcome == Outcome::Failed);
  CHECK(early.why == "not-configured");
  const json response = response_in(early.reply.body);
  CHECK(response["allowed"] == false);
  CHECK(response["status"]["code"] == 503);
  CHECK(response["status"]["reason"] == "ServiceUnavailable");
}

TEST_CASE("a body that is no review is answered 400, with a Status that says why") {
  json no_uid = review_of(pod_object());
  no_uid["request"].erase("uid");
  struct Row {
    std::string body;
    const char* message;
  };
  const std::string deep(300, '[');
  for (const Row& row : std::initializer_list<Row>{
           {"", "the body is no AdmissionReview: not JSON at byte"},
           {"{", "the body is no AdmissionReview: not JSON at byte"},
           {"\xff\xfe", "the body is no AdmissionReview: not JSON at byte"},
           {review_of(pod_object()).dump() + "x", "the body is no AdmissionReview: not JSON"},
           {"[]", "the body is no AdmissionReview: not an object"},
           {"null", "the body is no AdmissionReview: not an object"},
           {R"({"kind":"Pod","apiVersion":"v1"})", "its kind is \"Pod\""},
           {R"({"kind":7})", "its kind is \"\""},
           {R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2"})", "unknown version"},
           {R"({"kind":"AdmissionReview"})", "unknown version"},
           {R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"})", "has no request"},
           {R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":[]})",
            "has no request"},
           {no_uid.dump(), "has no uid"},
           {R"({"kind":"AdmissionReview","x":)" + deep, "nested deeper than 256 levels"}}) {
    CAPTURE(row.body);
    const Reviewed reviewed = review_pod(row.body, {}, small_world());
    CHECK(reviewed.outcome == Outcome::Malformed);
    CHECK(reviewed.reply.status == 400);
    const json status = json::parse(reviewed.reply.body);
    CHECK(status.at("kind") == "Status");
    CHECK(status.at("code") == 400);
    CHECK(status.at("message").get<std::string>().find(row.message) != std::string::npos);
  }
}

TEST_CASE("a review of another kind, or of nothing, is refused as such") {
  json service{{"kind", "Service"}, {"apiVersion", "v1"}};
  const Reviewed wrong = review(review_of(service));
  CHECK(wrong.outcome == Outcome::Malformed);
  CHECK(response_in(wrong.reply.body)["allowed"] == false);
  CHECK(wrong.message == "this webhook is for Pods, and the review is of a Service");

  json empty = review_of(pod_object());
  empty["request"]["object"] = nullptr;
  CHECK(response_in(review(empty).reply.body)["status"]["message"] ==
        "the review's object is no Pod");
}

TEST_CASE("only the members that are read are built") {
  json document = review_of(pod_object());
  document["request"]["oldObject"] = pod_object();
  document["request"]["object"]["spec"]["containers"][0]["managedFields"] = 1;
  const auto without = parse_review(document.dump(), OldObject::Skip).value();
  CHECK(without.old_object.is_null());
  json expected = pod_object();
  expected["metadata"].erase("managedFields");
  expected["spec"]["containers"][0]["managedFields"] = 1;
  CHECK(without.object == expected);
  const auto with = parse_review(document.dump(), OldObject::Keep).value();
  CHECK_FALSE(with.old_object.is_null());
  CHECK_FALSE(with.old_object["metadata"].contains("managedFields"));
}

TEST_CASE("workloads of every kind are refused for what their pods say") {
  for (const char* kind :
       {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ReplicationController"}) {
    CAPTURE(kind);
    const json refused = workload_review(workload(kind, bad_pod()));
    CHECK(refused["allowed"] == false);
    CHECK(refused["status"]["message"] ==
          "its pods would be refused: annotation bad: \"1e9\" is no port");
    CHECK(workload_review(workload(kind, pod_object())) ==
          json{{"uid", "11-22"}, {"allowed", true}});
  }
  json cron{{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", "shop"}}}};
  cron["spec"]["jobTemplate"]["spec"]["template"] = bad_pod();
  CHECK(workload_review(cron)["allowed"] == false);
}

TEST_CASE("a workload's pods are looked at as its own") {
  PodRequest seen;
  World world;
  world.native = world.ordinary = [&](PodRequest request) -> Result<Injection> {
    seen = request;
    return Injection{{true, "policy", ""}, std::move(request.pod), {"something is taken"}};
  };
  const auto reviewed = review_workload(review_of(workload("Deployment", pod_object())).dump(),
                                        Scope::Namespace, world);
  CHECK(reviewed.outcome == Outcome::Allowed);
  REQUIRE(seen.owner.has_value());
  CHECK(seen.owner->api_version == "apps/v1");
  CHECK(seen.owner->kind == "Deployment");
  CHECK(seen.owner->name == "shop");
  CHECK(seen.owner->namespace_name == "bookinfo");
  const json response = response_in(reviewed.reply.body);
  CHECK(response["warnings"] == json{"something is taken"});
  CHECK_FALSE(response.contains("patch"));
}

TEST_CASE("what exists stays editable: an update that leaves the template alone is only warned") {
  const json old = workload("Deployment", bad_pod());
  json scaled = old;
  scaled["spec"]["replicas"] = 3;
  const json warned = workload_review(scaled, Scope::Namespace, old);
  CHECK(warned["allowed"] == true);
  CHECK(warned["warnings"][0].get<std::string>().find("1e9") != std::string::npos);

  json changed = old;
  changed["spec"]["template"]["spec"]["hostname"] = "x";
  CHECK(workload_review(changed, Scope::Namespace, old)["allowed"] == false);

  json ending = changed;
  ending["metadata"]["deletionTimestamp"] = "2026-11-24T13:00:00Z";
  CHECK(workload_review(ending, Scope::Namespace, old)["allowed"] == true);
}

TEST_CASE("where pods opt in one by one, the template's labels decide who is looked at") {
  struct Row {
    json labels;
    bool looked_at;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{{"sidecar.istio.io/inject", "true"}}, true},
           {{{"sidecar.istio.io/inject", "false"}}, false},
           {json::object(), false},
           {{{"istio.io/rev", "default"}}, true},
           {{{"istio.io/rev", "canary"}}, false},
           {{{"istio.io/rev", "canary"}, {"sidecar.istio.io/inject", "true"}}, false},
           {{{"istio.io/rev", "default"}, {"sidecar.istio.io/inject", "false"}}, false}}) {
    CAPTURE(row.labels.dump());
    json pod = bad_pod();
    pod["metadata"]["labels"] = row.labels;
    const json response = workload_review(workload("Deployment", pod), Scope::OptIn);
    CHECK(response["allowed"] == !row.looked_at);
  }
}

TEST_CASE("workloads without a template, and what is no workload") {
  CHECK(workload_review(json{{"kind", "Deployment"}})["allowed"] == true);
  CHECK(workload_review(json{{"kind", "Deployment"}, {"spec", {{"template", "x"}}}})["allowed"] ==
        true);
  CHECK(workload_review(pod_object())["allowed"] == false);
  CHECK(workload_review(json{{"kind", "Service"}})["allowed"] == false);
  const Reviewed early =
      review_workload(review_of(workload("Job", pod_object())).dump(), Scope::Namespace, World());
  CHECK(response_in(early.reply.body)["allowed"] == true);
  CHECK(early.why == "undecided");
  CHECK(review_workload("{}", Scope::Namespace, World()).reply.status == 400);
}
