"""A small world for sluice-cni: network namespaces, an HTTPS API server that can misbehave, and the
plugin called as a runtime calls it. Python's standard library, openssl, ip and nft; root."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

TOKEN = "test-token"


def sh(*command, **kw):
    return subprocess.run(command, check=True, capture_output=True, text=True, **kw).stdout


class Pki:
    """A throw-away authority and a certificate of it for each set of names."""

    def __init__(self, directory):
        self.directory = directory
        self.count = 0
        self.ca = self._authority("ca")

    def _authority(self, name):
        cert, key = f"{self.directory}/{name}.pem", f"{self.directory}/{name}.key"
        sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
           "-nodes", "-subj", f"/CN={name}", "-days", "1", "-keyout", key, "-out", cert)
        return cert, key

    def other_authority(self):
        return self._authority("other")[0]

    def issue(self, names):
        self.count += 1
        base = f"{self.directory}/server{self.count}"
        with open(base + ".ext", "w") as extensions:
            extensions.write("subjectAltName=" + names)
        sh("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", "/CN=api", "-keyout", base + ".key", "-out", base + ".csr")
        sh("openssl", "x509", "-req", "-in", base + ".csr", "-CA", self.ca[0], "-CAkey", self.ca[1],
           "-CAcreateserial", "-days", "1", "-extfile", base + ".ext", "-out", base + ".pem")
        return base + ".pem", base + ".key"


class Api:
    """Serves `answer(connection, path, headers)` over TLS, one thread for each connection. `answer`
    writes raw bytes, so that it can be as wrong as a test needs."""

    def __init__(self, pki, answer, names="IP:127.0.0.1"):
        self.answer = answer
        self.requests = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*pki.issue(names))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                request = b""
                while b"\r\n\r\n" not in request:
                    part = tls.recv(4096)
                    if not part:
                        return
                    request += part
                lines = request.decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
                path = lines[0].split()[1]
                self.requests.append(path)
                self.answer(tls, path, headers)
        except (OSError, ssl.SSLError):
            pass  # the client went away, which some tests want

    def close(self):
        # Closing alone would leave the thread in accept(), on a number that the next socket gets.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed before
        self.thread.join()
        self.listener.close()


def http(status, body, headers=""):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def kube_status(code, reason, message):
    return http(f"{code} {reason}", {"kind": "Status", "apiVersion": "v1", "status": "Failure",
                                     "message": message, "reason": reason, "code": code})


def pod(name="details", namespace="default", uid="uid-1", annotations=None, **spec):
    """A pod as an injector leaves it."""
    marks = {"sidecar.istio.io/status": '{"revision":"default"}'}
    marks.update(annotations or {})
    containers = [{"name": "app", "image": "app"},
                  {"name": "istio-proxy", "image": "proxy", "args": ["proxy", "sidecar"],
                   "securityContext": {"runAsUser": 1337, "runAsGroup": 1337}}]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "uid": uid, "annotations": marks},
            "spec": {"containers": containers, **spec}}


class Outcome:
    def __init__(self, process, seconds):
        self.code, self.out, self.err, self.seconds = (
            process.returncode, process.stdout, process.stderr, seconds)

    @property
    def error(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.code}, stdout {self.out!r}, stderr {self.err!r}"


class World:
    """Everything a scenario needs, and gone after it."""

    def __init__(self, binary):
        self.binary = binary
        self.dir = tempfile.mkdtemp(prefix="sluice-test-")
        self.pki = Pki(self.dir)
        self.state = self.dir + "/state"
        self.namespaces = []
        self.apis = []

    def close(self):
        for name in self.namespaces:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        for api in self.apis:
            api.close()
        shutil.rmtree(self.dir)

    def netns(self):
        name = f"sluice-test-{os.getpid()}-{len(self.namespaces)}"
        sh("ip", "netns", "add", name)
        self.namespaces.append(name)
        return "/run/netns/" + name

    def api(self, answer, names="IP:127.0.0.1"):
        server = Api(self.pki, answer, names)
        self.apis.append(server)
        return server

    def serving(self, *pods):
        """An API server that knows these pods."""
        known = {f"/api/v1/namespaces/{p['metadata']['namespace']}/pods/{p['metadata']['name']}": p
                 for p in pods}

        def answer(connection, path, headers):
            if headers.get("authorization") != "bearer " + TOKEN:
                connection.sendall(kube_status(401, "Unauthorized", "Unauthorized"))
            elif path in known:
                connection.sendall(http("200 OK", known[path]))
            else:
                connection.sendall(kube_status(404, "NotFound", "pods not found"))
        return self.api(answer)

    def kubeconfig(self, port, host="127.0.0.1", ca=None, **user):
        path = f"{self.dir}/kubeconfig{port}{host}"
        with open(path, "w") as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c",
                       "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
                       "clusters": [{"name": "k", "cluster": {
                           "server": f"https://{host}:{port}",
                           "certificate-authority": ca or self.pki.ca[0]}}],
                       "users": [{"name": "u", "user": user or {"token": TOKEN}}]}, file)
        return path

    def conf(self, kubeconfig="", version="1.0.0", **more):
        return {"cniVersion": version, "name": "podnet", "type": "sluice-cni", "podSource": "api",
                "kubeconfig": kubeconfig, "stateDir": self.state, "timeout": "2s", **more}

    def environment(self, command, netns="", name="details", namespace="default", uid="uid-1",
                    container="c1", **more):
        variables = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0",
                     "CNI_PATH": "/opt/cni/bin", "CNI_NETNS": netns,
                     "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE={namespace};"
                                 f"K8S_POD_NAME={name};K8S_POD_INFRA_CONTAINER_ID={container};"
                                 f"K8S_POD_UID={uid}"}
        variables.update(more)
        return {key: value for key, value in variables.items() if value is not None}

    def run(self, conf, environment, prefix=()):
        """Calls the plugin; `conf` is a configuration or the bytes of stdin."""
        text = conf if isinstance(conf, str) else json.dumps(conf)
        start = time.monotonic()
        process = subprocess.run([*prefix, self.binary], input=text, env=environment,
                                 capture_output=True, text=True, timeout=60)
        return Outcome(process, time.monotonic() - start)

    def call(self, command, conf, netns="", **more):
        return self.run(conf, self.environment(command, netns, **more))


def in_a_world(scenario, binary, *arguments):
    """Plays a scenario in a world of its own."""
    world = World(binary)
    try:
        return scenario(world, *arguments)
    finally:
        world.close()


def table(netns):
    """The redirect's table as nft lists it, or nothing."""
    listed = subprocess.run(["nsenter", "--net=" + netns, "nft", "list", "table", "inet", "sluice"],
                            capture_output=True, text=True)
    return listed.stdout if listed.returncode == 0 else None
