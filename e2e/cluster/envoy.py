"""A real Envoy with a static configuration that has a mesh's listeners and none of its policy.

It forwards every connection to where the application or the peer meant it to go, and marks each
HTTP response with the listener that saw it: `x-sluice-via: outbound`, `inbound` or `dns`.
"""

CAPTURED_NAME = "sluice.test"
CAPTURED_ADDRESS = "240.240.0.1"  # no other DNS server would answer this
READY_PORT = 15021


def config(mode):
    return {
        "static_resources": {
            "listeners": [
                listener("outbound", 15001),
                inbound_listener(mode),
                dns_over_udp("0.0.0.0"),
                dns_over_udp("::"),
                answering_listener("dns", 15053),
                answering_listener("ready", READY_PORT),
            ],
            "clusters": [outbound_cluster(), inbound_cluster()],
        }
    }


def typed(name, kind, **fields):
    return {"name": name, "typed_config": {"@type": f"type.googleapis.com/{kind}", **fields}}


def both_families(port):
    def address(host):
        return {"socket_address": {"address": host, "port_value": port}}

    return {"address": address("0.0.0.0"), "additional_addresses": [{"address": address("::")}]}


def listener(name, port, *extra_filters):
    """HTTP is marked; anything else goes through byte for byte."""
    return {
        "name": name,
        **both_families(port),
        "listener_filters": [
            typed("envoy.filters.listener.original_dst",
                  "envoy.extensions.filters.listener.original_dst.v3.OriginalDst"),
            *extra_filters,
            typed("envoy.filters.listener.http_inspector",
                  "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector"),
        ],
        "filter_chains": [{
            "filter_chain_match": {"application_protocols": ["http/1.0", "http/1.1"]},
            "filters": [http(name, {"route": {"cluster": name}})],
        }],
        "default_filter_chain": {"filters": [
            typed("envoy.filters.network.tcp_proxy",
                  "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                  stat_prefix=name, cluster=name),
        ]},
    }


def inbound_listener(mode):
    if mode != "TPROXY":
        return listener("inbound", 15006)
    # TPROXY hands over connections to addresses that no socket is bound to (transparent), and what
    # the mode is used for is that the application sees its client's own address (original_src). The
    # mark is how the redirect knows these connections for the proxy's: its output rules let them
    # pass and bring the answers, addressed to the client, back to the proxy.
    original_source = typed("envoy.filters.listener.original_src",
                            "envoy.extensions.filters.listener.original_src.v3.OriginalSrc",
                            mark=1337)
    return {**listener("inbound", 15006, original_source), "transparent": True}


def http(name, action):
    return typed(
        "envoy.filters.network.http_connection_manager",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=name,
        delayed_close_timeout="0.1s",  # a client that reads to the end is not kept waiting
        http_filters=[typed("envoy.filters.http.router",
                            "envoy.extensions.filters.http.router.v3.Router")],
        route_config={
            "response_headers_to_add": [{"header": {"key": "x-sluice-via", "value": name}}],
            "virtual_hosts": [{"name": name, "domains": ["*"],
                               "routes": [{"match": {"prefix": "/"}, **action}]}],
        })


def answering_listener(name, port):
    """Answers by itself: for DNS over TCP (the answer is HTTP, which shows as well that it was
    captured), and for the probe of the proxy's own readiness."""
    answer = {"direct_response": {"status": 200, "body": {"inline_string": name}}}
    return {"name": name, **both_families(port),
            "filter_chains": [{"filters": [http(name, answer)]}]}


def dns_over_udp(host):
    table = {"virtual_domains": [{"name": CAPTURED_NAME,
                                  "endpoint": {"address_list": {"address": [CAPTURED_ADDRESS]}}}]}
    return {
        "name": f"dns-{host}",
        "address": {"socket_address": {"protocol": "UDP", "address": host, "port_value": 15053}},
        "listener_filters": [
            typed("envoy.filters.udp.dns_filter",
                  "envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfig",
                  stat_prefix="dns", server_config={"inline_dns_table": table}),
        ],
    }


def original_destination(name, **fields):
    return {"name": name, "type": "ORIGINAL_DST", "lb_policy": "CLUSTER_PROVIDED",
            "connect_timeout": "2s", **fields}


def outbound_cluster():
    """A mesh turns a service's address into a pod's; here the application names the pod, in the
    header x-envoy-original-dst-host."""
    return original_destination("outbound", original_dst_lb_config={"use_http_header": True})


def inbound_cluster():
    """The proxy's connections to its own application come from 127.0.0.6 and ::6, as Istio's do:
    by this address the redirect knows that they have been through the proxy."""
    return original_destination("inbound", upstream_bind_config={
        "source_address": {"address": "127.0.0.6", "port_value": 0},
        "extra_source_addresses": [{"address": {"address": "::6", "port_value": 0}}],
    })
