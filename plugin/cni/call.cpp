#include <algorithm>
#include <array>

#include "plugin/cni/request.h"
#include "rules/policy/quoted.h"

namespace sluice::cni {
namespace {

struct VerbRule {
  std::string_view name;
  Verb verb;
  std::vector<const char*> required;
};

// CNI_PATH is optional in SPEC (section 2, parameters), and no plugin is called from here.
const std::array<VerbRule, 6>& verb_rules() {
  static const std::array<VerbRule, 6> rules{{
      {"ADD", Verb::Add, {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"}},
      {"DEL", Verb::Del, {"CNI_CONTAINERID", "CNI_IFNAME"}},
      {"CHECK", Verb::Check, {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"}},
      {"STATUS", Verb::Status, {}},
      {"GC", Verb::Gc, {}},
      {"VERSION", Verb::Version, {}},
  }};
  return rules;
}

std::string value_of(const Environment& environment, const std::string& name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string() : at->second;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// SPEC section 2: starts with a letter or digit, then also "_", "." and "-".
bool is_identifier(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

/// As libcni's ValidateInterfaceName.
bool is_interface_name(std::string_view text) {
  return !text.empty() && text.size() <= 15 && text != "." && text != ".." &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return c == '/' || c == ':' || static_cast<unsigned char>(c) <= ' ';
         });
}

tl::unexpected<Error> wrong(const std::string& name, const std::string& value,
                            const std::string& offence) {
  return fail(Errc::Usage, name + ": " + in_quotes(value) + " " + offence);
}

/// RFC 1123, as the API server demands of both. They become part of a URL's path.
bool is_kubernetes_name(std::string_view text) {
  return text.size() <= 253 && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

/// One K=V of CNI_ARGS; `ignore_unknown` is what IgnoreUnknown has said.
Result<void> read_argument(std::string_view pair, PodArgs& out, bool ignore_unknown) {
  const auto equals = pair.find('=');
  if (equals == std::string_view::npos || pair.find('=', equals + 1) != std::string_view::npos) {
    return wrong("CNI_ARGS", std::string(pair), "is not KEY=VALUE");
  }
  const std::string_view key = pair.substr(0, equals);
  const std::string value(pair.substr(equals + 1));
  if (key == "K8S_POD_NAMESPACE") {
    out.pod_namespace = value;
  } else if (key == "K8S_POD_NAME") {
    out.pod_name = value;
  } else if (key == "K8S_POD_UID") {
    out.pod_uid = value;
  } else if (key != "K8S_POD_INFRA_CONTAINER_ID" && key != "IgnoreUnknown" && !ignore_unknown) {
    return wrong("CNI_ARGS", std::string(key), "is not known, and IgnoreUnknown is not set");
  }
  return {};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

Result<bool> ignores_unknown(const std::vector<std::string_view>& pairs) {
  constexpr std::string_view kKey = "IgnoreUnknown=";
  for (const std::string_view pair : pairs) {
    if (!pair.starts_with(kKey)) continue;
    std::string value(pair.substr(kKey.size()));
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (value == "1" || value == "true") return true;
    if (value == "0" || value == "false") return false;
    return wrong("CNI_ARGS", std::string(pair), "is neither true nor false");
  }
  return false;
}

Result<PodArgs> parse_args(const std::string& text) {
  const auto pairs = split(text, ';');
  ASSIGN_OR_RETURN(const bool ignore_unknown, ignores_unknown(pairs));
  PodArgs args;
  for (const std::string_view pair : pairs) {
    RETURN_IF_ERROR(read_argument(pair, args, ignore_unknown));
  }
  for (const std::string* name : {&args.pod_namespace, &args.pod_name}) {
    if (!name->empty() && !is_kubernetes_name(*name)) {
      return wrong("CNI_ARGS", *name, "is no name of a Kubernetes namespace or pod");
    }
  }
  return args;
}

}  // namespace

Result<Call> parse_call(const Environment& environment) {
  const std::string command = value_of(environment, "CNI_COMMAND");
  if (command.empty()) return fail(Errc::Usage, "required env variables [CNI_COMMAND] missing");
  const auto rule = std::find_if(verb_rules().begin(), verb_rules().end(),
                                 [&](const VerbRule& r) { return r.name == command; });
  if (rule == verb_rules().end()) {
    return fail(Errc::Usage, "unknown CNI_COMMAND: " + in_quotes(command));
  }
  std::string missing;
  for (const char* name : rule->required) {
    if (value_of(environment, name).empty())
      missing.append(missing.empty() ? "" : ",").append(name);
  }
  if (!missing.empty())
    return fail(Errc::Usage, "required env variables [" + missing + "] missing");

  Call call{rule->verb, {}, {}, {}};
  if (rule->required.empty()) return call;
  call.attachment.container_id = value_of(environment, "CNI_CONTAINERID");
  call.attachment.ifname = value_of(environment, "CNI_IFNAME");
  call.netns = value_of(environment, "CNI_NETNS");
  if (!is_identifier(call.attachment.container_id)) {
    return wrong("CNI_CONTAINERID", call.attachment.container_id, "is not a container id");
  }
  if (!is_interface_name(call.attachment.ifname)) {
    return wrong("CNI_IFNAME", call.attachment.ifname, "is not an interface name");
  }
  auto pod = parse_args(value_of(environment, "CNI_ARGS"));
  // What was added can be deleted, whatever CNI_ARGS have become: a DEL that fails holds the pod.
  if (!pod && call.verb != Verb::Del) return fail(std::move(pod).error());
  if (pod) call.pod = *std::move(pod);
  return call;
}

}  // namespace sluice::cni
