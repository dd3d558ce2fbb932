#pragma once

// The rule that makes Sluice what it is: the redirect is made outside the pod, so nothing in the
// pod needs the right to make it.

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sluice::injector {

/// Whether a template's pod gives istio-proxy NET_ADMIN, as TPROXY's do.
[[nodiscard]] bool grants_net_admin(const nlohmann::json& rendered);

/// Gives istio-proxy of a template's pod the security context that it would have without
/// IPTABLES_TRACE_LOGGING, with which Istio makes it privileged. `low_ports`: capNetBindService.
void ignore_trace_logging(nlohmann::json& rendered, bool tproxy, bool low_ports,
                          std::int64_t proxy_uid);

/// What take_privileges() would say of istio-proxy's capabilities.
[[nodiscard]] std::vector<std::string> net_admin_warnings(nlohmann::json& pod);

/// What a TPROXY proxy needs: uid 0 to have a capability at all, NET_RAW for IP_TRANSPARENT and
/// SO_MARK, and a gid that it is known by.
void make_transparent(nlohmann::json& pod);

/// Takes NET_ADMIN and privileged from every istio-proxy; a warning for each.
void take_privileges(nlohmann::json& pod, std::vector<std::string>& warnings);

}  // namespace sluice::injector
