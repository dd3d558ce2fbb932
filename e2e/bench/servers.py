"""The webhooks that `inject` compares, and how each is started."""

import json
import os
import subprocess
import sys

from bench import ROOT, sh, skip, testbed

sys.path.insert(0, f"{ROOT}/e2e/fuzz/injection")

from settings import Installation  # noqa: E402

BUILD_HINT = "cmake --build --preset release --target "


class Contender:
    def __init__(self, name, port, argv, ca, env=None):
        self.name, self.port, self.argv, self.ca, self.env = name, port, argv, ca, env or {}


def certificate(bench):
    """For 127.0.0.1, its own authority."""
    key, crt = f"{bench.dir}/server.key", f"{bench.dir}/server.crt"
    sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
       "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", crt)
    return key, crt


def configuration(bench):
    """Istio's own, in files: where istiod looks for them, which sluice-injector is told."""
    installation = Installation()
    os.makedirs(f"{bench.dir}/var/lib/istio/inject")
    for name, document in [("var/lib/istio/inject/config", installation.config),
                           ("var/lib/istio/inject/values", installation.values), ("mesh", installation.mesh)]:
        bench.write(name, json.dumps(document))
    return ["--inject-config", f"{bench.dir}/var/lib/istio/inject/config",
            "--values", f"{bench.dir}/var/lib/istio/inject/values", "--mesh-config", f"{bench.dir}/mesh"]


def line_up(bench, build):
    """All contenders that can run here."""
    key, crt = certificate(bench)
    files = configuration(bench)
    field = [contender for contender in [
        injector("sluice-injector", 26601, build, key, crt, files),
        injector("sluice-injector --builtin", 26602, build, key, crt, ["--builtin"]),
        floor(26603, build, key, crt), istiod(bench, 26604)] if contender]
    if not field:
        sys.exit("there is nobody to compare")
    return field


def injector(name, port, build, key, crt, configured):
    program = f"{build}/bin/sluice-injector"
    if not os.path.exists(program):
        skip(name, BUILD_HINT + "sluice-injector")
        return None
    return Contender(name, port, [program, "--listen", f"127.0.0.1:{port}", "--metrics-listen", f"127.0.0.1:{port + 100}",
                                  "--tls-cert", crt, "--tls-key", key, "--native-sidecars", "true", "--threads", "1",
                                  *configured], crt)


def floor(port, build, key, crt):
    program = f"{build}/e2e/bench/sluice_bench_constant"
    if not os.path.exists(program):
        skip("the floor", BUILD_HINT + "sluice_bench_constant")
        return None
    return Contender("floor", port, [program, str(port), crt, key], crt)


def istiod(bench, port):
    state = (testbed('[[ -e $state/istio/ca/istiod.crt ]] && pid_of kube-apiserver >/dev/null && echo "$state"') or "").strip()
    if not state:
        skip("istiod", "Start a cluster (e2e/testbed/up build/release/bin/sluice-cni) and e2e/testbed/install-istio.")
        return None
    return Contender("istiod", port, [f"{ROOT}/e2e/testbed/istiod", bench.dir, "127.0.0.1", str(port), str(port + 100)],
                     f"{state}/istio/ca/ca-cert.pem", {"ENABLE_NATIVE_SIDECARS": "true"})


def render_alone(bench, build, bodies):
    """Pods through the injector's library, without a server."""
    program = f"{build}/e2e/bench/sluice_bench_injections"
    if not os.path.exists(program):
        skip("injecting alone", BUILD_HINT + "sluice_bench_injections")
        return {}
    results = {}
    for name, files in [("Istio's template", [f"{bench.dir}/var/lib/istio/inject/config",
                                              f"{bench.dir}/var/lib/istio/inject/values", f"{bench.dir}/mesh"]),
                        ("built-in", [])]:
        done = subprocess.run(["taskset", "-c", "0", program, bodies, *files], stdout=subprocess.PIPE, text=True, check=True)
        per_second, p50, p99 = map(float, done.stdout.split())
        results[name] = {"per_second": per_second, "p50_ms": p50 / 1e6, "p99_ms": p99 / 1e6}
    return results
