// Istio's functions on the Pod, the mesh's configuration and protobuf's messages.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "conf/mesh/mesh_config.h"
#include "conf/mesh/message.h"
#include "injector/template/duration.h"
#include "injector/template/functions/bind.h"
#include "injector/template/functions/go_json.h"
#include "injector/template/functions/letters.h"
#include "injector/template/functions/text.h"
#include "injector/template/functions/time_format.h"
#include "injector/template/walk.h"
#include "rules/base/json.h"
#include "rules/policy/annotations.h"

namespace sluice::tmpl {
namespace {

using nlohmann::json;
using std::string;

// What Go calls the types of these functions' parameters.
struct ObjectMeta {
  const json* document;
};
struct Containers {
  std::vector<const json*> items;
};
struct MeshConfig {
  const json* document;
};
struct Duration {
  const json* text;
};
struct ProtoMessage {
  Value value;
};

const json* json_of(const Value& value) {
  const auto* view = std::get_if<View>(&value.held());
  return view == nullptr || view->json == nullptr || view->json->is_null() ? nullptr : view->json;
}

string text_in(const json* object, const char* name) {
  return object == nullptr ? string() : text_at(*object, {name});
}

string lookup(const StringMap& map, const string& key) {
  const auto at = map.find(key);
  return at == map.end() ? "" : at->second;
}

}  // namespace

template <>
struct GoType<ObjectMeta> {
  static constexpr std::string_view Name = "v1.ObjectMeta";
  static ObjectMeta from(const Value& value) { return {json_of(value)}; }
};

template <>
struct GoType<Containers> {
  static constexpr std::string_view Name = "[]v1.Container";
  static Containers from(const Value& value) {
    Containers containers;
    const json* list = json_of(value);
    if (list == nullptr || !list->is_array()) return containers;
    for (const json& item : *list) containers.items.push_back(&item);
    return containers;
  }
};

template <>
struct GoType<MeshConfig> {
  static constexpr std::string_view Name = "*v1alpha1.MeshConfig";
  static MeshConfig from(const Value& value) { return {json_of(value)}; }
};

template <>
struct GoType<ProtoMessage> {
  static constexpr std::string_view Name = "protoreflect.ProtoMessage";
  static ProtoMessage from(const Value& value) { return {value}; }
};

template <>
struct GoType<Duration> {
  static constexpr std::string_view Name = "*durationpb.Duration";
  static Duration from(const Value& value) { return {json_of(value)}; }
};

namespace {

string annotation(const ObjectMeta& meta, const string& name, const Value& otherwise) {
  const json* annotations = member_of(meta.document, "annotations");
  const json* value = member_of(annotations, name);
  if (value == nullptr) return otherwise.print();
  return value->is_string() ? value->get<string>() : string();
}

/// Of containers other than `excluded`; UDP and SCTP are not redirected.
string container_ports(const Containers& containers, std::string_view excluded) {
  string out;
  for (const json* container : containers.items) {
    if (text_in(container, "name") == excluded) continue;
    const json* ports = member_of(container, "ports");
    if (ports == nullptr || !ports->is_array()) continue;
    for (const json& port : *ports) {
      const string protocol = text_in(&port, "protocol");
      if (protocol == "UDP" || protocol == "SCTP") continue;
      const json* number = member_of(&port, "containerPort");
      if (!out.empty()) out += ',';
      out += number != nullptr && number->is_number() ? number->dump() : "0";
    }
  }
  return out;
}

string duration(const Duration& given) {
  if (given.text == nullptr || !given.text->is_string()) return "0s";
  return duration_text(parse_duration(given.text->get<string>()).value_or(0));
}

/// The canonical JSON of a message; of a ProxyConfig what differs from Istio's defaults.
Result<string> proto_to_json(const ProtoMessage& message) {
  const Value& value = message.value;
  const auto* view = std::get_if<View>(&value.held());
  if (view == nullptr || value.nil()) return string("{}");
  // By name: old templates see one in which concurrency is of another type.
  if (view->type->name == mesh::kProxyConfig.name) return mesh::proxy_config_text(*view->json);
  if (view->type->kind == schema::Kind::Message) {
    return mesh::message_text(*view->json, *view->type);
  }
  return view->json->dump();  // a duration or a wrapper, which are scalars in JSON
}

bool adds_service_attributes(const MeshConfig& mesh) {
  const json* providers = member_of(mesh.document, "extensionProviders");
  return providers != nullptr &&
         std::any_of(providers->begin(), providers->end(), [](const json& provider) {
           return text_in(member_of(&provider, "opentelemetry"), "serviceAttributeEnrichment") ==
                  "OTEL_SEMANTIC_CONVENTIONS";
         });
}

/// registry:5000/name:tag@digest: "tag@digest", or what there is of them.
string version_of_image(std::string_view image) {
  const std::size_t at = image.find('@');
  const std::string_view digest =
      at == std::string_view::npos ? std::string_view() : image.substr(at + 1);
  image = image.substr(0, at);
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  string version(tagged ? image.substr(colon + 1) : std::string_view());
  if (!version.empty() && !digest.empty()) version += '@';
  return version += digest;
}

string service_version(const StringMap& annotations, const StringMap& labels,
                       const Containers& containers) {
  string version = lookup(annotations, "resource.opentelemetry.io/service.version");
  if (version.empty()) version = lookup(labels, "app.kubernetes.io/version");
  if (version.empty() && containers.items.size() == 1) {
    version = version_of_image(text_in(containers.items.front(), "image"));
  }
  return version;
}

string resource_attributes(const MeshConfig& mesh, const StringMap& annotations,
                           const StringMap& labels, const string& namespace_name,
                           const Containers& containers) {
  if (!adds_service_attributes(mesh)) return "";
  string out;
  const auto append = [&](const char* name, const string& value) {
    if (value.empty()) return;
    if (!out.empty()) out += ',';
    (out += name) += "=" + value;
  };
  const string own_namespace = lookup(annotations, "resource.opentelemetry.io/service.namespace");
  append("service.namespace", own_namespace.empty() ? namespace_name : own_namespace);
  append("service.version", service_version(annotations, labels, containers));
  string instance = lookup(annotations, "resource.opentelemetry.io/service.instance.id");
  if (instance.empty() && !containers.items.empty()) {
    // The kubelet puts the pod's name in: it is not known yet.
    instance = namespace_name + ".$(POD_NAME)." + text_in(containers.items.front(), "name");
  }
  append("service.instance.id", instance);
  return out;
}

/// "namespace/name", or a bare name. What follows a second slash is dropped.
std::pair<string, string> qualified(const string& text) {
  const std::size_t slash = text.find('/');
  if (slash == string::npos) return {"", text};
  const string name = text.substr(slash + 1);
  return {text.substr(0, slash), name.substr(0, name.find('/'))};
}

/// A list of networks in JSON, with one more before its last bracket.
string append_to_json(const string& networks, const string& network, std::size_t bracket) {
  const json list = json::parse(networks, nullptr, false);
  const bool objects =
      list.is_array() && std::all_of(list.begin(), list.end(), [](const json& item) {
        return item.is_object() || item.is_null();
      });
  if (!objects && !list.is_null()) return networks;
  const auto [wanted_namespace, name] = qualified(network);
  for (const json& item : list) {
    const json* there = member_of(&item, "name");
    const json* namespace_there = member_of(&item, "namespace");
    const bool none = namespace_there == nullptr || namespace_there->is_null();
    const bool same = none ? wanted_namespace.empty() : *namespace_there == wanted_namespace;
    if (there != nullptr && *there == name && same) return networks;
  }
  string entry = ", {\"name\": \"" + name + "\"";
  if (!wanted_namespace.empty()) entry += ", \"namespace\": \"" + wanted_namespace + "\"";
  return networks.substr(0, bracket) + entry + "}" + networks.substr(bracket);
}

string append_network(const string& networks, const string& network) {
  if (networks.empty()) return network;
  if (const std::size_t bracket = networks.rfind(']'); bracket != string::npos) {
    return append_to_json(networks, network, bracket);
  }
  for (const string& item : split(networks, ",").value_or(Strings{})) {
    if (trim_space(item) == network) return networks;
  }
  return networks + ", " + network;
}

}  // namespace

void add_istio_pod(FunctionTable& table) {
  Binder binder(table);
  binder.bind("annotation", annotation);
  binder.bind("includeInboundPorts", [](const Containers& containers) {
    return container_ports(containers, "\n");  // no container is called so
  });
  binder.bind("applicationPorts", [](const Containers& containers) {
    return container_ports(containers, kProxyContainer);
  });
  binder.bind("formatDuration", duration);
  binder.bind("protoToJSON", proto_to_json);
  binder.bind("otelResourceAttributes", resource_attributes);
  binder.bind("appendMultusNetwork", append_network);
}

}  // namespace sluice::tmpl
