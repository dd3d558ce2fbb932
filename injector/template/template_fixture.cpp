#include "injector/template/template_fixture.h"

#include <algorithm>
#include <array>

#include "injector/template/print.h"
#include "injector/template/walk.h"

namespace sluice::tmpl {
namespace {

using schema::Field;
using schema::kAny;
using schema::kBool;
using schema::Kind;
using schema::kInt;
using schema::kString;
using schema::kStringList;
using schema::kStringMap;
using schema::Type;

constexpr std::array<Field, 3> kMetaFields{{{"Name", "name", &kString},
                                            {"Labels", "labels", &kStringMap},
                                            {"Annotations", "annotations", &kStringMap}}};
constexpr Type kMeta{.kind = Kind::Struct, .name = "v1.ObjectMeta", .fields = kMetaFields};

constexpr Type kIntPointer{.kind = Kind::Pointer, .element = &kInt};
constexpr Type kBoolPointer{.kind = Kind::Pointer, .element = &kBool};
constexpr std::array<Field, 2> kSecurityFields{
    {{"RunAsUser", "runAsUser", &kIntPointer}, {"Privileged", "privileged", &kBoolPointer}}};
constexpr Type kSecurity{.kind = Kind::Struct, .name = "v1.Security", .fields = kSecurityFields};
constexpr Type kSecurityPointer{.kind = Kind::Pointer, .element = &kSecurity};

constexpr std::array<Field, 2> kPortFields{
    {{"Name", "name", &kString}, {"ContainerPort", "containerPort", &kInt}}};
constexpr Type kPort{.kind = Kind::Struct, .name = "v1.Port", .fields = kPortFields};
constexpr Type kPorts{.kind = Kind::List, .element = &kPort};

constexpr std::array<Field, 5> kContainerFields{{{"Name", "name", &kString},
                                                 {"Image", "image", &kString},
                                                 {"Args", "args", &kStringList},
                                                 {"Ports", "ports", &kPorts},
                                                 {"Security", "security", &kSecurityPointer}}};
constexpr Type kContainer{.kind = Kind::Struct, .name = "v1.Container", .fields = kContainerFields};
constexpr Type kContainers{.kind = Kind::List, .element = &kContainer};

constexpr std::array<Field, 5> kSpecFields{{{"ServiceAccountName", "serviceAccountName", &kString},
                                            {"HostNetwork", "hostNetwork", &kBool},
                                            {"Containers", "containers", &kContainers},
                                            {"Security", "security", &kSecurityPointer},
                                            {"NodeSelector", "nodeSelector", &kStringMap}}};
constexpr Type kSpec{.kind = Kind::Struct, .name = "v1.PodSpec", .fields = kSpecFields};

constexpr std::array<std::string_view, 3> kModes{"REDIRECT", "TPROXY", "NONE"};
constexpr Type kMode{.kind = Kind::Enum, .name = "mesh.Mode", .enumerators = kModes};
constexpr Type kWrapper{.kind = Kind::Wrapper, .name = "mesh.BoolValue", .element = &kBool};
constexpr std::array<Field, 1> kTlsFields{{{"CaCertificates", "caCertificates", &kString}}};
constexpr Type kTls{.kind = Kind::Message, .name = "mesh.TLS", .fields = kTlsFields};
constexpr std::array<Field, 1> kTracingFields{{{"TlsSettings", "tlsSettings", &kTls}}};
constexpr Type kTracing{.kind = Kind::Message, .name = "mesh.Tracing", .fields = kTracingFields};
constexpr std::array<Field, 7> kProxyFields{{{"ConfigPath", "configPath", &kString},
                                             {"StatusPort", "statusPort", &kInt},
                                             {"Concurrency", "concurrency", &kWrapper},
                                             {"HoldApplication", "holdApplication", &kWrapper},
                                             {"Tracing", "tracing", &kTracing},
                                             {"InterceptionMode", "interceptionMode", &kMode},
                                             {"ProxyMetadata", "proxyMetadata", &kStringMap}}};
constexpr Type kProxy{.kind = Kind::Message, .name = "mesh.Proxy", .fields = kProxyFields};

constexpr Type kAnyMap{.kind = Kind::Map, .element = &kAny};
constexpr std::array<Field, 8> kDataFields{{{"Values", "values", &kAnyMap},
                                            {"ObjectMeta", "objectMeta", &kMeta},
                                            {"Spec", "spec", &kSpec},
                                            {"Proxy", "proxy", &kProxy},
                                            {"NoProxy", "noProxy", &kProxy},
                                            {"Revision", "revision", &kString},
                                            {"Native", "native", &kBool},
                                            {"UID", "uid", &kInt}}};
constexpr Type kData{.kind = Kind::Struct, .name = "main.Data", .fields = kDataFields};

constexpr std::string_view kDocument = R"({
  "values": {
    "global": {"hub": "docker.io/istio", "tag": 1.25,
               "proxy": {"port": 15020, "big": 1000000, "name": "p"}},
    "s": "text", "t": true, "f": false, "zero": 0, "half": 0.5, "neg": -3, "empty": "",
    "null": null, "tiny": 0.00001, "huge": 1e21, "exact": 12345678,
    "list": ["a", "b", "c"], "nums": [1, 2.5, 3], "mixed": [1, "x", null, true, {"k": "v"}],
    "none": [], "nomap": {}, "map": {"b": 2, "a": 1, "c": null},
    "html": "<a href=\"x\">'&'</a>", "uni": "héllo ☺", "key": "hub",
    "deep": {"list": [{"n": "x"}, {"n": "y", "m": [10, 20]}]}
  },
  "objectMeta": {"name": "web", "labels": {"app": "web", "v": "1"}, "annotations": null},
  "spec": {
    "serviceAccountName": "sa", "hostNetwork": false, "security": null,
    "containers": [
      {"name": "c1", "image": "i1", "args": ["x", "y"],
       "ports": [{"name": "http", "containerPort": 80}],
       "security": {"runAsUser": 1337, "privileged": false}},
      {"name": "c2", "image": "i2", "ports": []}
    ]
  },
  "proxy": {"configPath": "/etc", "statusPort": 15020, "holdApplication": true,
            "interceptionMode": "TPROXY", "proxyMetadata": {"B": "2", "A": "1"}},
  "noProxy": null, "revision": "", "native": true, "uid": 1337
})";

std::string joined(const Arguments& words) {
  std::string out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    out += (i > 1 ? *words[0].string() : "") + *words[i].string();
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 0x20 : c);
  return text;
}

std::int64_t integer(const Value& value) {
  return std::get<std::int64_t>(value.held());
}

FunctionTable make_functions() {
  FunctionTable table;
  const auto add = [&](std::string_view name, std::vector<std::string_view> parameters,
                       std::function<Result<Value>(const Arguments&)> call) {
    table.emplace(name, Function{name, std::move(parameters), std::move(call)});
  };
  add("upper", {"string"}, [](const Arguments& a) { return upper(*a[0].string()); });
  add("add", {"int", "int"}, [](const Arguments& a) { return integer(a[0]) + integer(a[1]); });
  add("half", {"float64"}, [](const Arguments& a) { return std::get<double>(a[0].held()) / 2; });
  add("pick", {"map[string]string", "string"}, [](const Arguments& a) -> Result<Value> {
    const Dict map = a[0].members().value();
    const auto at = map.find(*a[1].string());
    return at == map.end() ? Value("") : at->second;
  });
  const auto size = [](const Arguments& a) { return static_cast<std::int64_t>(a.size()); };
  add("count", {"...any"}, size);
  add("keys", {"map[string]any"},
      [](const Arguments& a) { return static_cast<std::int64_t>(a[0].members().value().size()); });
  add("total", {"[]any"},
      [](const Arguments& a) { return static_cast<std::int64_t>(a[0].elements().value().size()); });
  add("join", {"string", "...string"}, joined);
  add("dict", {"string", "any"}, [](const Arguments& a) { return Dict{{*a[0].string(), a[1]}}; });
  add("list", {"...any"}, [](const Arguments& a) { return List(a); });
  add("when", {"bool"}, [](const Arguments& a) { return a[0].print(); });
  add("refuse", {"string"},
      [](const Arguments& a) -> Result<Value> { return fail(Errc::Invalid, *a[0].string()); });
  add("null", {}, [](const Arguments&) { return Value::Nil{}; });
  add("show", {"any"}, [](const Arguments& a) { return a[0].print(); });
  add("name", {"v1.ObjectMeta"},
      [](const Arguments& a) { return a[0].to_json().at("name").get<std::string>(); });
  return table;
}

}  // namespace

const FunctionTable& fixture_functions() {
  static const FunctionTable table = make_functions();
  return table;
}

const Value& fixture_data() {
  static const auto document = nlohmann::json::parse(kDocument);
  static const Value data = Value::view(&document, kData);
  return data;
}

const Dict& fixture_members() {
  static const Dict members = [] {
    Dict made;
    const auto* document = std::get<View>(fixture_data().held()).json;
    for (const Field& field : kData.fields) {
      made.emplace(field.name, Value::view(member_of(document, field), *field.type));
    }
    return made;
  }();
  return members;
}

std::string render_or_error(std::string_view source, Delimiters delimiters) {
  auto parsed = Template::parse("t", std::string(source), fixture_functions(), delimiters);
  if (!parsed) return parsed.error().message;
  const auto render = [&] {
    auto output = parsed->execute(fixture_data());
    return output ? std::move(*output) : std::move(output.error().message);
  };
  std::string rendered = render();
  parsed->settle(fixture_members());
  CHECK(render() == rendered);
  return rendered;
}

}  // namespace sluice::tmpl
