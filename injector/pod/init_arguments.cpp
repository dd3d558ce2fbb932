#include "injector/pod/init_arguments.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/trimmed.h"
#include "rules/policy/annotations.h"
#include "rules/policy/redirect_policy.h"

namespace sluice::injector {
namespace {

using nlohmann::json;

/// A flag that takes a value. `unset` is the value that asks for what the plugin does anyway.
struct Flag {
  char letter;
  std::string_view name;
  std::string_view annotation;
  std::string_view unset;
};

constexpr Flag kFlags[] = {
    {'p', "envoy-port", kOutboundPort, "15001"},
    {'z', "inbound-capture-port", kInboundPort, "15006"},
    {'u', "proxy-uid", kExcludeOutboundUids, "1337"},
    {'m', "istio-inbound-interception-mode", kInterceptionMode, "REDIRECT"},
    {'i', "istio-service-cidr", kIncludeOutboundIpRanges, "*"},
    {'x', "istio-service-exclude-cidr", kExcludeOutboundIpRanges, ""},
    {'b', "istio-inbound-ports", kIncludeInboundPorts, "*"},
    {'d', "istio-local-exclude-ports", kExcludeInboundPorts, ""},
    {'o', "istio-local-outbound-ports-exclude", kExcludeOutboundPorts, "15020"},
    {'q', "istio-outbound-ports", kIncludeOutboundPorts, ""},
    {'k', "kube-virt-interfaces", kKubevirtInterfaces, ""},
    {'c', "istio-exclude-interfaces", kExcludeInterfaces, ""},
};

/// The long flags that take no value; after any other, the next argument is one.
constexpr std::string_view kSwitches[] = {"dry-run",
                                          "skip-rule-apply",
                                          "run-validation",
                                          "redirect-dns",
                                          "drop-invalid",
                                          "dual-stack",
                                          "cni-mode",
                                          "reconcile",
                                          "cleanup-only",
                                          "force-apply",
                                          "capture-all-dns",
                                          "native-nftables",
                                          "iptables-trace-logging",
                                          "restore-format"};

const Flag* flag_named(std::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name || (name.size() == 1 && flag.letter == name.front())) return &flag;
  }
  return nullptr;
}

bool is_switch(std::string_view name) {
  for (const std::string_view known : kSwitches) {
    if (known == name) return true;
  }
  return false;
}

std::string text_of(const json& argument) {
  return argument.is_string() ? argument.get<std::string>() : argument.dump();
}

/// command and args in one list, as the container runs them.
std::vector<std::string> arguments_of(const json& container) {
  std::vector<std::string> all;
  for (const char* list : {"command", "args"}) {
    const auto at = container.is_object() ? container.find(list) : container.end();
    if (at == container.end() || !at->is_array()) continue;
    for (const json& argument : *at) all.push_back(text_of(argument));
  }
  return all;
}

using Values = std::map<const Flag*, std::string>;

/// The values of the flags; of one that is given twice, the last.
Values read_flags(const std::vector<std::string>& arguments) {
  Values values;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    std::string_view argument = arguments[at];
    if (argument.size() < 2 || argument.front() != '-') continue;
    std::string_view name = argument.substr(argument.starts_with("--") ? 2 : 1);
    std::optional<std::string> value;
    if (const auto equals = name.find('='); equals != std::string_view::npos) {
      value = std::string(name.substr(equals + 1));
      name = name.substr(0, equals);
    } else if (!argument.starts_with("--") && name.size() > 1) {
      value = std::string(name.substr(1));  // -p15001
      name = name.substr(0, 1);
    } else if (!is_switch(name) && name != "n" && at + 1 < arguments.size()) {
      value = arguments[++at];
    }
    const Flag* flag = flag_named(name);
    if (flag != nullptr && value) values.insert_or_assign(flag, *value);
  }
  return values;
}

/// Whether a list of inbound ports to leave alone holds more than the plugin leaves alone anyway.
bool excludes_more(std::string_view ports) {
  while (!ports.empty()) {
    const auto comma = ports.find(',');
    const std::string_view port = trimmed(ports.substr(0, comma));
    const auto number = Port::parse(port);
    const bool left_alone =
        number && std::ranges::find(kProxyServices, *number) != kProxyServices.end();
    if (!port.empty() && !left_alone) return true;
    ports.remove_prefix(comma == std::string_view::npos ? ports.size() : comma + 1);
  }
  return false;
}

bool says_more(const Flag& flag, std::string_view value) {
  if (flag.letter == 'd') return excludes_more(value);
  return trimmed(value) != flag.unset;
}

}  // namespace

json annotations_of_init(const json& istio_init_container) {
  json annotations = json::object();
  Values values = read_flags(arguments_of(istio_init_container));
  const Flag* outbound = flag_named("p");
  const Flag* inbound = flag_named("z");
  // Before there was a port of its own for inbound traffic, all went to one.
  if (values.contains(outbound) && !values.contains(inbound)) {
    values[inbound] = values[outbound];
  }
  for (const auto& [flag, value] : values) {
    if (says_more(*flag, value)) annotations[std::string(flag->annotation)] = value;
  }
  return annotations;
}

}  // namespace sluice::injector
