#include "plugin/cni/result.h"

#include <nlohmann/json.hpp>

#include "rules/base/json.h"

namespace sluice::cni {
namespace {

using nlohmann::json;

void drop(json& list, std::initializer_list<const char*> keys) {
  if (!list.is_array()) return;
  for (json& item : list) {
    for (const char* key : keys) {
      if (item.is_object()) item.erase(key);
    }
  }
}

/// Before 1.0.0 an address carried its family.
void set_address_versions(json& ips, bool wanted) {
  if (!ips.is_array()) return;
  for (json& ip : ips) {
    if (!ip.is_object()) continue;
    ip.erase("version");
    const json address = ip.value("address", json());
    if (!wanted || !address.is_string()) continue;
    const bool v6 = address.get_ref<const std::string&>().find(':') != std::string::npos;
    ip["version"] = v6 ? "6" : "4";
  }
}

json converted(json result, SpecVersion to) {
  result["cniVersion"] = to_string(to);
  if (result.contains("ips")) set_address_versions(result["ips"], to < SpecVersion::V1_0_0);
  if (to < SpecVersion::V1_1_0) {
    // Fields that 1.1.0 brought.
    if (result.contains("interfaces")) drop(result["interfaces"], {"mtu", "socketPath", "pciID"});
    if (result.contains("routes")) {
      drop(result["routes"], {"mtu", "advmss", "priority", "table", "scope"});
    }
  }
  return result;
}

}  // namespace

Result<std::string> pass_through(const Config& config) {
  if (config.prev_result.empty()) return dump_compact({{"cniVersion", to_string(config.version)}});
  const json previous = json::parse(config.prev_result);
  const json version = previous.value("cniVersion", json(to_string(config.version)));
  if (!version.is_string()) return fail(Errc::Invalid, "prevResult: cniVersion is not a string");
  if (version == "") return config.prev_result;  // Go's way to leave it out; the runtime fills it
  auto parsed = parse_version(version.get<std::string>());
  if (!parsed) return fail(std::move(parsed).error().wrap("prevResult"));
  if (*parsed == config.version) return config.prev_result;
  return dump_compact(converted(previous, config.version));
}

std::string versions_json() {
  return dump_compact({{"cniVersion", to_string(kNewest)}, {"supportedVersions", kSpecVersions}});
}

int error_code(Errc code) {
  switch (code) {
    case Errc::Version:
      return 1;
    case Errc::UnknownField:
      return 2;
    case Errc::Usage:
      return 4;
    case Errc::Io:
      return 5;
    case Errc::Malformed:
      return 6;
    case Errc::Invalid:
      return 7;
    case Errc::HostNamespace:
      return 8;
    case Errc::TryAgain:
    case Errc::NotFound:
      return 11;
    case Errc::Unavailable:
      return 50;
    case Errc::Different:
      return 101;
    case Errc::Exists:
    case Errc::Denied:
    case Errc::Kernel:
      return 100;
  }
  return 100;
}

std::string error_json(const Error& error, SpecVersion version) {
  return dump_compact({{"cniVersion", to_string(version)},
                       {"code", error_code(error.code)},
                       {"msg", error.message}});
}

}  // namespace sluice::cni
