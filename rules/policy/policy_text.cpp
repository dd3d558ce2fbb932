// A policy written out. Every ADD does so, for its record and its table's name, so the text is put
// together by hand: the keys of each object sorted, the elements of each list as the policy sorts
// them. Nothing in it needs an escape: an IfName holds neither quotes nor backslashes.

#include <string>

#include <nlohmann/json.hpp>

#include "rules/base/fingerprint.h"
#include "rules/policy/policy_json.h"

namespace sluice {
namespace {

// One writer for each kind of value, and `list` and `all_or_list` for many of them.

void write(std::string& out, std::string_view text) {
  out.append("\"").append(text).append("\"");
}
void write(std::string& out, std::uint32_t number) {
  out.append(std::to_string(number));
}
void write(std::string& out, Port port) {
  out.append(std::to_string(port.number()));
}
void write(std::string& out, const PortRange& range) {
  write(out, std::string_view(to_string(range)));
}
void write(std::string& out, Uid uid) {
  write(out, uid.number);
}
void write(std::string& out, Gid gid) {
  write(out, gid.number);
}
void write(std::string& out, const IfName& name) {
  write(out, std::string_view(name.text()));
}
void write(std::string& out, const Cidr& cidr) {
  write(out, std::string_view(cidr.to_string()));
}
void write(std::string& out, const IpAddress& address) {
  write(out, std::string_view(address.to_string()));
}

template <class Values>
void list(std::string& out, const Values& values) {
  char separator = '[';
  for (const auto& value : values) {
    out += separator;
    write(out, value);
    separator = ',';
  }
  out.append(separator == '[' ? "[]" : "]");
}

void write(std::string& out, const PortSet& ports) {
  list(out, ports.ranges());
}
template <class T>
void write(std::string& out, const std::set<T>& values) {
  list(out, values);
}
template <class T>
void write(std::string& out, const AllOr<T>& values) {
  is_all(values) ? write(out, std::string_view("*")) : write(out, std::get<T>(values));
}

/// An object in the making.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { out_.append(separator_ == '{' ? "{}" : "}"); }

  template <class T>
  Object& put(std::string_view key, const T& value) {
    write(this->key(key), value);
    return *this;
  }
  /// The text, where the value of `key` comes next.
  std::string& key(std::string_view key) {
    out_ += separator_;
    separator_ = ',';
    write(out_, key);
    out_ += ':';
    return out_;
  }

 private:
  std::string& out_;
  char separator_ = '{';
};

std::string_view mode_name(Mode mode) {
  switch (mode) {
    case Mode::Redirect:
      return "redirect";
    case Mode::Tproxy:
      return "tproxy";
    case Mode::None:
      break;
  }
  return "none";
}

void write_dns(std::string& out, const AllOr<std::set<IpAddress>>& servers) {
  if (is_all(servers)) return write(out, std::string_view("all"));
  const auto& list = std::get<std::set<IpAddress>>(servers);
  if (list.empty()) return write(out, std::string_view("off"));
  Object(out).put("servers", list);
}

void write_outbound(std::string& out, const OutboundRules& outbound) {
  Object(out)
      .put("excludeCIDRs", outbound.exclude_cidrs)
      .put("excludeGroups", outbound.exclude_groups)
      .put("excludePorts", outbound.exclude_ports)
      .put("excludeUIDs", outbound.exclude_uids)
      .put("includeCIDRs", outbound.include_cidrs)
      .put("includeGroups", outbound.include_groups)
      .put("includePorts", outbound.include_ports);
}

}  // namespace

std::string canonical_json(const RedirectPolicy& policy) {
  std::string out;
  out.reserve(1024);
  {
    Object all(out);
    write_dns(all.key("dns"), policy.dns_servers);
    all.key("dropInvalid").append(policy.drop_invalid ? "true" : "false");
    Object(all.key("inbound"))
        .put("exclude", policy.inbound.exclude)
        .put("include", policy.inbound.include);
    Object(all.key("interfaces"))
        .put("exclude", policy.interfaces.exclude)
        .put("reroute", policy.interfaces.reroute);
    all.put("loopbackCIDR", policy.loopback_cidr).put("mode", mode_name(policy.mode));
    write_outbound(all.key("outbound"), policy.outbound);
    Object(all.key("ports"))
        .put("dns", policy.ports.dns)
        .put("inbound", policy.ports.inbound)
        .put("outbound", policy.ports.outbound)
        .put("tunnel", policy.ports.tunnel);
    Object(all.key("proxy")).put("gids", policy.proxy.gids).put("uids", policy.proxy.uids);
    Object(all.key("tproxy"))
        .put("mark", policy.tproxy.mark.number)
        .put("outboundMark", policy.tproxy.outbound_mark.number)
        .put("routeTable", policy.tproxy.route_table.number);
  }
  return out;
}

nlohmann::json policy_to_json(const RedirectPolicy& policy) {
  return nlohmann::json::parse(canonical_json(policy));
}

std::string policy_hash(const RedirectPolicy& policy) {
  return fingerprint(canonical_json(policy));
}

}  // namespace sluice
