#pragma once

// The names a Pod asks by. One table, so that what is parsed, what an error names and what a step
// gives as its origin are the same words.

#include <string_view>

namespace sluice {

/// Annotations of Istio's vocabulary.
inline constexpr std::string_view kInterceptionMode = "sidecar.istio.io/interceptionMode";
inline constexpr std::string_view kIncludeOutboundIpRanges =
    "traffic.sidecar.istio.io/includeOutboundIPRanges";
inline constexpr std::string_view kExcludeOutboundIpRanges =
    "traffic.sidecar.istio.io/excludeOutboundIPRanges";
inline constexpr std::string_view kIncludeOutboundPorts =
    "traffic.sidecar.istio.io/includeOutboundPorts";
inline constexpr std::string_view kExcludeOutboundPorts =
    "traffic.sidecar.istio.io/excludeOutboundPorts";
inline constexpr std::string_view kIncludeInboundPorts =
    "traffic.sidecar.istio.io/includeInboundPorts";
inline constexpr std::string_view kExcludeInboundPorts =
    "traffic.sidecar.istio.io/excludeInboundPorts";
inline constexpr std::string_view kExcludeInterfaces = "traffic.sidecar.istio.io/excludeInterfaces";
/// Wins over kKubevirtInterfaces, which is its older name.
inline constexpr std::string_view kRerouteVirtualInterfaces = "istio.io/reroute-virtual-interfaces";
inline constexpr std::string_view kKubevirtInterfaces =
    "traffic.sidecar.istio.io/kubevirtInterfaces";
inline constexpr std::string_view kStatusPort = "status.sidecar.istio.io/port";
/// Both a label and an annotation.
inline constexpr std::string_view kInject = "sidecar.istio.io/inject";

/// What an injector writes: which containers and volumes it put there.
inline constexpr std::string_view kStatus = "sidecar.istio.io/status";
inline constexpr std::string_view kMergeMetrics = "prometheus.istio.io/merge-metrics";
inline constexpr std::string_view kProxyConfigOfPod = "proxy.istio.io/config";
/// A label.
inline constexpr std::string_view kNetwork = "topology.istio.io/network";

/// Annotations of ours.
inline constexpr std::string_view kExcludeOutboundUids = "redirect.sluice.dev/excludeOutboundUIDs";
inline constexpr std::string_view kOutboundPort = "redirect.sluice.dev/outboundPort";
inline constexpr std::string_view kInboundPort = "redirect.sluice.dev/inboundPort";
/// The whole policy as JSON; where it is, no other annotation is read.
inline constexpr std::string_view kPolicy = "redirect.sluice.dev/policy";

/// Environment variables of the proxy's container.
inline constexpr std::string_view kDnsCapture = "ISTIO_META_DNS_CAPTURE";
inline constexpr std::string_view kDualStack = "ISTIO_DUAL_STACK";
inline constexpr std::string_view kInvalidDrop = "INVALID_DROP";

/// The container that is the proxy.
inline constexpr std::string_view kProxyContainer = "istio-proxy";
/// The init containers that make the redirect where no plugin does, and look whether one did.
inline constexpr std::string_view kIstioInit = "istio-init";
inline constexpr std::string_view kIstioValidation = "istio-validation";

}  // namespace sluice
