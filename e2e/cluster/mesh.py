"""A real mesh: istiod serves the configuration, pilot-agent and Envoy run in the pods, sluice-cni
redirects; who injects is one of three, and the same is shown of each:

    sluice    sluice-injector, a Deployment of the cluster: the proxy and nothing else
    builtin   the same, with its own template in the place of Istio's
    istiod    istiod's own injector, with sluice-cni in the place of istio-cni
"""

import json
import os
import re
import threading

import manifests
from cluster import Pod, apply, expect, get, kubectl, make_namespace, node_text, run, wait_for
from scenarios import APP_PORT, all_scenarios, capabilities_of_pod, once, outside, serving

INJECTORS = ["sluice", "builtin", "istiod"]
SHOP = {injector: f"shop-{injector}" for injector in INJECTORS}
TPROXY = {injector: f"shop-tproxy-{injector}" for injector in INJECTORS}
FILES = "shop-files"
NAMESPACES = [*SHOP.values(), *TPROXY.values(), FILES]
PROXY = "istio-proxy"
NATIVE = "sidecar.istio.io/nativeSidecar"
STATUS_PORT = 15020
INJECTOR_NAMESPACE = "sluice-system"
INJECTOR_METRICS_PORT = 8080

NOBODY = "files"  # no webhook: what is applied has its proxy
scenarios_of = {injector: {} for injector in [*INJECTORS, NOBODY]}


def register(injector, name, scenario):
    """Whatever ran before, the scenario finds its injector there, and no other."""
    def with_its_injector():
        use(injector)
        scenario()
    scenarios_of[injector][f"mesh/{injector}/{name.replace('_', '-')}"] = with_its_injector


def with_each_injector(function):
    for injector in INJECTORS:
        register(injector, function.__name__, lambda injector=injector: function(injector))
    return function


def with_sluice(function):
    register("sluice", function.__name__, function)
    return function


# ---- the injectors, of which one is there at a time ----

def testbed(*command):
    run(f"{os.path.dirname(__file__)}/../testbed/{command[0]}", *command[1:], timeout=300)


active = []


def use(injector):
    """Takes the others' webhooks away, so that no pod is injected by two."""
    if active == [injector]:
        return
    testbed("install-injector", "--remove")
    testbed("install-istio", "--injector" if injector == "istiod" else "--no-injector")
    if injector in ("sluice", "builtin"):
        testbed("install-injector", os.environ["SLUICE_INJECTOR"], *(["--builtin"] if injector == "builtin" else []))
    active[:] = [injector]


# ---- the shop ----

def plain(name, **fields):
    """A pod template as an application's author writes it."""
    template = manifests.plain(serving(name, **fields))
    template["metadata"]["labels"] = {"app": name}
    return template


def probed(name):
    port = int(APP_PORT)
    return plain(name, startupProbe={"tcpSocket": {"port": port}, "periodSeconds": 1, "failureThreshold": 60},
                 livenessProbe={"httpGet": {"port": port}, "periodSeconds": 1},
                 readinessProbe={"httpGet": {"port": port, "path": "/ready"}, "periodSeconds": 1})


def workload(kind, namespace, name, template, **spec):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"matchLabels": template["metadata"]["labels"]}, "template": template, **spec}}


def service(namespace, name):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": int(APP_PORT)}]}}


def account(namespace, name):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def make_mesh_namespace(name, pod_security, webhooks="enabled"):
    namespace = manifests.namespace(name, pod_security)
    namespace["metadata"]["labels"]["istio-injection"] = webhooks
    make_namespace(namespace)
    apply({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
           "metadata": {"name": "default", "namespace": name}, "spec": {"mtls": {"mode": "STRICT"}}})
    # istiod writes it for the pods to know the mesh's authority by.
    wait_for(f"the mesh's root certificate in {name}", lambda: kubectl(
        "get", "configmap", "istio-ca-root-cert", "-n", name, check=False).returncode == 0)


@once
def shop(injector):
    namespace = SHOP[injector]
    make_mesh_namespace(namespace, "restricted")
    shopper = plain("shopper")
    shopper["spec"]["serviceAccountName"] = "shopper"
    ordinary = probed("ordinary")
    ordinary["metadata"]["annotations"] = {NATIVE: "false"}
    measured = plain("measured")
    measured["metadata"]["annotations"] = {"prometheus.io/port": APP_PORT, "prometheus.io/path": "/metrics"}
    apply(account(namespace, "shopper"), service(namespace, "reviews"), service(namespace, "ordinary"),
          workload("Deployment", namespace, "shopper", shopper),
          workload("Deployment", namespace, "reviews", probed("reviews")),
          workload("Deployment", namespace, "ordinary", ordinary),
          workload("Deployment", namespace, "measured", measured))
    return namespace


def pods_of(namespace, app, count=1):
    """The ready ones of an application."""
    def ready():
        items = get("pods", "-n", namespace, "-l", f"app={app}")["items"]
        pods = [Pod(namespace, item["metadata"]["name"]) for item in items
                if "deletionTimestamp" not in item["metadata"]]
        return pods if len(pods) >= count and all(pod.ready() for pod in pods) else None
    return wait_for(f"the readiness of {app} in {namespace}", ready, 120)


def cluster_ip(namespace, name):
    return get("service", name, "-n", namespace)["spec"]["clusterIP"]


def ask_service(pod, namespace, name):
    """Nothing but Envoy answers at a service's address here. A proxy may be ready before it knows of
    a service that is as young as itself."""
    address = cluster_ip(namespace, name)

    def answer():
        done = pod.exec("app", "http", f"{address}:80", check=False)
        return done.stdout if "200 OK" in done.stdout else None
    return wait_for(f"an answer of {name} to {pod}", answer, 30)


def expect_identity(what, answer, namespace, service_account):
    found = re.search(r" xfcc=(\S+)", answer)
    wanted = f"URI=spiffe://cluster.local/ns/{namespace}/sa/{service_account}"
    expect(what, wanted in found[1] if found else answer, True)


@with_each_injector
def services_over_mtls(injector):
    """shopper -> ClusterIP -> Envoy -> mTLS -> Envoy -> reviews."""
    namespace = shop(injector)
    shopper, reviews = pods_of(namespace, "shopper")[0], pods_of(namespace, "reviews")[0]
    answer = ask_service(shopper, namespace, "reviews")
    expect_identity("the client that reviews saw", answer, namespace, "shopper")
    stranger = outside("client").exec("app", "http", f"{reviews.addresses[0]}:{APP_PORT}", check=False)
    expect("an answer to a client without a certificate", "200 OK" in stranger.stdout, False)


@with_each_injector
def native_and_ordinary_sidecars(injector):
    namespace = shop(injector)
    for app, kind in [("reviews", "initContainers"), ("ordinary", "containers")]:
        spec = pods_of(namespace, app)[0].get()["spec"]
        expect(f"istio-proxy in the {kind} of {app}", PROXY in names(spec, kind), True)
    answer = ask_service(pods_of(namespace, "shopper")[0], namespace, "ordinary")
    expect_identity("the client that ordinary saw", answer, namespace, "shopper")


def names(spec, kind):
    return [container["name"] for container in spec.get(kind, [])]


@with_each_injector
def init_containers(injector):
    """None but the native sidecar; with istiod its validation, which has passed."""
    namespace = shop(injector)
    for app in ("shopper", "reviews", "ordinary", "measured"):
        pod = pods_of(namespace, app)[0].get()
        wanted = [PROXY] if app != "ordinary" else []
        if injector == "istiod":
            wanted = ["istio-validation", *wanted]
            ended = pod["status"]["initContainerStatuses"][0]["state"]["terminated"]
            expect("istio-validation's exit status", ended["exitCode"], 0)
        expect(f"the init containers of {app}", names(pod["spec"], "initContainers"), wanted)


@with_each_injector
def no_capability_anywhere(injector):
    """In no container's manifest, and in no process."""
    namespace = shop(injector)
    expect("the Pod Security that the namespace enforces", get("namespace", namespace)["metadata"]["labels"][
        "pod-security.kubernetes.io/enforce"], "restricted")
    for app in ("reviews", "ordinary"):
        pod = pods_of(namespace, app)[0]
        for container in [*pod.get()["spec"].get("initContainers", []), *pod.get()["spec"]["containers"]]:
            added = container["securityContext"].get("capabilities", {}).get("add", [])
            expect(f"what {container['name']} of {pod} adds", added, [])
        for name, found in capabilities_of_pod(pod).items():
            expect(f"the capabilities of {name} of {pod}", found, set())


@with_each_injector
def probes_are_rewritten_and_pass(injector):
    namespace = shop(injector)
    for app in ("reviews", "ordinary"):
        pod = pods_of(namespace, app)[0]
        found = pod.get()
        container = next(c for c in found["spec"]["containers"] if c["name"] == "app")
        for probe, path in [("startupProbe", "startupz"), ("livenessProbe", "livez"), ("readinessProbe", "readyz")]:
            rewritten = container[probe].get("httpGet", {})
            expect(f"the {probe} of {app}", (rewritten.get("port"), rewritten.get("path")),
                   (STATUS_PORT, f"/app-health/app/{path}"))
        expect(f"restarts in {app}", sum(c["restartCount"] for c in found["status"]["containerStatuses"]), 0)


@with_each_injector
def prometheus_merge(injector):
    """One page with the metrics of Envoy, the agent and the application."""
    pod = pods_of(shop(injector), "measured")[0]
    annotations = pod.get()["metadata"]["annotations"]
    expect("prometheus.io/port", annotations["prometheus.io/port"], str(STATUS_PORT))
    page = node_text(pod.addresses[0], STATUS_PORT, annotations["prometheus.io/path"])
    for what, word in [("Envoy's metrics", "envoy_cluster_upstream_cx"), ("the agent's", "istio_agent_"),
                       ("the application's", "measured peer=")]:
        expect(f"{what} on the page", word in page, True)


@with_each_injector
def stateful_and_daemon_sets(injector):
    namespace = shop(injector)
    apply(service(namespace, "state"), workload("StatefulSet", namespace, "state", plain("state"), serviceName="state"),
          service(namespace, "daemon"), workload("DaemonSet", namespace, "daemon", plain("daemon")))
    shopper = pods_of(namespace, "shopper")[0]
    for name in ("state", "daemon"):
        pods_of(namespace, name)
        expect_identity(f"the client that {name} saw", ask_service(shopper, namespace, name), namespace, "shopper")


def errand(namespace):
    """Asks until it is answered: its proxy may be ready before it knows the service."""
    address = cluster_ip(namespace, "reviews")
    template = plain("errand")
    template["spec"] |= {"restartPolicy": "Never", "serviceAccountName": "shopper"}
    template["spec"]["containers"][0] |= {"command": ["sh", "-c"], "args": [
        f"for i in $(seq 30); do app http {address}:80 | grep xfcc && exit; sleep 1; done; exit 1"]}
    return {"backoffLimit": 0, "template": template}


def expect_errand(namespace, job):
    wait_for(f"the end of {job}", lambda: get("job", job, "-n", namespace)["status"].get("succeeded") == 1, 120)
    log = kubectl("logs", f"job/{job}", "-n", namespace, "-c", "app").stdout
    expect_identity(f"the client of {job} that reviews saw", log, namespace, "shopper")


@with_each_injector
def a_job_ends(injector):
    namespace = shop(injector)
    pods_of(namespace, "reviews")
    apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "errand", "namespace": namespace},
           "spec": errand(namespace)})
    expect_errand(namespace, "errand")


@with_each_injector
def a_cron_job_runs(injector):
    namespace = shop(injector)
    pods_of(namespace, "reviews")
    apply({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "round", "namespace": namespace},
           "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": errand(namespace)}}})
    kubectl("create", "job", "--from=cronjob/round", "round-now", "-n", namespace)
    kubectl("patch", "cronjob", "round", "-n", namespace, "-p", '{"spec": {"suspend": true}}')
    expect_errand(namespace, "round-now")


@with_each_injector
def opt_out_by_label(injector):
    namespace = shop(injector)
    template = plain("loner")
    template["metadata"]["labels"]["sidecar.istio.io/inject"] = "false"
    apply(workload("Deployment", namespace, "loner", template))
    pod = pods_of(namespace, "loner")[0]
    found = pod.get()
    expect("the containers of a pod that opted out", names(found["spec"], "containers"), ["app"])
    expect("its init containers", names(found["spec"], "initContainers"), [])
    answer = pod.ask("http", outside("server").addresses[0], APP_PORT)
    expect("the peer that the server saw", answer.peer, pod.addresses[0])


@with_each_injector
def tproxy_shows_the_clients_address(injector):
    """Envoy has the client's address as its source on the way to the application."""
    namespace = TPROXY[injector]
    make_mesh_namespace(namespace, "privileged")
    template = probed("reviews")
    template["metadata"]["annotations"] = {"sidecar.istio.io/interceptionMode": "TPROXY"}
    apply(service(namespace, "reviews"), workload("Deployment", namespace, "reviews", template))
    client, server = pods_of(shop(injector), "shopper")[0], pods_of(namespace, "reviews")[0]
    answer = ask_service(client, namespace, "reviews")
    peer = re.search(r" peer=\[?(?:::ffff:)?([^ \]]+?)\]?:\d+ ", answer)
    expect("the peer that reviews saw", peer[1] if peer else answer, client.addresses[0])
    expect_identity("the client that reviews saw", answer, SHOP[injector], "shopper")
    if injector != "istiod":
        expect("the capabilities of istio-proxy", capabilities_of_pod(server)[PROXY], {"NET_RAW"})


# ---- what only Sluice's injector does ----

BAD = {"traffic.sidecar.istio.io/excludeInboundPorts": "80,http"}


@with_sluice
def a_bad_annotation_is_refused_at_apply():
    """A Pod by the webhook that injects, a Deployment by the one that validates; both name the
    annotation, its value and what is wrong with it."""
    namespace, template = shop("sluice"), plain("mistaken")
    template["metadata"]["annotations"] = BAD
    for manifest in (manifests.pod(namespace, "mistaken", template), workload("Deployment", namespace, "mistaken", template)):
        done = kubectl("apply", "-f", "-", stdin=json.dumps(manifest), check=False)
        expect(f"a {manifest['kind']} with a bad annotation was accepted", done.returncode == 0, False)
        for word in (*BAD, "http"):
            expect(f"'{word}' in the refusal", word if word in done.stderr else done.stderr, word)


@with_sluice
def another_injector_is_noticed():
    """And that it has gone, which is how an admin switches it off."""
    def replicas_that_tell():
        pods = [pod for pod in get("pods", "-n", INJECTOR_NAMESPACE)["items"] if "deletionTimestamp" not in pod["metadata"]]
        pages = [node_text(pod["status"]["podIP"], INJECTOR_METRICS_PORT, "/readyz?verbose") for pod in pods]
        return sum("[!] other-injectors" in page and "istio-sidecar-injector" in page for page in pages)
    testbed("install-istio", "--injector")
    try:
        wait_for("a word of both replicas about istiod's injector", lambda: replicas_that_tell() == 2, 30)
    finally:
        testbed("install-istio", "--no-injector")
    wait_for("the end of it", lambda: replicas_that_tell() == 0, 30)


@with_sluice
def a_rolling_restart_misses_nobody():
    """Pods are made all the while; every one is accepted, and has a proxy."""
    namespace = shop("sluice")
    made, refused, over = [], [], threading.Event()

    def make_pods():
        while not over.is_set():
            name = f"stream-{len(made) + len(refused)}"
            manifest = manifests.pod(namespace, name, plain(name))
            manifest["spec"]["nodeSelector"] = {"kubernetes.io/hostname": "nowhere"}  # it needs no node
            done = kubectl("create", "-f", "-", stdin=json.dumps(manifest), check=False)
            (made if done.returncode == 0 else refused).append(name if done.returncode == 0 else done.stderr)

    stream = threading.Thread(target=make_pods)
    stream.start()
    try:
        for _ in range(2):
            kubectl("rollout", "restart", "deployment/sluice-injector", "-n", INJECTOR_NAMESPACE)
            kubectl("rollout", "status", "deployment/sluice-injector", "-n", INJECTOR_NAMESPACE, "--timeout=120s", timeout=150)
    finally:
        over.set()
        stream.join()
    expect("pods that were refused", refused[:1], [])
    expect("that pods were made all the while", len(made) >= 20, True)
    pods = [pod for pod in get("pods", "-n", namespace)["items"] if pod["metadata"]["name"] in made]
    missed = [pod["metadata"]["name"] for pod in pods if PROXY not in names(pod["spec"], "initContainers")]
    expect("pods without a proxy", missed, [])
    expect("the pods that are there", len(pods), len(made))
    kubectl("delete", "pod", "-n", namespace, "--wait=false", "--force", *made)


# ---- without a webhook ----

def injected_by_command(*objects):
    """By the configuration of the cluster's ConfigMaps, as `kubectl apply` takes it."""
    items = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    return run(os.environ["SLUICE"], "inject", "--istioNamespace", "istio-system", "--filename", "-", stdin=items).stdout


def files_that_were_injected():
    """What `sluice inject` makes of files is applied where no webhook looks, and is in the mesh."""
    make_mesh_namespace(FILES, "restricted", webhooks="disabled")
    shopper = plain("shopper")
    shopper["spec"]["serviceAccountName"] = "shopper"
    apply(account(FILES, "shopper"), service(FILES, "reviews"))
    kubectl("apply", "-f", "-", stdin=injected_by_command(
        workload("Deployment", FILES, "shopper", shopper), workload("Deployment", FILES, "reviews", probed("reviews")),
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "errand", "namespace": FILES}, "spec": errand(FILES)}))
    client, server = pods_of(FILES, "shopper")[0], pods_of(FILES, "reviews")[0]
    expect_identity("the client that reviews saw", ask_service(client, FILES, "reviews"), FILES, "shopper")
    expect("the init containers of reviews", names(server.get()["spec"], "initContainers"), [PROXY])
    expect_errand(FILES, "errand")


register(NOBODY, files_that_were_injected.__name__, files_that_were_injected)


# One injector's after the other's: to change places takes a while.
for scenarios in scenarios_of.values():
    all_scenarios.update(scenarios)
