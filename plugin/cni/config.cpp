#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "plugin/cni/raw_member.h"
#include "plugin/cni/request.h"
#include "rules/base/decimal.h"
#include "rules/base/json.h"
#include "rules/policy/quoted.h"

namespace sluice::cni {
namespace {

using nlohmann::json;

// Keys of the specification and of runtimes that mean nothing here. Names with a dot or a slash are
// somebody's extension (SPEC section 1: cni.dev/*) and are tolerated too.
constexpr std::array<std::string_view, 12> kNotOurs{
    "type",      "runtimeConfig", "capabilities", "dns",
    "ipam",      "args",          "ipMasq",       "prevResult",
    "disableGC", "disableCheck",  "cniVersions",  "loadOnlyInlinedPlugins"};

constexpr int kDeepest = 100;  // of what a runtime sends, nothing is nested 20 deep

constexpr const char* kAnnotationsCapability = "io.kubernetes.cri.pod-annotations";

std::string shown(const json& value) {
  return in_quotes(value.is_string() ? value.get<std::string>()
                                     : value.dump(-1, ' ', true, json::error_handler_t::replace));
}

tl::unexpected<Error> wrong(const std::string& key, const json& value, const std::string& offence) {
  return fail(Errc::Invalid, "configuration key " + key + ": " + shown(value) + " " + offence);
}

Result<std::string> text(const std::string& key, const json& value) {
  if (!value.is_string()) return wrong(key, value, "is not a string");
  return value.get<std::string>();
}

/// A runtime's working directory is nobody's intention. Empty: not wanted.
Result<std::string> path(const std::string& key, const json& value) {
  ASSIGN_OR_RETURN(std::string written, text(key, value));
  if (!written.empty() && !written.starts_with('/')) return wrong(key, value, "is not absolute");
  return written;
}

/// A value out of a few words.
template <class T>
Result<T> one_of(const std::string& key, const json& value,
                 std::initializer_list<std::pair<std::string_view, T>> words) {
  std::string expected;
  for (const auto& [word, meaning] : words) {
    if (value.is_string() && value.get_ref<const std::string&>() == word) return meaning;
    expected.append(expected.empty() ? "" : ", ").append(word);
  }
  return wrong(key, value, "is none of " + expected);
}

Result<PodSource> pod_source(const std::string& key, const json& value) {
  if (value == "agent") {
    return fail(Errc::UnknownField,
                "configuration key podSource: \"agent\" is not supported by this "
                "version, which has no agent; use auto, api or runtime");
  }
  return one_of<PodSource>(
      key, value,
      {{"auto", PodSource::Auto}, {"api", PodSource::Api}, {"runtime", PodSource::Runtime}});
}

/// "10s", "500ms", "1m": above zero and at most five minutes, the longest a kubelet waits.
Result<std::chrono::milliseconds> duration(const std::string& key, const json& value) {
  const std::string written = value.is_string() ? value.get<std::string>() : std::string();
  const auto unit_at = written.find_first_not_of("0123456789");
  const std::string unit = unit_at == std::string::npos ? "" : written.substr(unit_at);
  const std::uint64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60000 : 0;
  const auto number = parse_decimal(std::string_view(written).substr(0, unit_at), 300000);
  if (!number || factor == 0 || *number == 0 || *number * factor > 300000) {
    return wrong(key, value, "is not a duration such as 10s, above 0 and at most 5m");
  }
  return std::chrono::milliseconds(*number * factor);
}

Result<std::vector<std::string>> texts(const std::string& key, const json& value) {
  if (!value.is_array()) return wrong(key, value, "is not a list of strings");
  std::vector<std::string> out;
  for (const json& item : value) {
    if (!item.is_string()) return wrong(key, value, "is not a list of strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<std::string> agent_pod(const std::string& key, const json& value) {
  ASSIGN_OR_RETURN(std::string pod, text(key, value));
  const auto slash = pod.find('/');
  if (!pod.empty() && (slash == 0 || slash == std::string::npos || slash + 1 == pod.size())) {
    return wrong(key, value, "is not NAMESPACE/NAME-PREFIX");
  }
  return pod;
}

/// The annotations a runtime passes where the capability is declared: an object of strings, as
/// containerd and CRI-O have it, or a list of {"key":…,"value":…}.
Result<std::map<std::string, std::string>> runtime_annotations(const json& document) {
  std::map<std::string, std::string> out;
  const json& annotations = at_path(document, {"runtimeConfig", kAnnotationsCapability});
  if (!annotations.is_structured() && !annotations.is_null()) {
    return wrong("runtimeConfig", annotations, "holds no annotations");
  }
  for (const auto& [name, entry] : annotations.items()) {
    const bool pair = annotations.is_array();
    const std::string* key = pair ? string_at(entry, {"key"}) : &name;
    const std::string* value = pair ? string_at(entry, {"value"}) : string_at(entry, {});
    if (key == nullptr || value == nullptr) {
      return wrong("runtimeConfig", entry, "is not an annotation's value");
    }
    out[*key] = *value;
  }
  return out;
}

/// GC's list; nothing where the runtime gave none, which must not be taken for an empty one.
Result<std::optional<std::vector<Attachment>>> valid_attachments(const json& document) {
  for (const char* key : {"cni.dev/valid-attachments", "cni.dev/attachments"}) {
    const json& list = at_path(document, {key});
    if (list.is_null()) continue;
    if (!list.is_array()) return wrong(key, list, "is not a list");
    std::vector<Attachment> out;
    for (const json& item : list) {
      const std::string* container = string_at(item, {"containerID"});
      const std::string* interface = string_at(item, {"ifname"});
      if (container == nullptr || interface == nullptr) {
        return wrong(key, item, "has no containerID and ifname");
      }
      out.push_back({*container, *interface});
    }
    return std::optional(std::move(out));
  }
  return std::optional<std::vector<Attachment>>();
}

template <class T>
Result<bool> store(Result<T> value, T& out) {
  if (!value) return fail(std::move(value).error());
  out = *std::move(value);
  return true;
}

/// Takes a key of our own; false when it is none.
Result<bool> read_own(const std::string& key, const json& value, Config& config) {
  if (key == "name") return store(text(key, value), config.network);
  if (key == "podSource") return store(pod_source(key, value), config.pod_source);
  if (key == "kubeconfig") return store(path(key, value), config.kubeconfig);
  if (key == "agentSocket") return store(path(key, value), config.agent_socket);
  if (key == "agentPod") return store(agent_pod(key, value), config.agent_pod);
  if (key == "stateDir") return store(path(key, value), config.state_dir);
  if (key == "excludeNamespaces") return store(texts(key, value), config.exclude_namespaces);
  if (key == "timeout") return store(duration(key, value), config.timeout);
  if (key == "logFile") return store(path(key, value), config.log_file);
  if (key == "logLevel") {
    return store(one_of<LogLevel>(key, value,
                                  {{"debug", LogLevel::Debug},
                                   {"info", LogLevel::Info},
                                   {"warn", LogLevel::Warn},
                                   {"error", LogLevel::Error}}),
                 config.log_level);
  }
  return false;
}

Result<void> read_key(const std::string& key, const json& value, Config& config) {
  if (key == "cniVersion") return {};
  ASSIGN_OR_RETURN(const bool own, read_own(key, value, config));
  const bool extension = key.find_first_of("./") != std::string::npos;
  if (own || extension || std::find(kNotOurs.begin(), kNotOurs.end(), key) != kNotOurs.end())
    return {};
  return fail(Errc::UnknownField, "configuration key " + in_quotes(key) +
                                      " is not known (its value is " + shown(value) + ")");
}

bool is_network_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed) &&
         name.find_first_of("_.-") != 0;
}

}  // namespace

SpecVersion version_of(const std::string& input) {
  if (nested_deeper_than(input, kDeepest)) return kNewest;
  const json document = json::parse(input, nullptr, false);
  return parse_version(text_at(document, {"cniVersion"})).value_or(kNewest);
}

Result<Config> parse_config(const std::string& input) {
  const bool too_deep = nested_deeper_than(input, kDeepest);
  const json document = too_deep ? json() : json::parse(input, nullptr, false);
  if (!document.is_object()) {
    return fail(Errc::Malformed, std::string("the network configuration on stdin is ") +
                                     (too_deep ? "nested too deep" : "not a JSON object"));
  }
  Config config;
  const json version = document.value("cniVersion", json(""));
  if (!version.is_string()) return wrong("cniVersion", version, "is not a string");
  ASSIGN_OR_RETURN(config.version, parse_version(version.get<std::string>()));
  for (const auto& [key, value] : document.items()) RETURN_IF_ERROR(read_key(key, value, config));
  if (!is_network_name(config.network)) {
    return wrong("name", config.network, "is not a network name");
  }
  if (config.state_dir.empty()) return wrong("stateDir", config.state_dir, "is not absolute");
  if (const json prev = document.value("prevResult", json()); !prev.is_null()) {
    if (!prev.is_object()) return wrong("prevResult", prev, "is not an object");
    config.prev_result = raw_member(input, "prevResult");
  }
  ASSIGN_OR_RETURN(config.runtime_annotations, runtime_annotations(document));
  ASSIGN_OR_RETURN(config.valid_attachments, valid_attachments(document));
  return config;
}

}  // namespace sluice::cni
