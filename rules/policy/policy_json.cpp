#include "rules/policy/policy_json.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "rules/policy/quoted.h"

namespace sluice {
namespace {

using nlohmann::json;

/// (uid_t)-1 means "no change" to the kernel and is nobody's id.
constexpr std::uint64_t kGreatestId = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::uint64_t kGreatestMark = std::numeric_limits<std::uint32_t>::max();

std::string join_path(const std::string& parent, std::string_view key) {
  return parent.empty() ? key_name(key) : parent + "." + key_name(key);
}

/// A JSON value as a message shows it.
std::string shown(const json& value) {
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  if (value.is_number() || value.is_boolean() || value.is_null()) return value.dump();
  return value.is_array() ? "a list" : "an object";
}

template <class... Text>
auto wrong(const json& value, const Text&... text) {
  return fail(Errc::Invalid, (shown(value) + ... + std::string(text)));
}

std::optional<std::uint64_t> unsigned_integer(const json& value, std::uint64_t max) {
  if (!value.is_number_integer()) return std::nullopt;
  if (!value.is_number_unsigned() && value.get<std::int64_t>() < 0) return std::nullopt;
  const auto number = value.get<std::uint64_t>();
  if (number > max) return std::nullopt;
  return number;
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// One reader for each kind of value. The message leaves out where: the caller knows.

Result<Mode> read_mode(const json& value) {
  const std::string text = text_of(value);
  if (text == "redirect") return Mode::Redirect;
  if (text == "tproxy") return Mode::Tproxy;
  if (text == "none") return Mode::None;
  return wrong(value, R"( is not "redirect", "tproxy" or "none")");
}

Result<bool> read_bool(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  return wrong(value, " is neither true nor false");
}

Result<Port> read_port(const json& value) {
  const auto number = unsigned_integer(value, 65535);
  if (!number || *number == 0) return wrong(value, " is not a port number (1 to 65535)");
  return Port::from_number(static_cast<std::int64_t>(*number));
}

Result<PortRange> read_port_range(const json& value) {
  if (value.is_number()) {
    ASSIGN_OR_RETURN(const Port port, read_port(value));
    return PortRange{port, port};
  }
  auto range = parse_port_range(text_of(value));
  if (!range) return wrong(value, R"( is not a port (1 to 65535) or a range such as "8000-8100")");
  return range;
}

template <class Id>
Result<Id> read_id(const json& value) {
  const auto number = unsigned_integer(value, kGreatestId);
  if (!number) return wrong(value, " is not an id (0 to 4294967294)");
  return Id{static_cast<std::uint32_t>(*number)};
}

Result<Mark> read_mark(const json& value) {
  const auto number = unsigned_integer(value, kGreatestMark);
  if (!number || *number == 0) return wrong(value, " is not a mark (1 to 4294967295)");
  return Mark{static_cast<std::uint32_t>(*number)};
}

Result<RouteTable> read_route_table(const json& value) {
  // Unspecified, default, main and local belong to the kernel.
  const auto number = unsigned_integer(value, std::numeric_limits<std::uint32_t>::max());
  if (!number || *number == 0 || (*number >= 253 && *number <= 255)) {
    return wrong(value, " is not a free routing table (1 to 252, or above 255)");
  }
  return RouteTable{static_cast<std::uint32_t>(*number)};
}

Result<Cidr> read_cidr(const json& value) {
  auto cidr = Cidr::parse(text_of(value));
  if (!cidr) return wrong(value, R"( is not a CIDR such as "10.0.0.0/8")");
  return cidr;
}

Result<Cidr> read_v4_cidr(const json& value) {
  auto cidr = Cidr::parse(text_of(value));
  if (!cidr || cidr->family() != Family::V4) {
    return wrong(value, R"( is not an IPv4 CIDR such as "127.0.0.1/32")");
  }
  return cidr;
}

Result<IpAddress> read_address(const json& value) {
  auto address = IpAddress::parse(text_of(value));
  if (!address) return wrong(value, " is not an IP address");
  return address;
}

Result<IfName> read_interface(const json& value) {
  auto name = IfName::parse(text_of(value));
  if (!name) {
    return wrong(value, " is not an interface name (1 to 15 printable bytes, none of / : * \" \\)");
  }
  return name;
}

/// Reads a whole policy, going on after what is wrong so that one run names everything.
class PolicyReader {
 public:
  PolicyReader() = default;

  void read(const json& document) {
    object(document, "",
           {{"mode", value(read_mode, policy_.mode)},
            {"proxy", [this](const json& j, const std::string& at) { read_proxy(j, at); }},
            {"ports", [this](const json& j, const std::string& at) { read_ports(j, at); }},
            {"inbound", [this](const json& j, const std::string& at) { read_inbound(j, at); }},
            {"outbound", [this](const json& j, const std::string& at) { read_outbound(j, at); }},
            {"interfaces", [this](const json& j, const std::string& at) { read_ifaces(j, at); }},
            {"dns", [this](const json& j, const std::string& at) { read_dns(j, at); }},
            {"dropInvalid", value(read_bool, policy_.drop_invalid)},
            {"loopbackCIDR", value(read_v4_cidr, policy_.loopback_cidr)},
            {"tproxy", [this](const json& j, const std::string& at) { read_tproxy(j, at); }}});
  }

  [[nodiscard]] Result<RedirectPolicy> result() && {
    if (!problems_.empty()) return fail(Errc::Invalid, joined(problems_));
    return std::move(policy_);
  }

 private:
  using Read = std::function<void(const json&, const std::string& path)>;
  struct Field {
    std::string_view name;
    Read read;
  };

  void problem(const std::string& path, const std::string& offence) {
    problems_.push_back((path.empty() ? "policy" : path) + ": " + offence);
  }

  void object(const json& j, const std::string& path, std::initializer_list<Field> fields) {
    if (!j.is_object()) return problem(path, shown(j) + " is not an object");
    for (const auto& [key, member] : j.items()) {
      const auto field = std::find_if(fields.begin(), fields.end(),
                                      [&k = key](const Field& f) { return f.name == k; });
      const std::string member_path = join_path(path, key);
      if (field == fields.end()) {
        problem(member_path, "unknown key");
      } else {
        field->read(member, member_path);
      }
    }
  }

  template <class T>
  Read value(Result<T> (*one)(const json&), T& out) {
    return [this, one, &out](const json& j, const std::string& path) {
      auto result = one(j);
      if (!result) return problem(path, result.error().message);
      out = *std::move(result);
    };
  }

  template <class T>
  std::vector<T> elements(const json& j, const std::string& path, Result<T> (*one)(const json&)) {
    std::vector<T> out;
    for (std::size_t i = 0; i < j.size(); ++i) {
      auto result = one(j[i]);
      if (result) {
        out.push_back(*std::move(result));
      } else {
        problem(path + "[" + std::to_string(i) + "]", result.error().message);
      }
    }
    return out;
  }

  static void store(PortSet& out, std::vector<PortRange> values) {
    out = PortSet(std::move(values));
  }
  template <class T>
  static void store(std::set<T>& out, const std::vector<T>& values) {
    out = std::set<T>(values.begin(), values.end());
  }

  template <class T, class Values>
  Read list(Result<T> (*one)(const json&), Values& out) {
    return [this, one, &out](const json& j, const std::string& path) {
      if (!j.is_array()) return problem(path, shown(j) + " is not a list");
      store(out, elements(j, path, one));
    };
  }

  template <class T, class Values>
  Read all_or_list(Result<T> (*one)(const json&), AllOr<Values>& out) {
    return [this, one, &out](const json& j, const std::string& path) {
      if (text_of(j) == "*") {
        out = All{};
      } else if (j.is_array()) {
        store(out.template emplace<Values>(), elements(j, path, one));
      } else {
        problem(path, shown(j) + R"( is neither "*" nor a list)");
      }
    };
  }

  void read_proxy(const json& j, const std::string& path) {
    const auto before = problems_.size();
    object(j, path,
           {{"uids", list(read_id<Uid>, policy_.proxy.uids)},
            {"gids", list(read_id<Gid>, policy_.proxy.gids)}});
    if (problems_.size() == before && policy_.proxy.uids.empty() && policy_.proxy.gids.empty()) {
      problem(path, "uids and gids are both empty, so the proxy would be redirected to itself");
    }
  }

  void read_ports(const json& j, const std::string& path) {
    object(j, path,
           {{"outbound", value(read_port, policy_.ports.outbound)},
            {"inbound", value(read_port, policy_.ports.inbound)},
            {"tunnel", value(read_port, policy_.ports.tunnel)},
            {"dns", value(read_port, policy_.ports.dns)}});
  }

  void read_inbound(const json& j, const std::string& path) {
    object(j, path,
           {{"include", all_or_list(read_port_range, policy_.inbound.include)},
            {"exclude", list(read_port_range, policy_.inbound.exclude)}});
  }

  void read_outbound(const json& j, const std::string& path) {
    OutboundRules& out = policy_.outbound;
    object(j, path,
           {{"includePorts", list(read_port_range, out.include_ports)},
            {"excludePorts", list(read_port_range, out.exclude_ports)},
            {"includeCIDRs", all_or_list(read_cidr, out.include_cidrs)},
            {"excludeCIDRs", list(read_cidr, out.exclude_cidrs)},
            {"excludeUIDs", list(read_id<Uid>, out.exclude_uids)},
            {"includeGroups", all_or_list(read_id<Gid>, out.include_groups)},
            {"excludeGroups", list(read_id<Gid>, out.exclude_groups)}});
  }

  void read_ifaces(const json& j, const std::string& path) {
    object(j, path,
           {{"exclude", list(read_interface, policy_.interfaces.exclude)},
            {"reroute", list(read_interface, policy_.interfaces.reroute)}});
  }

  void read_dns(const json& j, const std::string& path) {
    if (text_of(j) == "off") {
      policy_.dns_servers = std::set<IpAddress>{};
    } else if (text_of(j) == "all") {
      policy_.dns_servers = All{};
    } else if (!j.is_object()) {
      problem(path, shown(j) + R"( is not "off", "all" or an object with a list of servers)");
    } else if (!j.contains("servers")) {
      problem(path, "servers is missing");
    } else {
      auto& servers = policy_.dns_servers.emplace<std::set<IpAddress>>();
      object(j, path, {{"servers", list(read_address, servers)}});
    }
  }

  void read_tproxy(const json& j, const std::string& path) {
    TproxySettings& tproxy = policy_.tproxy;
    const auto before = problems_.size();
    object(j, path,
           {{"mark", value(read_mark, tproxy.mark)},
            {"outboundMark", value(read_mark, tproxy.outbound_mark)},
            {"routeTable", value(read_route_table, tproxy.route_table)}});
    if (problems_.size() == before && tproxy.mark == tproxy.outbound_mark) {
      problem(path, "mark and outboundMark are both " + std::to_string(tproxy.mark.number) +
                        ", so inbound packets could not be told from the proxy's own");
    }
  }

  RedirectPolicy policy_;
  std::vector<std::string> problems_;
};

/// Watches the parser for keys that an object holds twice: the parsed value keeps only the last,
/// and whoever wrote the first meant something.
class DuplicateKeys {
 public:
  void see(json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        objects_.push_back({objects_.empty() ? std::string() : objects_.back().member, "", {}});
        break;
      case json::parse_event_t::object_end:
        objects_.pop_back();
        break;
      case json::parse_event_t::key:
        see_key(parsed.get_ref<const std::string&>());
        break;
      default:
        break;
    }
  }

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Object {
    std::string path;
    std::string member;  ///< path of the member being read
    std::set<std::string> keys;
  };

  void see_key(const std::string& key) {
    Object& object = objects_.back();
    object.member = join_path(object.path, key);
    if (!object.keys.insert(key).second) problems_.push_back(object.member + ": given twice");
  }

  std::vector<Object> objects_;
  std::vector<std::string> problems_;
};

/// "line 3, column 7" of the `byte`-th byte, counted from 1 as the parser does.
std::string position(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const auto column =
      newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

Result<RedirectPolicy> parse_policy(std::string_view text) {
  DuplicateKeys duplicates;
  json document;
  try {
    document = json::parse(text.begin(), text.end(),
                           [&](int /*depth*/, json::parse_event_t event, const json& parsed) {
                             duplicates.see(event, parsed);
                             return true;
                           });
  } catch (const json::parse_error& error) {
    return fail(Errc::Malformed, "policy is not JSON: error at " + position(text, error.byte));
  } catch (const json::exception&) {
    return fail(Errc::Malformed, "policy holds a number beyond what JSON readers can hold");
  }
  auto policy = policy_from_json(document);
  if (duplicates.problems().empty()) return policy;
  std::vector<std::string> problems = duplicates.problems();
  if (!policy) problems.push_back(policy.error().message);
  return fail(Errc::Invalid, joined(problems));
}

Result<RedirectPolicy> policy_from_json(const json& document) {
  PolicyReader reader;
  reader.read(document);
  return std::move(reader).result();
}

}  // namespace sluice
