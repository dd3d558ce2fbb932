"""The running testbed, as a scenario sees it: kubectl, pods, and what travels between them."""

import json
import os
import subprocess
import time
import urllib.request


class Failure(Exception):
    """A scenario's one sentence about what was otherwise than promised."""


def run(*command, stdin=None, check=True, timeout=60):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        reason = "; ".join(done.stderr.strip().splitlines())
        raise Failure(f"`{' '.join(command[:8])}` failed: {reason}")
    return done


def kubectl(*arguments, **options):
    return run("kubectl", *arguments, **options)


def get(*arguments):
    return json.loads(kubectl("get", "-o", "json", *arguments).stdout)


def apply(*manifests):
    """Creates them. A pod of a new namespace is refused until its service account is there."""
    items = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    kubectl("apply", "-f", "-", stdin=items)


def wait_for(what, condition, seconds=60):
    """Until the condition gives something true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise Failure(f"{what} did not happen within {seconds} s")
        time.sleep(0.2)


def make_namespace(manifest):
    name = manifest["metadata"]["name"]
    apply(manifest)
    wait_for(f"the service account of {name}", lambda: kubectl(
        "get", "serviceaccount", "default", "-n", name, check=False).returncode == 0)


class Answer:
    """What a client in a pod printed: the listeners its request went through, in the order of the
    way back, and what the application that answered saw: name, peer, local."""

    def __init__(self, text):
        self.text = text.strip()
        self.via = [line.partition(":")[2].strip() for line in self.text.splitlines()
                    if line.lower().startswith("x-sluice-via:")]
        words = self.text.splitlines()[-1].split() if self.text else []
        self.name = words[0] if words else ""
        self.fields = dict(word.split("=", 1) for word in words if "=" in word)

    @property
    def peer(self):
        """Its address, without the port."""
        return self.fields.get("peer", "").rpartition(":")[0].strip("[]")


def bracketed(address):
    return f"[{address}]" if ":" in address else address


class Pod:
    def __init__(self, namespace, name):
        self.namespace, self.name = namespace, name

    def __str__(self):
        return f"{self.namespace}/{self.name}"

    def get(self):
        return get("pod", self.name, "-n", self.namespace)

    def exists(self):
        return kubectl("get", "pod", self.name, "-n", self.namespace, check=False).returncode == 0

    def ready(self):
        conditions = self.get()["status"].get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def wait_ready(self, seconds=90):
        wait_for(f"the readiness of pod {self}", lambda: self.exists() and self.ready(), seconds)
        return self

    @property
    def addresses(self):
        return [entry["ip"] for entry in self.get()["status"].get("podIPs", [])]

    def exec(self, *command, check=True):
        return kubectl("exec", "-n", self.namespace, self.name, "-c", "app", "--", *command,
                       check=check)

    def ask(self, protocol, address, port, *more):
        """What the application's client in this pod prints, as the application's user."""
        done = self.exec("app", protocol, f"{bracketed(address)}:{port}", *more)
        return Answer(done.stdout)

    def delete(self, wait=True):
        kubectl("delete", "pod", self.name, "-n", self.namespace, f"--wait={str(wait).lower()}")

    def events(self, reason):
        found = get("events", "-n", self.namespace, "--field-selector",
                    f"involvedObject.name={self.name},reason={reason}")
        return [event["message"] for event in found["items"]]


def expect(what, seen, wanted):
    if seen != wanted:
        raise Failure(f"{what}: expected {wanted or 'nothing'}, saw {seen or 'nothing'}")


def node_ask(address, port):
    """The same request from the node itself, whose address kubelet's probes come from."""
    from http.client import HTTPConnection
    connection = HTTPConnection(address, port, timeout=3)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        marks = "".join(f"x-sluice-via: {value}\n"
                        for value in response.headers.get_all("x-sluice-via") or [])
        return Answer(marks + response.read().decode())
    except OSError as error:
        raise Failure(f"the node could not reach {address} port {port}: {error}") from error
    finally:
        connection.close()


def node_text(address, port, path):
    """A page, as the node itself gets it."""
    try:
        with urllib.request.urlopen(f"http://{address}:{port}{path}", timeout=5) as response:
            return response.read().decode()
    except OSError as error:
        raise Failure(f"the node could not get {path} of {address} port {port}: {error}") from error


def load_environment(testbed):
    """Takes over what the testbed's `env` exports."""
    shell = 'set -a; . "$1"; env -0'
    exported = run("bash", "-c", shell, "env", f"{testbed}/env").stdout
    os.environ.update(pair.split("=", 1) for pair in exported.split("\0") if "=" in pair)
