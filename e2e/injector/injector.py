"""One sluice-injector with files of its own, and clients for it."""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

CONFIG = """policy: enabled
defaultTemplates: [sidecar]
templates:
  sidecar: |
    metadata:
      annotations:
        mark: MARK
    spec:
      containers:
      - name: istio-proxy
        image: proxy:1
        env:
        - name: POD
          value: {{ .ObjectMeta.Name | quote }}
"""


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def certificate(directory, name):
    """A self-signed certificate for loopback, as the files NAME.crt and NAME.key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.crt"],
                   check=True, capture_output=True)


class Injector:
    def __init__(self, binary):
        self.binary = binary
        self.directory = tempfile.mkdtemp()
        self.mount = self.directory + "/mount"
        self.log = self.directory + "/log"
        self.port = free_port()
        self.probe_port = free_port()
        self.process = None
        self.versions = 0
        os.mkdir(self.mount)
        certificate(self.directory, "first")
        certificate(self.directory, "second")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        if error[0]:
            print(open(self.log).read()[-4000:])
        shutil.rmtree(self.directory)

    def publish(self, config=CONFIG, certificate_name="first"):
        """Changes every mounted file at once, as the kubelet does."""
        self.versions += 1
        version = f"..v{self.versions}"
        os.mkdir(f"{self.mount}/{version}")
        with open(f"{self.mount}/{version}/config", "w") as file:
            file.write(config)
        for kind in ("crt", "key"):
            shutil.copy(f"{self.directory}/{certificate_name}.{kind}",
                        f"{self.mount}/{version}/tls.{kind}")
        os.symlink(version, self.mount + "/..next")
        os.rename(self.mount + "/..next", self.mount + "/..data")
        for name in ("config", "tls.crt", "tls.key"):
            if not os.path.lexists(f"{self.mount}/{name}"):
                os.symlink("..data/" + name, f"{self.mount}/{name}")

    def start(self, *options, address="127.0.0.1", prepare=None):
        """`prepare` is called in the new process, before it becomes the injector."""
        self.publish()
        self.process = subprocess.Popen(
            [self.binary, "--listen", f"{address}:{self.port}",
             "--metrics-listen", f"{address}:{self.probe_port}",
             "--tls-cert", self.mount + "/tls.crt", "--tls-key", self.mount + "/tls.key",
             "--inject-config", self.mount + "/config", "--native-sidecars", "false", *options],
            stderr=open(self.log, "w"), env={}, preexec_fn=prepare)
        self.until(lambda: self.probe("/readyz")[0] == 200)

    @staticmethod
    def until(condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "not within the time"
            time.sleep(0.01)

    def probe(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.probe_port}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.probe("/metrics")[1], re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def said(self, text):
        return text in open(self.log).read()

    def client(self, certificate_name="first"):
        trust = ssl.create_default_context(cafile=f"{self.directory}/{certificate_name}.crt")
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=trust, timeout=30)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def ended(self):
        return self.process.wait(timeout=30)


def pod(number, size=0):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": f"shop-{number}", "namespace": "bookinfo",
                         "labels": {"app": f"shop-{number % 97}"},
                         "annotations": {"filler": "x" * size}},
            "spec": {"containers": [{"name": "app", "image": f"app:{number}",
                                     "env": [{"name": "NUMBER", "value": str(number)}]}]}}


def review(number, size=0):
    return json.dumps({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {"uid": f"uid-{number}", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "namespace": "bookinfo", "operation": "CREATE", "object": pod(number, size)}})


def ask(client, body, path="/inject?timeout=10s"):
    """The response of a review, and whether the server wants the connection to end."""
    client.request("POST", path, body, {"Content-Type": "application/json"})
    answer = client.getresponse()
    text = answer.read()
    assert answer.status == 200, (answer.status, text)
    return json.loads(text)["response"], answer.getheader("Connection") == "close"


def patch_of(response):
    assert response["allowed"], response
    return json.loads(base64.b64decode(response["patch"]))
