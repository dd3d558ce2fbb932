"""The two injectors as webhooks: istiod's `/inject` honours what kube-inject does not, policy, selectors,
default templates, aliases, injected annotations, ignored namespaces, OpenShift's ids and the parameters
in the URL's path. Both are asked over HTTPS, and both patches are applied here.
"""

import base64
import copy
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import time
import urllib.request

import proxy_only
from comparison import PROXY_CONFIG, Comparison, Mismatch, difference, hide_from_injection, show_again
from differences import Spellings
from oracles import Crash, Refusal
from pods import annotations
from settings import TESTBED, tool

SERVER_PATIENCE = 60


# As OpenShift annotates them; and as a hand that slipped did.
NAMESPACES = {
    "shop": {}, "openshift-range": {"openshift.io/sa.scc.uid-range": "1000620000/10000",
                                    "openshift.io/sa.scc.supplemental-groups": "1000630000/10000,1000640000/10"},
    "openshift-bad": {"openshift.io/sa.scc.uid-range": "many", "openshift.io/sa.scc.supplemental-groups": ""},
}


def use_cluster():
    """The testbed's, started when it is not, with the namespaces that requests speak of; status 77 where
    there can be none."""
    shell = """set -e; . "$1/testbed.sh"
        pid_of kube-apiserver >/dev/null || "$here/up" --without-sluice
        [[ -e $state/istio/ca/istiod.crt ]] || "$here/install-istio"
        echo "$admin" """
    done = subprocess.run(["bash", "-c", shell, "testbed", TESTBED], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    os.environ["KUBECONFIG"] = done.stdout.strip()
    items = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}
             for name, annotations in NAMESPACES.items()]
    subprocess.run([tool("kubectl"), "apply", "-f", "-"], input=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}),
                   text=True, stdout=subprocess.DEVNULL, check=True)


def apply_patch(document, patch):
    """RFC 6902, as far as injectors use it."""
    document = copy.deepcopy(document)
    for step in patch:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        if not parts:
            document = step["value"]
            continue
        place = document
        for part in parts[:-1]:
            place = place[int(part)] if isinstance(place, list) else place[part]
        last = parts[-1]
        if isinstance(place, list):
            last = len(place) if last == "-" else int(last)
        if step["op"] == "add" and isinstance(place, list):
            place.insert(last, step["value"])
        elif step["op"] in ("add", "replace"):
            place[last] = step["value"]
        elif step["op"] == "remove":
            del place[last]
        elif step["op"] == "test":
            if place[last] != step["value"]:
                raise Crash(f"a patch's test failed: {step}")
        else:
            raise Crash(f"a patch with {step}")
    return document


def review(pod, namespace, name="7e57"):
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {"uid": name, "kind": kind, "resource": {"group": "", "version": "v1", "resource": "pods"},
                        "namespace": namespace, "operation": "CREATE", "dryRun": False, "object": pod}}


def cluster_of(settings):
    """The name that reviews have for it: istiod looks for a namespace in the cluster of that name, Sluice
    in the one that it runs in."""
    named = re.search(r"cluster[/=](\w+)", settings.switch("path") or "")
    return named[1] if named else settings.values["global"]["multiCluster"]["clusterName"] or "Kubernetes"


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(s.getsockname()[1]) for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    """A webhook that runs until the settings that it was started for are dropped."""

    def __init__(self, name, argv, port, environment, log, ready):
        self.name, self.ready = name, ready
        with open(log, "w", encoding="utf-8") as file:
            self.process = subprocess.Popen(argv, stdout=file, stderr=file, env={**os.environ, **environment})
        self.log = log
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
        self.wait()

    def wait(self):
        deadline = time.monotonic() + SERVER_PATIENCE
        while True:
            try:
                # istiod answers reviews before it knows the namespaces, and is ready when it does.
                with urllib.request.urlopen(self.ready, timeout=5):
                    return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    with open(self.log, encoding="utf-8") as log:
                        raise Crash(f"{self.name} does not serve: {log.read()[-600:]}") from None
                time.sleep(0.1)

    def ask(self, path, document):
        self.connection.request("POST", path, json.dumps(document), {"Content-Type": "application/json"})
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise Crash(f"{self.name} answered {reply.status}: {text[:300]}")
        return json.loads(text)["response"]

    def inject(self, path, pod, namespace):
        response = self.ask(path, review(pod, namespace))
        if not response["allowed"]:
            return Refusal(response.get("status", {}).get("message", ""))
        if "patch" not in response:
            return pod
        return apply_patch(pod, json.loads(base64.b64decode(response["patch"])))

    def stop(self):
        self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Webhooks(Comparison):
    """Compares what two servers make of pods. `program` is sluice-injector's."""

    def __init__(self, istioctl, program, differences):
        super().__init__(istioctl, None, differences)
        self.program, self.files, self.servers = program, None, []

    def serve(self, files):
        if self.files is files:
            return
        self.stop()
        self.files = files
        self.servers = [self.start_istiod(files), self.start_sluice(files)]

    def stop(self):
        for server in self.servers:
            server.stop()
        self.servers = []

    def start_istiod(self, files):
        inject = files.path("var/lib/istio/inject")
        os.makedirs(inject)
        for name, source in [("config", "config.theirs"), ("values", "values")]:
            os.link(files.path(source), f"{inject}/{name}")
        environment = {"CLUSTER_ID": cluster_of(files.settings),
                       "ENABLE_NATIVE_SIDECARS": "true" if files.settings.switch("native") else "false",
                       "PLATFORM": files.settings.switch("platform") or "",
                       "COMPLIANCE_POLICY": files.settings.switch("compliance") or ""}
        ports = free_ports(2)
        return Server("istiod", [f"{TESTBED}/istiod", files.directory.name, "127.0.0.1", *ports],
                      ports[0], environment, files.path("istiod.log"), f"http://127.0.0.1:{ports[1]}/ready")

    def start_sluice(self, files):
        key, certificate = files.path("key"), files.path("certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=fuzz", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        settings, ports = files.settings, free_ports(2)
        argv = [self.program, "--listen", f"127.0.0.1:{ports[0]}", "--metrics-listen", f"127.0.0.1:{ports[1]}",
                "--tls-cert", certificate, "--tls-key", key, "--inject-config", files.path("config"),
                "--values", files.path("values"), "--mesh-config", files.path("mesh"),
                "--native-sidecars", "true" if settings.switch("native") else "false"]
        for option, switch in [("--platform", "platform"), ("--compliance-policy", "compliance")]:
            if settings.switch(switch):
                argv += [option, settings.switch(switch)]
        if settings.switch("platform"):
            argv += ["--kubeconfig", os.environ["KUBECONFIG"]]
        return Server("sluice-injector", argv, ports[0], {}, files.path("sluice.log"),
                      f"http://127.0.0.1:{ports[1]}/readyz")

    def run(self, files, documents, style=None):
        self.serve(files)
        settings = files.settings
        documents = self.as_the_api_server_sends(documents)
        path, namespace = settings.switch("path") or "/inject", settings.switch("in") or "shop"
        istiod, sluice = self.servers
        shared = [one for one in self.differences if one.of_injection]
        asked = copy.deepcopy(documents)
        for one in shared:
            asked = [one.before(pod, settings) for pod in asked]
        theirs = [istiod.inject(path, pod, namespace) for pod in asked]
        ours = self.comparable(documents, [sluice.inject(path, pod, namespace) for pod in documents], settings)
        verdicts = [None] * len(documents)
        both = [i for i in range(len(documents)) if not isinstance(ours[i], Refusal) and not isinstance(theirs[i], Refusal)]
        for i in set(range(len(documents))) - set(both):
            verdicts[i] = self.compare_refusals(documents[i], settings, ours[i], theirs[i])
        for i in both:
            for one in reversed(shared):
                theirs[i] = one.after(documents[i], theirs[i], settings)
        typed = self.typed([ours[i] for i in both] + [proxy_only.apply(theirs[i]) for i in both])
        for n, i in enumerate(both):
            lines = difference(typed[n], typed[n + len(both)])
            if lines:
                verdicts[i] = Mismatch(documents[i], "different", lines)
        return verdicts

    def as_the_api_server_sends(self, documents):
        """It knows the fields of a Pod, and no others: istiod patches what its own types make of it."""
        hidden = [Spellings().before(copy.deepcopy(pod), None) for pod in documents]
        for pod in hidden:
            if "statusPort" in annotations(pod).get(PROXY_CONFIG, ""):
                # istiod points probes at the mesh's port, where no agent of this pod listens; kube-inject
                # and Sluice at the pod's.
                annotations(pod)[PROXY_CONFIG] = "concurrency: 4"
            hide_from_injection(pod)
        known = self.istioctl.retype(hidden)
        for pod in known:
            show_again(pod)
        return known
