#include "rules/policy/pod_policy.h"

#include <algorithm>
#include <array>

#include "rules/base/decimal.h"
#include "rules/base/trimmed.h"
#include "rules/policy/annotations.h"
#include "rules/policy/policy_json.h"
#include "rules/policy/quoted.h"

namespace sluice {
namespace {

constexpr std::uint64_t kGreatestId = 4294967294;  // (uid_t)-1 is nobody's id

/// The items of a comma-separated list, trimmed; an empty text has none.
std::vector<std::string_view> items(std::string_view text) {
  std::vector<std::string_view> out;
  text = trimmed(text);
  while (!text.empty()) {
    const auto comma = text.find(',');
    out.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) out.emplace_back();  // "80," has an empty last item
  }
  return out;
}

/// Go reads "080" as 80, and so must we, for Istio's annotations went through Go.
std::string_view without_leading_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? digits : digits.substr(first);
}

Result<Port> read_port(std::string_view text) {
  return Port::parse(without_leading_zeros(text));
}

Result<PortRange> read_port_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    ASSIGN_OR_RETURN(const Port port, read_port(text));
    return PortRange{port, port};
  }
  return parse_port_range(text);
}

Result<Uid> read_uid(std::string_view text) {
  const auto number = parse_decimal(text, kGreatestId);
  if (!number) return fail(Errc::Invalid, in_quotes(text) + " is not a user id (0 to 4294967294)");
  return Uid{static_cast<std::uint32_t>(*number)};
}

/// strconv.ParseBool.
std::optional<bool> read_bool(std::string_view text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

const std::string* find(const std::map<std::string, std::string>& map, std::string_view key) {
  const auto at = map.find(std::string(key));
  return at == map.end() ? nullptr : &at->second;
}

/// Reads a pod's wishes into a policy, going on after what is wrong so that one error names all.
class PodReader {
 public:
  explicit PodReader(const PodFacts& pod) : pod_(pod), proxy_(proxy_container(pod)) {}

  Result<PodPolicy> read() && {
    if (const std::string* whole = annotation(kPolicy)) return read_whole(*whole);
    read_mode();
    read_identity();
    read_ports();
    read_inbound();
    read_outbound();
    read_interfaces();
    read_environment();
    if (!problems_.empty()) return fail(Errc::Invalid, joined(problems_));
    return std::move(out_);
  }

 private:
  [[nodiscard]] const std::string* annotation(std::string_view name) const {
    return find(pod_.annotations, name);
  }

  void problem(std::string_view name, std::string_view value, const std::string& offence) {
    problems_.push_back("annotation " + std::string(name) + ": " + in_quotes(value) + ": " +
                        offence);
  }

  Result<PodPolicy> read_whole(const std::string& text) {
    auto policy = parse_policy(text);
    if (!policy) {
      Error error = std::move(policy).error().wrap("annotation " + std::string(kPolicy));
      error.code = Errc::Invalid;
      return fail(std::move(error));
    }
    return PodPolicy{*std::move(policy), {}};
  }

  void read_mode() {
    const std::string* mode = annotation(kInterceptionMode);
    if (mode == nullptr || *mode == "REDIRECT") return;
    if (*mode == "TPROXY") {
      out_.policy.mode = Mode::Tproxy;
    } else if (*mode == "NONE") {
      out_.policy.mode = Mode::None;
    } else {
      problem(kInterceptionMode, *mode, "must be REDIRECT, TPROXY or NONE");
    }
  }

  /// The id the proxy runs under; the default where that is 0, for root is not only the proxy (a
  /// TPROXY proxy is known by its group), or nowhere said.
  std::uint32_t read_id(std::string_view field, std::optional<std::int64_t> RunAs::* which) {
    std::optional<std::int64_t> id = proxy_->run_as.*which;
    if (!id) id = pod_.run_as.*which;
    if (id.value_or(0) == 0) return kDefaultProxyId;
    if (*id < 0 || static_cast<std::uint64_t>(*id) > kGreatestId) {
      problems_.push_back("istio-proxy securityContext." + std::string(field) + ": " +
                          std::to_string(*id) + " is not between 0 and 4294967294");
      return kDefaultProxyId;
    }
    return static_cast<std::uint32_t>(*id);
  }

  void read_identity() {
    if (proxy_ == nullptr) return;  // the pod's ids would be the app's
    out_.policy.proxy.uids = {Uid{read_id("runAsUser", &RunAs::user)}};
    out_.policy.proxy.gids = {Gid{read_id("runAsGroup", &RunAs::group)}};
    const auto uid = proxy_->run_as.user ? proxy_->run_as.user : pod_.run_as.user;
    if (out_.policy.mode != Mode::Tproxy || uid.value_or(0) == 0) return;
    // Outbound 4a comes before 4c; as root the proxy is not the uid's owner, and 4b lets it pass.
    out_.warnings.push_back(
        "istio-proxy runs as uid " + std::to_string(*uid) +
        ": with TPROXY, what it hands on to the app under its client's address would be redirected "
        "back to it; it should run as uid 0 and be known by its group");
  }

  void read_ports() {
    read_one(kOutboundPort, out_.policy.ports.outbound);
    read_one(kInboundPort, out_.policy.ports.inbound);
  }

  void read_one(std::string_view name, Port& out) {
    const std::string* text = annotation(name);
    if (text == nullptr) return;
    auto port = read_port(trimmed(*text));
    if (port) {
      out = *port;
    } else {
      problem(name, *text, offence(trimmed(*text), port.error()));
    }
  }

  /// What is wrong with `item`. The parsers' messages hold it just as it is, so they are only fit
  /// to be shown for what needs no escape and no cut.
  static std::string offence(std::string_view item, const Error& error) {
    const std::string shown = in_quotes(item);
    if (shown.size() == item.size() + 2) return error.message;
    return shown + " is too long, or holds bytes that no value has";
  }

  /// The values of a list annotation; what is no value is a problem, each one named.
  template <class T>
  std::vector<T> read_list(std::string_view name, std::string_view text,
                           Result<T> (*one)(std::string_view)) {
    std::vector<T> out;
    for (const std::string_view item : items(text)) {
      auto value = one(item);
      if (value) {
        out.push_back(*std::move(value));
      } else {
        problem(name, text, offence(item, value.error()));
      }
    }
    return out;
  }

  PortSet read_port_list(std::string_view name, std::string_view text) {
    return PortSet(read_list(name, text, read_port_range));
  }

  void read_port_list(std::string_view name, PortSet& out) {
    if (const std::string* text = annotation(name)) out = read_port_list(name, *text);
  }

  template <class T>
  void read_set(std::string_view name, Result<T> (*one)(std::string_view), std::set<T>& out) {
    const std::string* text = annotation(name);
    if (text == nullptr) return;
    for (T& value : read_list(name, *text, one)) out.insert(std::move(value));
  }

  void read_inbound() {
    InboundRules& inbound = out_.policy.inbound;
    if (const std::string* text = annotation(kIncludeInboundPorts)) {
      if (trimmed(*text) != "*") inbound.include = read_port_list(kIncludeInboundPorts, *text);
    }
    std::vector<PortRange> excluded;
    for (const Port port : kProxyServices) excluded.push_back({port, port});
    if (const std::string* text = annotation(kExcludeInboundPorts)) {
      for (const PortRange& range : read_port_list(kExcludeInboundPorts, *text).ranges()) {
        excluded.push_back(range);
      }
    }
    // 0 turns the proxy's status server off.
    if (const std::string* text = annotation(kStatusPort);
        text != nullptr && trimmed(*text) != "0") {
      for (const PortRange& range : read_list(kStatusPort, *text, read_status_port)) {
        excluded.push_back(range);
      }
    }
    inbound.exclude = PortSet(std::move(excluded));
  }

  static Result<PortRange> read_status_port(std::string_view text) {
    ASSIGN_OR_RETURN(const Port port, read_port(text));
    return PortRange{port, port};
  }

  void read_outbound() {
    OutboundRules& outbound = out_.policy.outbound;
    outbound.exclude_ports = PortSet({{kAgentPort, kAgentPort}});
    read_port_list(kExcludeOutboundPorts, outbound.exclude_ports);
    read_port_list(kIncludeOutboundPorts, outbound.include_ports);
    if (const std::string* text = annotation(kIncludeOutboundIpRanges)) {
      if (trimmed(*text) != "*") {
        read_set(kIncludeOutboundIpRanges, Cidr::parse, outbound.include_cidrs.emplace<1>());
      }
    }
    read_set(kExcludeOutboundIpRanges, Cidr::parse, outbound.exclude_cidrs);
    read_set(kExcludeOutboundUids, read_uid, outbound.exclude_uids);
  }

  void read_interfaces() {
    InterfaceRules& interfaces = out_.policy.interfaces;
    read_set(kExcludeInterfaces, IfName::parse, interfaces.exclude);
    const bool current = annotation(kRerouteVirtualInterfaces) != nullptr;
    read_set(current ? kRerouteVirtualInterfaces : kKubevirtInterfaces, IfName::parse,
             interfaces.reroute);
  }

  bool read_variable(std::string_view name) {
    const std::string* text = proxy_ == nullptr ? nullptr : find(proxy_->env, name);
    if (text == nullptr || text->empty()) return false;
    const std::optional<bool> value = read_bool(*text);
    if (!value) {
      out_.warnings.push_back("istio-proxy environment " + std::string(name) + ": " +
                              in_quotes(*text) + " is neither true nor false: counts as false");
    }
    return value.value_or(false);
  }

  void read_environment() {
    if (read_variable(kDnsCapture)) out_.policy.dns_servers = All{};
    out_.policy.drop_invalid = read_variable(kInvalidDrop);
    // Both families are always redirected, whatever this says.
    static_cast<void>(read_variable(kDualStack));
  }

  const PodFacts& pod_;
  const Container* proxy_;
  PodPolicy out_;
  std::vector<std::string> problems_;
};

}  // namespace

Result<PodPolicy> pod_policy(const PodFacts& pod) {
  return PodReader(pod).read();
}

const Container* proxy_container(const PodFacts& pod) {
  const auto at =
      std::find_if(pod.containers.begin(), pod.containers.end(), [](const Container& c) {
        return c.name == kProxyContainer && c.kind != ContainerKind::Init;
      });
  return at == pod.containers.end() ? nullptr : &*at;
}

std::optional<bool> inject_wish(std::optional<std::string_view> label,
                                std::optional<std::string_view> annotation) {
  const auto& wish = label ? label : annotation;
  if (wish == "true") return true;
  if (wish == "false") return false;
  return std::nullopt;
}

std::optional<bool> inject_wish(const PodFacts& pod) {
  const auto said = [](const auto& map) -> std::optional<std::string_view> {
    if (const std::string* text = find(map, kInject)) return *text;
    return std::nullopt;
  };
  return inject_wish(said(pod.labels), said(pod.annotations));
}

}  // namespace sluice
