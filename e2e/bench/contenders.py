"""Everything that can give a pod its redirect: what is asked of each, for one pod in one namespace."""

import base64
import json
import os
import subprocess
import sys

from bench import Job, sh
from world import pod

NAMESPACE, NAME = "sluice-bench", "details"
FLOOR, FLOOR_GET = "floor", "floor, with GET"

# Annotations that Istio knows too, so that all program a redirect of the same meaning.
ANNOTATIONS = {"traffic.sidecar.istio.io/excludeInboundPorts": "9999",
               "traffic.sidecar.istio.io/excludeOutboundPorts": "3306",
               "traffic.sidecar.istio.io/excludeOutboundIPRanges": "198.51.100.0/24"}

# What a chained plugin is handed by the one before it.
PREV_RESULT = {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0", "sandbox": "/run/netns/x"}],
               "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 0}],
               "routes": [{"dst": "0.0.0.0/0"}], "dns": {}}
CAPABILITY = "io.kubernetes.cri.pod-annotations"


def mesh_pod():
    """A pod of the size that injectors make: an app and a proxy with its two dozen variables. No
    scheduler takes it, so that nothing changes it while it is read."""
    made = pod(name=NAME, namespace=NAMESPACE, annotations=ANNOTATIONS)
    del made["metadata"]["uid"]
    made["spec"]["schedulerName"] = "nobody"
    proxy = made["spec"]["containers"][1]
    proxy["env"] = [{"name": f"ISTIO_META_SETTING_{i}", "value": "value-" + "x" * (3 * i)}
                    for i in range(24)]
    proxy["resources"] = {"requests": {"cpu": "10m", "memory": "40Mi"}}
    return made


def serve_pod(cluster):
    """Puts the pod into the cluster; gives it back as the API server has it."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount",
               "metadata": {"name": "default", "namespace": NAMESPACE}}
    for thing in (namespace, account, mesh_pod()):
        cluster.kubectl("apply", "-f", "-", input=json.dumps(thing))
    return json.loads(cluster.kubectl("get", "pod", NAME, "-n", NAMESPACE, "-o", "json"))


def withdraw_pod(cluster):
    try:
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    except subprocess.CalledProcessError as error:
        print(f"namespace {NAMESPACE} is left in the cluster: {error.stderr}", file=sys.stderr)


class Contender:
    """`job(netns)` is the call that programs `netns`."""

    def __init__(self, name, job):
        self.name, self.job = name, job


def environment(command, netns, uid, name=NAME, namespace=NAMESPACE):
    container = os.path.basename(netns)
    return {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0",
            "CNI_PATH": "/opt/cni/bin", "CNI_NETNS": netns,
            "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE={namespace};K8S_POD_NAME={name};"
                        f"K8S_POD_INFRA_CONTAINER_ID={container};K8S_POD_UID={uid}"}


def network(plugin, **more):
    return {"cniVersion": "1.0.0", "name": "podnet", "type": plugin, "prevResult": PREV_RESULT, **more}


def policy_of(programs, pod_file):
    text = sh(programs["sluice"], "plan", "--pod", pod_file, "--format", "json")
    return json.dumps(json.loads(text), separators=(",", ":"))


def sluice_runtime_conf(bench, policy):
    return network("sluice-cni", podSource="runtime", stateDir=bench.dir + "/state",
                   capabilities={CAPABILITY: True},
                   runtimeConfig={CAPABILITY: {"redirect.sluice.dev/policy": policy}})


def sluice_runtime(bench, programs, policy, uid):
    stdin = bench.write("runtime.conf", json.dumps(sluice_runtime_conf(bench, policy)))
    return Contender("sluice-cni runtime", lambda netns: Job(
        [programs["sluice-cni"]], environment("ADD", netns, uid), stdin))


def json_kubeconfig(bench, cluster):
    """The plugin's kubeconfig as JSON, which a machine writes as easily as YAML."""
    text = cluster.kubectl("config", "view", "--raw", "-o", "json",
                           "--kubeconfig", cluster.plugin_kubeconfig)
    return bench.write("kubeconfig.json", text)


def sluice_api(bench, programs, cluster, uid):
    stdin = bench.write("api.conf", json.dumps(network(
        "sluice-cni", podSource="api", stateDir=bench.dir + "/state",
        kubeconfig=json_kubeconfig(bench, cluster))))
    return Contender("sluice-cni api", lambda netns: Job(
        [programs["sluice-cni"]], environment("ADD", netns, uid), stdin))


def record(bench, netns):
    """Where the floor writes what CHECK would go by: a file for each attachment."""
    return f"{bench.dir}/{os.path.basename(netns)}.record"


def floor(bench, program, batch):
    return Contender(FLOOR, lambda netns: Job([program, netns, batch, record(bench, netns)]))


def floor_get(bench, program, batch, cluster):
    address, port, authority, token = cluster.plugin_access()
    ca = bench.write("ca.pem", base64.b64decode(authority))
    token = bench.write("token", token)
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{NAME}"
    return Contender(FLOOR_GET, lambda netns: Job(
        [program, netns, batch, record(bench, netns), address, port, ca, token, path]))


def nft_file(bench, programs, pod_file):
    rules = bench.write("rules.nft", sh(programs["sluice"], "plan", "--pod", pod_file))
    return Contender("nft -f, same rules", lambda netns: Job(
        ["/usr/sbin/nft", "-f", rules], netns=netns))


def istio_conf(bench, kubeconfig):
    """The configuration that Istio's installer writes, and the kubeconfig where it is looked for."""
    run_dir = bench.dir + "/istio"
    os.makedirs(run_dir, exist_ok=True)
    with open(kubeconfig) as source, open(run_dir + "/istio-cni-kubeconfig", "w") as copy:
        copy.write(source.read())
    return network("istio-cni", plugin_log_level="info", cni_agent_run_dir=run_dir,
                   ambient_enabled=False, exclude_namespaces=["kube-system"],
                   pod_namespace="istio-system", native_nftables=True)


def istio(bench, binary, kubeconfig, uid, name=NAME, namespace=NAMESPACE):
    stdin = bench.write("istio.conf", json.dumps(istio_conf(bench, kubeconfig)))
    return Contender("istio-cni nftables", lambda netns: Job(
        [binary], environment("ADD", netns, uid, name, namespace), stdin))
