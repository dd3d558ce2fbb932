#include "injector/pod/random_pod.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::injector {
namespace {

using nlohmann::json;

/// Draws without the library's distributions, whose results are its own affair.
class Dice {
 public:
  explicit Dice(std::mt19937_64& engine) : engine_(engine) {}

  /// 0 to `sides` - 1.
  std::size_t roll(std::size_t sides) { return static_cast<std::size_t>(engine_() % sides); }
  bool one_in(std::size_t sides) { return roll(sides) == 0; }

  template <class Values>
  std::string_view one_of(const Values& values) {
    return values[roll(std::size(values))];
  }

 private:
  std::mt19937_64& engine_;
};

constexpr std::array<std::string_view, 8> kNames{"app",  "web", "cache",      "db",
                                                 "cron", "log", "istio-init", "istio-validation"};
constexpr std::array<std::string_view, 10> kVariables{
    "A",        "B", "PATH",         "ISTIO_META_CLUSTER_ID",  "ISTIO_META_NETWORK",
    "POD_NAME", "C", "PROXY_CONFIG", "ISTIO_KUBE_APP_PROBERS", "ISTIO_PROMETHEUS_ANNOTATIONS"};
constexpr std::array<std::string_view, 4> kPortNames{"http", "grpc", "admin", "metrics"};

json random_variable(Dice& dice, std::string_view name) {
  if (dice.one_in(4)) {
    return {{"name", name},
            {"valueFrom", {{"fieldRef", {{"apiVersion", "v1"}, {"fieldPath", "metadata.name"}}}}}};
  }
  json out = {{"name", name}};
  if (!dice.one_in(6)) out["value"] = std::to_string(dice.roll(3));
  if (dice.one_in(12)) out["novel"] = {{"x", 1}};
  return out;
}

template <class Names>
std::vector<std::string_view> some(Dice& dice, const Names& names, std::size_t most) {
  std::vector<std::string_view> out;
  for (std::size_t i = dice.roll(most + 1); i > 0; --i) {
    const std::string_view name = dice.one_of(names);
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

json random_port_of_probe(Dice& dice) {
  if (dice.one_in(3)) return dice.one_of(kPortNames);
  constexpr std::array<int, 5> kPorts{80, 8080, 15020, 9090, 15021};
  return kPorts[dice.roll(kPorts.size())];
}

json random_handler(Dice& dice) {
  switch (dice.roll(5)) {
    case 0:
      return {{"exec", {{"command", {"true"}}}}};
    case 1:
      return {{"tcpSocket", {{"port", random_port_of_probe(dice)}}}};
    case 2:
      return {{"grpc", {{"port", 8080}, {"service", dice.one_in(2) ? json("s") : json(nullptr)}}}};
    default: {
      json get = {{"port", random_port_of_probe(dice)}};
      if (!dice.one_in(3)) get["path"] = "/health";
      if (dice.one_in(3)) get["scheme"] = dice.one_in(2) ? "HTTPS" : "HTTP";
      if (dice.one_in(4)) get["host"] = "localhost";
      if (dice.one_in(4)) get["httpHeaders"] = {{{"name", "X"}, {"value", "<&>"}}};
      if (dice.one_in(9)) get["novel"] = true;
      return {{"httpGet", std::move(get)}};
    }
  }
}

json random_probe(Dice& dice) {
  json out = random_handler(dice);
  if (dice.one_in(2)) out["timeoutSeconds"] = dice.roll(5);
  if (dice.one_in(2)) out["periodSeconds"] = 10;
  return out;
}

json random_security(Dice& dice) {
  json out = json::object();
  if (dice.one_in(2)) out["runAsUser"] = dice.roll(3) * 1000;
  if (dice.one_in(3)) out["runAsGroup"] = dice.roll(3) * 1000;
  if (dice.one_in(4)) out["privileged"] = dice.one_in(2);
  if (dice.one_in(3)) {
    constexpr std::array<std::string_view, 4> kCapabilities{"NET_ADMIN", "NET_RAW", "SYS_TIME",
                                                            "NET_BIND_SERVICE"};
    out["capabilities"]["add"] = some(dice, kCapabilities, 3);
    if (dice.one_in(2)) out["capabilities"]["drop"] = {"ALL"};
  }
  return out;
}

void add_ports(Dice& dice, json& container) {
  std::vector<std::string_view> names(kPortNames.begin(), kPortNames.end());
  for (std::size_t i = dice.roll(3); i > 0; --i) {
    json port = {{"containerPort", 80 + i}, {"protocol", dice.one_in(4) ? "UDP" : "TCP"}};
    if (dice.one_in(2)) port["name"] = names[i];
    container["ports"].push_back(std::move(port));
  }
  if (dice.one_in(8)) {
    container["ports"].push_back({{"containerPort", 53}, {"protocol", "TCP"}});
    container["ports"].push_back({{"containerPort", 53}, {"protocol", "UDP"}});
  }
}

json random_container(Dice& dice, std::string_view name) {
  json out = {{"name", name}, {"image", std::string(name) + ":1"}};
  add_ports(dice, out);
  for (const auto variable : some(dice, kVariables, 5)) {
    out["env"].push_back(random_variable(dice, variable));
  }
  if (dice.one_in(3)) out["args"] = {"run", "--fast"};
  if (dice.one_in(2)) out["resources"] = json::object();
  for (const auto mount : some(dice, std::array<std::string_view, 3>{"/a", "/b", "/etc"}, 3)) {
    out["volumeMounts"].push_back({{"mountPath", mount}, {"name", "data"}});
  }
  for (const char* probe : {"readinessProbe", "livenessProbe", "startupProbe"}) {
    if (dice.one_in(3)) out[probe] = random_probe(dice);
  }
  for (const char* hook : {"preStop", "postStart"}) {
    if (dice.one_in(5)) out["lifecycle"][hook] = random_handler(dice);
  }
  if (dice.one_in(3)) out["securityContext"] = random_security(dice);
  if (dice.one_in(4)) out["novelField"] = {{"of", name}};
  return out;
}

/// What a user writes to change the proxy that will be injected.
json random_proxy(Dice& dice) {
  json out = random_container(dice, "istio-proxy");
  out["image"] = dice.one_in(3) ? "own/proxy:1" : "auto";
  if (dice.one_in(4)) out["livenessProbe"] = random_probe(dice);
  return out;
}

struct Wish {
  std::string_view name;
  std::array<std::string_view, 4> values;
};

constexpr Wish kAnnotations[] = {
    {"sidecar.istio.io/inject", {"true", "false", "yes", ""}},
    {"sidecar.istio.io/nativeSidecar", {"true", "false", "no", ""}},
    {"sidecar.istio.io/interceptionMode", {"REDIRECT", "TPROXY", "NONE", "TPROXY"}},
    {"status.sidecar.istio.io/port", {"15020", "0", "15999", "x"}},
    {"sidecar.istio.io/rewriteAppHTTPProbers", {"true", "false", "maybe", "1"}},
    {"prometheus.istio.io/merge-metrics", {"true", "false", "0", "T"}},
    {"prometheus.io/scrape", {"true", "false", "x", ""}},
    {"prometheus.io/port", {"9090", "80", "15020", "8080"}},
    {"prometheus/io/path", {"/m", "/metrics", "", "/<&>"}},
    {"prometheus.istio.io/scrape-targets", {"9090:/m", "9090,9091:/x", "", "9092:"}},
    {"kubectl.kubernetes.io/default-container", {"app", "istio-proxy", "web", ""}},
    {"example.com/a~b", {"~1", "/", "~0", "\"quoted\""}},
};

void add_metadata(Dice& dice, json& pod) {
  json& metadata = pod["metadata"];
  metadata["namespace"] = "shop";
  if (dice.one_in(2)) {
    metadata["generateName"] = "app-7767689cbb-";
  } else {
    metadata["name"] = "app";
  }
  if (!dice.one_in(5)) metadata["labels"] = {{"app", "shop"}, {"version", "v1"}};
  if (dice.one_in(6)) metadata["labels"]["topology.istio.io/network"] = "net-2";
  for (const Wish& wish : kAnnotations) {
    if (dice.one_in(7)) metadata["annotations"][std::string(wish.name)] = dice.one_of(wish.values);
  }
  if (dice.one_in(6)) metadata["creationTimestamp"] = nullptr;
  if (dice.one_in(6)) metadata["novel"] = {1, 2, 3};
}

void add_spec(Dice& dice, json& pod) {
  json& spec = pod["spec"];
  auto names = some(dice, kNames, 4);
  if (names.empty()) names.emplace_back("app");
  spec["containers"] = json::array();
  for (const auto name : names) spec["containers"].push_back(random_container(dice, name));
  if (dice.one_in(3)) {
    const auto at = dice.roll(names.size() + 1);
    spec["containers"].insert(spec["containers"].begin() + static_cast<std::ptrdiff_t>(at),
                              random_proxy(dice));
  }
  for (std::size_t i = dice.roll(3); i > 0; --i) {
    json init = random_container(dice, "init-" + std::to_string(i));
    if (dice.one_in(3)) init["restartPolicy"] = "Always";
    spec["initContainers"].push_back(std::move(init));
  }
  if (dice.one_in(2)) spec["volumes"] = {{{"name", "data"}, {"emptyDir", json::object()}}};
  if (dice.one_in(4)) spec["volumes"].push_back({{"name", "extra"}, {"novelSource", {{"x", 1}}}});
  if (dice.one_in(3)) spec["securityContext"] = random_security(dice);
  if (dice.one_in(4)) spec["tolerations"] = {{{"key", "k"}, {"operator", "Exists"}}};
  if (dice.one_in(4)) spec["novelField"] = {{"deep", {{"er", json::array({1, "2"})}}}};
}

/// A place in a document: a container, and the key or index of what is changed in it.
json* random_place(Dice& dice, json& root) {
  json* at = &root;
  while (at->is_structured() && !at->empty() && !dice.one_in(4)) {
    at = &*std::next(at->begin(), static_cast<std::ptrdiff_t>(dice.roll(at->size())));
  }
  return at;
}

void edit_list(Dice& dice, json& list) {
  auto& elements = list.get_ref<json::array_t&>();
  const auto any = [&](std::size_t extra) {
    return elements.begin() + static_cast<std::ptrdiff_t>(dice.roll(elements.size() + extra));
  };
  const std::string name = "new-" + std::to_string(dice.roll(1000));
  switch (elements.empty() ? 0 : dice.roll(4)) {
    case 0:
      elements.insert(any(1), json{{"name", name}, {"mountPath", name}, {"containerPort", 7}});
      break;
    case 1:
      elements.erase(any(0));
      break;
    case 2:
      std::iter_swap(any(0), any(0));
      break;
    default:
      std::rotate(elements.begin(), any(0), elements.end());
      break;
  }
}

}  // namespace

json random_pod(std::mt19937_64& engine) {
  Dice dice(engine);
  json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
  add_metadata(dice, pod);
  add_spec(dice, pod);
  if (dice.one_in(2)) pod["status"] = json::object();
  if (dice.one_in(9)) pod["novelTop"] = "kept";
  return pod;
}

json random_template_pod(std::mt19937_64& engine) {
  Dice dice(engine);
  json pod;
  json proxy = random_container(dice, "istio-proxy");
  proxy["securityContext"] = random_security(dice);
  proxy["securityContext"]["runAsUser"] = 1337;
  json& spec = pod["spec"];
  if (dice.one_in(2)) {
    proxy["restartPolicy"] = "Always";
    spec["initContainers"] = json::array({std::move(proxy)});
  } else {
    spec["containers"] = json::array({std::move(proxy)});
  }
  for (const char* extra : {"istio-validation", "enable-core-dump", "istio-init"}) {
    if (dice.one_in(4)) spec["initContainers"].push_back(random_container(dice, extra));
  }
  spec["volumes"] = {{{"name", "istio-data"}, {"emptyDir", json::object()}},
                     {{"name", "workload-socket"}, {"emptyDir", nullptr}}};
  if (dice.one_in(3)) spec["imagePullSecrets"] = {{{"name", "pull"}}};
  pod["metadata"]["annotations"] = {{"istio.io/rev", "default"}};
  pod["metadata"]["labels"] = {{"security.istio.io/tlsMode", "istio"}};
  if (dice.one_in(4)) {
    pod["metadata"]["annotations"]["sidecar.istio.io/interceptionMode"] = "TPROXY";
  }
  return pod;
}

json random_edit(std::mt19937_64& engine, json pod) {
  Dice dice(engine);
  for (std::size_t i = 1 + dice.roll(5); i > 0; --i) {
    json& place = *random_place(dice, pod);
    if (place.is_array()) {
      edit_list(dice, place);
    } else if (place.is_object() && !place.empty() && dice.one_in(2)) {
      place.erase(std::next(place.begin(), static_cast<std::ptrdiff_t>(dice.roll(place.size()))));
    } else if (place.is_object()) {
      place["k/e~y" + std::to_string(dice.roll(9))] = {{"v", dice.roll(5)}};
    } else if (dice.one_in(6)) {
      place = {{"was", place}};
    } else {
      place = "edited-" + std::to_string(dice.roll(4));
    }
  }
  return pod;
}

}  // namespace sluice::injector
