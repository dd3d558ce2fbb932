"""sluice-injector with a certificate that somebody else issues, renews and puts into the webhook
configurations, as cert-manager does: here it is this file, with openssl and kubectl."""

import base64
import json
import os
import socket
import ssl
import tempfile

import manifests
import mesh
from cluster import expect, get, kubectl, make_namespace, run, wait_for
from scenarios import all_scenarios

NAMESPACE = "certificates"
OWN = mesh.INJECTOR_NAMESPACE
HOST = f"sluice-injector.{OWN}.svc"
PATCH = os.path.join(os.path.dirname(__file__), "../../conf/deploy/injector/certificate-patch.yaml")


def issue(directory, name):
    """A new authority and a certificate by it, as files of that name."""
    at = f"{directory}/{name}"
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("openssl", "req", "-x509", *new_key, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{at}.ca.key", "-out", f"{at}.ca")
    run("openssl", "req", *new_key, "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
        "-keyout", f"{at}.key", "-out", f"{at}.csr")
    run("openssl", "x509", "-req", "-in", f"{at}.csr", "-days", "2", "-CA", f"{at}.ca", "-CAkey", f"{at}.ca.key",
        "-copy_extensions", "copy", "-out", f"{at}.crt")
    return at


def put_secret(at):
    manifest = kubectl("create", "secret", "tls", "sluice-injector-certificate", "-n", OWN, f"--cert={at}.crt",
                       f"--key={at}.key", "--dry-run=client", "-o", "json").stdout
    kubectl("apply", "-f", "-", stdin=manifest)


def trust(*authorities):
    """The caBundle of both webhook configurations."""
    bundle = base64.b64encode("".join(open(f"{at}.ca", encoding="ascii").read() for at in authorities).encode()).decode()
    for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration"):
        count = len(get(kind, "sluice-injector")["webhooks"])
        kubectl("patch", kind, "sluice-injector", "--type=json", "-p", json.dumps(
            [{"op": "add", "path": f"/webhooks/{i}/clientConfig/caBundle", "value": bundle} for i in range(count)]))


def served_by(at):
    """Whether every replica, old ones that have not ended too, shows a certificate of this authority."""
    context = ssl.create_default_context(cafile=f"{at}.ca")
    pods = get("pods", "-n", OWN, "-l", "app.kubernetes.io/name=sluice-injector")["items"]
    for address in [pod["status"]["podIP"] for pod in pods]:
        try:
            with socket.create_connection((address, 8443), 5) as plain:
                context.wrap_socket(plain, server_hostname=HOST).close()
        except OSError:
            return False
    return True


def make_pod(name, **options):
    """One that needs no node to have its proxy."""
    manifest = manifests.pod(NAMESPACE, name, mesh.plain(name))
    manifest["spec"]["nodeSelector"] = {"kubernetes.io/hostname": "nowhere"}
    return kubectl("create", "-o", "json", "-f", "-", stdin=json.dumps(manifest), **options)


def expect_injected(name):
    made = json.loads(make_pod(name).stdout)
    expect(f"the init containers of {name}", mesh.names(made["spec"], "initContainers"), [mesh.PROXY])


def a_certificate_of_another_authority_is_renewed():
    """In the Secret and in the caBundle, by another authority: no pod is refused meanwhile."""
    mesh.use("sluice")
    mesh.active.clear()  # it will be another one
    namespace = manifests.namespace(NAMESPACE, "restricted")
    namespace["metadata"]["labels"]["istio-injection"] = "enabled"
    make_namespace(namespace)
    with tempfile.TemporaryDirectory() as directory:
        first, second = issue(directory, "first"), issue(directory, "second")
        put_secret(first)
        kubectl("patch", "deployment", "sluice-injector", "-n", OWN, "--patch-file", PATCH)
        kubectl("rollout", "status", "deployment/sluice-injector", "-n", OWN, "--timeout=120s", timeout=150)
        wait_for("the first authority's certificate", lambda: served_by(first), 90)
        trust(first)
        wait_for("the API server's trust", lambda: make_pod("by-the-first", check=False).returncode == 0, 30)
        trust(first, second)
        put_secret(second)
        made = iter(range(10_000))

        def renewed():
            expect_injected(f"meanwhile-{next(made)}")
            return served_by(second)
        wait_for("the second authority's certificate", renewed, 150)
        trust(second)
        expect_injected("by-the-second")
        expect("pods that were made meanwhile", next(made) > 3, True)


all_scenarios["mesh/certificates/renewed-by-another-authority"] = a_certificate_of_another_authority_is_renewed
