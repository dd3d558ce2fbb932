"""The scenarios. Each is a function that returns, or raises Failure with one sentence.

A mode's scenarios share one pod with a sidecar, so that each shows the same redirect from another
side; in mode NONE they show that nothing is redirected. `client` and `server` have no sidecar.
"""

import functools
import glob
import json
import os
import re

import envoy
import manifests
from cluster import (Answer, Failure, Pod, apply, expect, get, kubectl, make_namespace, node_ask,
                     run, wait_for)

OUTSIDE = "outside"
MODES = {"REDIRECT": "mesh-redirect", "TPROXY": "mesh-tproxy", "NONE": "mesh-none"}
# The PodSecurity admission that each namespace enforces: NET_RAW is in no profile but this one.
POD_SECURITY = {"TPROXY": "privileged"}
NAMESPACES = [OUTSIDE, *MODES.values()]

APP_PORT, EXCLUDED_PORT, DNS_PORT = "8080", "9090", "53"
INBOUND_SOURCES = {4: "127.0.0.6", 6: "::6"}

all_scenarios = {}


def once(function):
    """Remembers what a function gave, and its failure too: a pod that did not become ready is not
    waited for again by each scenario that needs it."""
    outcomes = {}

    @functools.wraps(function)
    def remembered(*arguments):
        if arguments not in outcomes:
            try:
                outcomes[arguments] = function(*arguments), None
            except Failure as failure:
                outcomes[arguments] = None, failure
        result, failure = outcomes[arguments]
        if failure:
            raise failure
        return result
    return remembered


def scenario(function):
    all_scenarios[function.__name__.replace("_", "-")] = function
    return function


def in_modes(*modes):
    """The same scenario once for each mode, given its name and its pod's."""
    def register(function):
        for mode in modes:
            name = f"{mode.lower()}/{function.__name__.replace('_', '-')}"
            all_scenarios[name] = lambda mode=mode: function(mode, sidecar_pod(mode))
    return register


in_each_mode = in_modes(*MODES)


# ---- the pods that scenarios share, made when first asked for ----

def serving(name, **fields):
    return manifests.app(["serve", name, APP_PORT, EXCLUDED_PORT, DNS_PORT], **fields)


@once
def outside_pods():
    names = ["client", "server", "excluded"]
    make_namespace(manifests.namespace(OUTSIDE, "restricted"))
    apply(*(manifests.pod(OUTSIDE, name, manifests.plain(serving(name))) for name in names))
    return {name: Pod(OUTSIDE, name).wait_ready() for name in names}


@once
def outside(name):
    """A pod of a namespace that the mesh has nothing to do with."""
    return outside_pods()[name]


@once
def mesh_namespace(mode):
    name = MODES[mode]
    make_namespace(manifests.namespace(name, POD_SECURITY.get(mode, "restricted")))
    apply(manifests.envoy_config(name, mode))
    return name


@once
def sidecar_pod(mode):
    """With kubelet's three kinds of probe at a redirected and at an excluded port."""
    namespace = mesh_namespace(mode)
    annotations = {
        "traffic.sidecar.istio.io/excludeInboundPorts": EXCLUDED_PORT,
        "traffic.sidecar.istio.io/excludeOutboundPorts": EXCLUDED_PORT,
        "traffic.sidecar.istio.io/excludeOutboundIPRanges": ",".join(
            f"{address}/{128 if ':' in address else 32}"
            for address in outside("excluded").addresses),
    }
    app = serving(
        "meshed",
        startupProbe={"tcpSocket": {"port": int(APP_PORT)}, "periodSeconds": 1,
                      "failureThreshold": 60},
        livenessProbe={"httpGet": {"port": int(EXCLUDED_PORT)}, "periodSeconds": 1},
        readinessProbe={"httpGet": {"port": int(APP_PORT)}, "periodSeconds": 1})
    apply(manifests.pod(namespace, "meshed", manifests.injected(mode, app, annotations)))
    return Pod(namespace, "meshed").wait_ready()


def family(address):
    return 6 if ":" in address else 4


def in_each_family(addresses):
    """Every pod has an address of both families, and what holds for one holds for the other."""
    if sorted(map(family, addresses)) != [4, 6]:
        raise Failure(f"a pod should have one address of each family, this one has {addresses}")
    return sorted(addresses, key=family)


def own_address(pod, like):
    return next(address for address in pod.addresses if family(address) == family(like))


def redirected(mode, *listeners):
    """The marks that a request gets on its way: none in mode NONE."""
    return list(listeners) if mode != "NONE" else []


# ---- one pod's traffic, in each mode ----

@in_each_mode
def inbound(mode, pod):
    client = outside("client")
    for address in in_each_family(pod.addresses):
        answer = client.ask("http", address, APP_PORT)
        expect(f"the marks of a request to {address}", answer.via, redirected(mode, "inbound"))
        # In TPROXY and in NONE the application sees its client's address, in REDIRECT its proxy's.
        source = INBOUND_SOURCES[family(address)] if mode == "REDIRECT" else \
            own_address(client, address)
        expect(f"the peer of a request to {address}", answer.peer, source)


@in_modes("REDIRECT", "NONE")  # in TPROXY its peer would be the same either way
def inbound_that_is_not_http(mode, pod):
    client = outside("client")
    for address in in_each_family(pod.addresses):
        answer = client.ask("tcp", address, APP_PORT)
        source = INBOUND_SOURCES[family(address)] if mode == "REDIRECT" else \
            own_address(client, address)
        expect(f"the peer of a connection to {address}", answer.peer, source)


@in_each_mode
def inbound_excluded_port(_mode, pod):
    client = outside("client")
    for address in in_each_family(pod.addresses):
        answer = client.ask("http", address, EXCLUDED_PORT)
        expect(f"the marks of a request to {address} port {EXCLUDED_PORT}", answer.via, [])
        expect("its peer", answer.peer, own_address(client, address))


@in_each_mode
def inbound_udp_is_left_alone(_mode, pod):
    client = outside("client")
    for address in in_each_family(pod.addresses):
        expect("the peer of a datagram", client.ask("udp", address, APP_PORT).peer,
               own_address(client, address))


@in_each_mode
def outbound(mode, pod):
    for address in in_each_family(outside("server").addresses):
        answer = pod.ask("http", address, APP_PORT)
        expect(f"the marks of a request to {address}", answer.via, redirected(mode, "outbound"))
        expect("who answered", answer.name, "server")


@in_each_mode
def outbound_excluded_port(_mode, pod):
    for address in in_each_family(outside("server").addresses):
        answer = pod.ask("http", address, EXCLUDED_PORT)
        expect(f"the marks of a request to {address} port {EXCLUDED_PORT}", answer.via, [])
        expect("who answered", answer.name, "server")


@in_each_mode
def outbound_excluded_cidr(_mode, pod):
    for address in in_each_family(outside("excluded").addresses):
        answer = pod.ask("http", address, APP_PORT)
        expect(f"the marks of a request to the excluded {address}", answer.via, [])
        expect("who answered", answer.name, "excluded")


@in_each_mode
def dns_capture(mode, pod):
    """A question to any server is answered by the proxy; in mode NONE it reaches the server,
    which here is the application, and it shows by answering what is no DNS."""
    for address in in_each_family(outside("server").addresses):
        if mode == "NONE":
            expect("who answered a datagram to port 53",
                   pod.ask("udp", address, DNS_PORT).name, "server")
        else:
            answer = pod.ask("dns", address, DNS_PORT, envoy.CAPTURED_NAME)
            expect(f"the address that {address} gave", answer.text, envoy.CAPTURED_ADDRESS)
        expect(f"the marks of TCP to {address} port 53",
               pod.ask("http", address, DNS_PORT).via, redirected(mode, "dns"))


@in_each_mode
def to_itself_by_its_own_address(_mode, pod):
    for address in in_each_family(pod.addresses):
        answer = pod.ask("http", address, APP_PORT)
        expect(f"the marks of a request to its own {address}", answer.via, [])
        expect("its peer", answer.peer, address)


@in_modes("REDIRECT", "TPROXY")
def to_itself_through_a_service(_mode, pod):
    """The application asks for a service, and its proxy picks this very pod: the connection
    leaves through one listener and must come back through the other."""
    server = outside("server").addresses
    for address in in_each_family(pod.addresses):
        service = next(a for a in server if family(a) == family(address))
        target = f"[{address}]:{APP_PORT}" if ":" in address else f"{address}:{APP_PORT}"
        answer = pod.ask("http", service, APP_PORT, f"x-envoy-original-dst-host: {target}")
        expect("the marks of the request", answer.via, ["inbound", "outbound"])
        expect("who answered", answer.name, "meshed")


@in_each_mode
def loopback_is_left_alone(_mode, pod):
    for address in ["127.0.0.1", "::1"]:
        answer = pod.ask("http", address, APP_PORT)
        expect(f"the marks of a request to {address}", answer.via, [])
        expect("its peer", answer.peer, address)


@in_each_mode
def kubelet_probes(mode, pod):
    """The pod became ready and stayed so; and what comes from the node, as probes do, takes the
    same way as other traffic."""
    for address in in_each_family(pod.addresses):
        answer = node_ask(address, APP_PORT)
        expect(f"the marks of the node's request to {address}", answer.via,
               redirected(mode, "inbound"))
    status = pod.get()["status"]
    expect("the pod's restarts", sum(c["restartCount"] for c in status["containerStatuses"]), 0)
    expect("failed probes", pod.events("Unhealthy")[:1] if not pod.ready() else [], [])


@in_each_mode
def no_net_admin(mode, pod):
    """Neither asked for nor had: what counts is what the kernel says of each process."""
    enforced = get("namespace", pod.namespace)["metadata"]["labels"]
    expect("the Pod Security that the namespace enforces",
           enforced["pod-security.kubernetes.io/enforce"], POD_SECURITY.get(mode, "restricted"))
    wanted = {"app": set(), "istio-proxy": {"NET_RAW"} if mode == "TPROXY" else set()}
    for name, found in capabilities_of_pod(pod).items():
        expect(f"the capabilities of {name}", found, wanted[name])


def capabilities_of_pod(pod):
    """Of each container that runs, by name."""
    status = pod.get()["status"]
    running = [s for s in status.get("initContainerStatuses", []) + status["containerStatuses"]
               if "running" in s["state"]]
    return {s["name"]: capabilities(s["containerID"].removeprefix("containerd://")) for s in running}


def capabilities(container):
    """The bounding set of a container's first process."""
    names = {12: "NET_ADMIN", 13: "NET_RAW"}
    for line in run("ctr", "tasks", "ls").stdout.splitlines():
        if line.split()[0] == container:
            with open(f"/proc/{line.split()[1]}/status", encoding="ascii") as file:
                bits = int(re.search(r"^CapBnd:\s*(\w+)", file.read(), re.M)[1], 16)
            return {names.get(bit, f"capability {bit}") for bit in range(64) if bits >> bit & 1}
    raise Failure(f"container {container} does not run")


# ---- pods that are not redirected ----

@scenario
def pod_without_sidecar():
    """Even where its annotations speak of a redirect."""
    mesh_namespace("REDIRECT")
    pod = Pod(MODES["REDIRECT"], "plain")
    template = manifests.plain(serving("plain"))
    template["metadata"]["annotations"] = {"traffic.sidecar.istio.io/includeInboundPorts": "*"}
    apply(manifests.pod(pod.namespace, pod.name, template))
    expect_untouched(pod.wait_ready())


@scenario
def excluded_namespace():
    """kube-system is in the plugin's excludeNamespaces."""
    namespace, pod = "kube-system", Pod("kube-system", "sluice-excluded")
    apply(manifests.envoy_config(namespace, "REDIRECT"),
          manifests.pod(namespace, pod.name, manifests.injected("REDIRECT", serving("excluded"))))
    try:
        expect_untouched(pod.wait_ready())
    finally:
        pod.delete()
        kubectl("delete", "configmap", "envoy", "-n", namespace)


def expect_untouched(pod):
    client = outside("client")
    for address in in_each_family(pod.addresses):
        answer = client.ask("http", address, APP_PORT)
        expect(f"the marks of a request to {pod}", answer.via, [])
        expect("its peer", answer.peer, own_address(client, address))
    for address in in_each_family(outside("server").addresses):
        expect(f"the marks of a request from {pod}", pod.ask("http", address, APP_PORT).via, [])


# ---- other ways a pod comes and goes ----

@scenario
def a_job_with_a_native_sidecar():
    """Its application starts after its proxy and ends the pod: its only request is redirected."""
    namespace, server = mesh_namespace("REDIRECT"), outside("server").addresses[0]
    app = manifests.app(["http", f"{server}:{APP_PORT}"])
    apply(manifests.job(namespace, "errand", manifests.injected("REDIRECT", app, native=True)))
    wait_for("the end of the job", lambda: get("job", "errand", "-n", namespace)["status"].get(
        "succeeded") == 1)
    log = kubectl("logs", "job/errand", "-n", namespace, "-c", "app").stdout
    expect("the marks of the job's request", Answer(log).via, ["outbound"])


@scenario
def a_stateful_set_and_a_pod_of_the_same_name():
    """A pod that is made again has its predecessor's name, and neither its uid nor its addresses."""
    namespace, client = mesh_namespace("REDIRECT"), outside("client")
    apply(manifests.stateful_set(namespace, "web", 2,
                                 manifests.injected("REDIRECT", serving("web"))))
    pods = [Pod(namespace, f"web-{i}").wait_ready() for i in range(2)]
    uid = pods[0].get()["metadata"]["uid"]
    pods[0].delete()
    wait_for("a new web-0", lambda: pods[0].exists() and
             pods[0].get()["metadata"]["uid"] != uid)
    pods[0].wait_ready()
    for pod in pods:
        for address in in_each_family(pod.addresses):
            expect(f"the marks of a request to {pod}",
                   client.ask("http", address, APP_PORT).via, ["inbound"])


@scenario
def api_server_down_then_up():
    """A sandbox that is lost while the API server is away is not made again without its redirect;
    and it is made, with it, when the API server is back."""
    namespace, client = mesh_namespace("REDIRECT"), outside("client")
    pod = Pod(namespace, "patient")
    apply(manifests.pod(namespace, pod.name, manifests.injected("REDIRECT", serving("patient"))))
    pod.wait_ready()
    before = pod.get()["status"]
    containerd_log = f"{os.environ['TESTBED_LOG']}/containerd"
    log_end = os.path.getsize(containerd_log)

    def refusals():
        with open(containerd_log, encoding="utf-8", errors="replace") as log:
            log.seek(log_end)
            return [line for line in log if "failed to setup network for sandbox" in line
                    and f"Name:{pod.name}," in line]

    testbed("down", "kube-apiserver")
    try:
        run("ctr", "tasks", "kill", "--signal", "KILL", sandbox_of(pod))
        first = wait_for("a refused sandbox", refusals)[0]
        expect("the name of the plugin in the refusal", "sluice-cni" in first, True)
        expect("application containers without a redirect", running_apps(pod), [])
    finally:
        testbed("up")
    wait_for("new containers of the pod", lambda: pod.get()["status"]["containerStatuses"][0][
        "containerID"] != before["containerStatuses"][0]["containerID"], 120)
    pod.wait_ready(120)
    for address in in_each_family(pod.addresses):
        expect(f"the marks of a request to {pod}",
               client.ask("http", address, APP_PORT).via, ["inbound"])


def containers_of(pod):
    """The pod's containers that run, as containerd says: what kubelet says may be out of date."""
    running = {line.split()[0] for line in run("ctr", "tasks", "ls").stdout.splitlines()
               if line.split()[2] == "RUNNING"}
    for container in run("ctr", "containers", "ls", "-q").stdout.split():
        labels = json.loads(run("ctr", "containers", "info", container).stdout)["Labels"]
        if labels.get("io.kubernetes.pod.name") == pod.name and container in running:
            yield container, labels


def sandbox_of(pod):
    return next(container for container, labels in containers_of(pod)
                if labels["io.cri-containerd.kind"] == "sandbox")


def running_apps(pod):
    return [labels["io.kubernetes.container.name"] for _, labels in containers_of(pod)
            if labels["io.cri-containerd.kind"] == "container"]


def testbed(command, *arguments):
    """`up` is given the plugin that it was started with, so that nothing but the outage differs."""
    plugin = f"{os.environ['TESTBED_CNI_BIN_DIR']}/sluice-cni"
    if command == "up":
        arguments = [plugin if os.path.exists(plugin) else "--without-sluice"]
    run(f"{os.path.dirname(__file__)}/../testbed/{command}", *arguments, timeout=300)


@scenario
def a_bad_annotation_is_an_event():
    """And no sandbox: one sentence names the annotation, its value and what is wrong with it."""
    namespace, pod = mesh_namespace("REDIRECT"), Pod(MODES["REDIRECT"], "mistaken")
    annotation = "traffic.sidecar.istio.io/excludeInboundPorts"
    apply(manifests.pod(namespace, pod.name, manifests.injected(
        "REDIRECT", serving("mistaken"), {annotation: "80,http"})))
    try:
        message = wait_for("an Event FailedCreatePodSandBox",
                           lambda: pod.events("FailedCreatePodSandBox"), 30)[0]
        for word in ["sluice-cni", annotation, "http"]:
            expect(f"'{word}' in the Event's message", word if word in message else message, word)
        expect("the pod's addresses", pod.addresses, [])
    finally:
        pod.delete(wait=False)


@scenario
def nothing_is_left_of_a_pod():
    """Neither a record of the attachment nor a network namespace."""
    namespace, pod = mesh_namespace("REDIRECT"), Pod(MODES["REDIRECT"], "brief")
    records, namespaces = attachments(), network_namespaces()
    apply(manifests.pod(namespace, pod.name, manifests.injected("REDIRECT", serving("brief"))))
    pod.wait_ready()
    made = attachments() - records
    expect("the records of a pod's attachment", len(made), 1)
    expect("the pod's network namespaces", len(network_namespaces() - namespaces), 1)
    pod.delete()
    # kubectl waits for the pod's object; the sandbox is removed about then.
    wait_for("the end of the attachment's record", lambda: not made & attachments())
    wait_for("the end of the network namespace", lambda: network_namespaces() <= namespaces)


def attachments():
    return set(glob.glob(f"{os.environ['TESTBED_PLUGIN_STATE']}/attachments/*"))


def network_namespaces():
    with open("/proc/mounts", encoding="ascii") as mounts:
        return {line.split()[1] for line in mounts
                if line.startswith("nsfs ") and os.environ["SLUICE_TESTBED"] in line}
