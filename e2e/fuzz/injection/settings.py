"""Random settings: the values, mesh configuration, templates and switches of an installation.

Istio's own come out of its chart, as `helm template` renders it from the module of the testbed; a
random installation is that one with a list of changes, which can be taken back one by one.
"""

import json
import os
import subprocess

import yaml

import user_templates

HERE = os.path.dirname(os.path.abspath(__file__))
TESTBED = os.path.join(HERE, "../../testbed")

PROXY = "global.proxy."
VALUES = {
    PROXY + "includeIPRanges": ["*", "10.0.0.0/8", ""], PROXY + "excludeIPRanges": ["10.9.0.0/16"],
    PROXY + "includeInboundPorts": ["80,443", ""], PROXY + "excludeInboundPorts": ["22", "15020"],
    PROXY + "includeOutboundPorts": ["3306"], PROXY + "excludeOutboundPorts": ["25", "25,465"],
    PROXY + "statusPort": [15099, 0, "15020"], PROXY + "readinessInitialDelaySeconds": [5],
    PROXY + "readinessPeriodSeconds": [2], PROXY + "readinessFailureThreshold": [1000000, 30],
    PROXY + "image": ["my/proxy:3", "proxyv9"], PROXY + "logLevel": ["debug"], PROXY + "componentLogLevel": ["a:b,c:d"],
    PROXY + "outlierLogPath": ["/dev/stdout"], PROXY + "privileged": [True], PROXY + "capNetBindService": ["true", "false"],
    PROXY + "holdApplicationUntilProxyStarts": [True, False], PROXY + "clusterDomain": ["example.org"],
    PROXY + "lifecycle": [{"preStop": {"exec": {"command": ["sh", "-c", "sleep 5"]}}}, {"postStart": {"exec": {"command": ["true"]}}}],
    PROXY + "startupProbe.enabled": [False], PROXY + "startupProbe.failureThreshold": [3],
    PROXY + "tracer": ["datadog", "lightstep", "zipkin"], PROXY + "seccompProfile": [{"type": "RuntimeDefault"}],
    PROXY + "resources": [{}, None, {"limits": {"cpu": None, "memory": "1Gi"}, "requests": {"cpu": "0.1", "memory": None}},
                          {"requests": {"cpu": "1", "memory": "1048576"}}],
    "global.proxy_init.image": ["my/init:1"], "global.proxy_init.forceApplyIptables": [True],
    "global.hub": ["docker.io/istio", "r.example:5000/x"], "global.tag": ["1.29.0", 1.29, 129, "1.29-distroless"],
    "global.variant": ["distroless", "debug", "default"], "global.imagePullPolicy": ["IfNotPresent", "Always"],
    "global.imagePullSecrets": [["regcred"], ["a", "b"]], "global.caAddress": ["ca.example:15012"],
    "global.caName": ["GkeWorkloadCertificate"], "global.pilotCertProvider": ["kubernetes", "none"],
    "global.sts.servicePort": [15463], "global.logAsJson": [True], "global.logging.level": ["default:debug,dns:info"],
    "global.meshID": ["mesh1"], "global.network": ["network1"], "global.multiCluster.clusterName": ["cluster-7"],
    "global.mountMtlsCerts": [True], "global.nativeNftables": [True], "global.istioNamespace": ["mesh"],
    "global.trustBundleName": ["my-root"], "global.sds.token.aud": ["other-ca"], "global.trustDomain": ["td.example"],
    "sidecarInjectorWebhook.rewriteAppHTTPProbe": [False], "revision": ["canary"],
    "pilot.cni.provider": ["multus"], "pilot.env": [{"ENABLE_CLUSTER_TRUST_BUNDLE_API": True}, {"OTHER": "x"}],
}

CONFIG = "defaultConfig."
MESH = {
    CONFIG + "concurrency": [0, 2], CONFIG + "drainDuration": ["20s", "90s"], CONFIG + "terminationDrainDuration": ["7s", "5s"],
    CONFIG + "proxyMetadata": [{"ISTIO_META_DNS_CAPTURE": "true"}, {"B": "2", "A": "1"}, {"IPTABLES_TRACE_LOGGING": "true"},
                               {"ISTIO_META_ENABLE_HBONE": "true"}, {"ISTIO_META_CLUSTER_ID": "meta"}],
    CONFIG + "holdApplicationUntilProxyStarts": [True, False], CONFIG + "interceptionMode": ["TPROXY", "REDIRECT"],
    CONFIG + "statusPort": [15099], CONFIG + "image": [{"imageType": "debug"}, {"imageType": "distroless"}],
    CONFIG + "tracing": [{"zipkin": {"address": "zipkin:9411"}}, {"sampling": 50}, {"lightstep": {"address": "l:1", "accessToken": "t"}},
                         {"tlsSettings": {"mode": "SIMPLE", "caCertificates": "/etc/ls/ca.pem"}}],
    CONFIG + "extraStatTags": [["a", "b"]], CONFIG + "gatewayTopology": [{"numTrustedProxies": 1}],
    CONFIG + "proxyStatsMatcher": [{"inclusionSuffixes": ["x"]}], CONFIG + "serviceCluster": ["sc"],
    CONFIG + "meshId": ["m2"], CONFIG + "controlPlaneAuthPolicy": ["NONE", "MUTUAL_TLS"], CONFIG + "statNameLength": [189, 250],
    CONFIG + "readinessProbe": [{"tcpSocket": {"port": 1}}], CONFIG + "configPath": ["./etc/istio/proxy", "/other"],
    CONFIG + "runtimeValues": [{"b": "2", "a": "1"}], CONFIG + "caCertificatesPem": [["PEM"]],
    CONFIG + "proxyHeaders": [{"forwardedClientCert": "SANITIZE", "server": {"disabled": True}}],
    CONFIG + "discoveryAddress": ["istiod-canary.mesh.svc:15012"],
    "enablePrometheusMerge": [False, True], "trustDomain": ["td"], "proxyListenPort": [15101], "proxyInboundListenPort": [15106],
    "inboundTrafficPolicy": [{"mode": "LOCALHOST"}, {"mode": "PASSTHROUGH"}], "rootNamespace": ["root"],
    "accessLogFile": ["/dev/stdout"], "outboundTrafficPolicy": [{"mode": "REGISTRY_ONLY"}], "meshMTLS": [{"minProtocolVersion": "TLSV1_3"}],
    "extensionProviders": [[{"name": "otel", "opentelemetry": {"service": "o.svc", "port": 4317,
                                                              "serviceAttributeEnrichment": "OTEL_SEMANTIC_CONVENTIONS"}}]],
    "defaultProviders": [{"metrics": ["prometheus"], "tracing": ["otel"]}, {}],
}
SWITCHES = {"native": [True], "revision": ["canary"], "compliance": ["fips-140-2", "fips-140-3"]}

# What only the webhook honours.
CONFIG_FILE = {
    "policy": ["disabled", "enabled", "", "Enabled"],
    "neverInjectSelector": [[{"matchExpressions": [{"key": "app", "operator": "Exists"}]}],
                            [{}, {"matchLabels": {"version": "v1"}}],
                            [{"matchExpressions": [{"key": "version", "operator": "NotIn", "values": ["v1", "v2"]}]}],
                            [{"matchExpressions": [{"key": "app", "operator": "Odd"}]}]],
    "alwaysInjectSelector": [[{"matchLabels": {"app": "reviews"}}], [{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}],
                             [{"matchExpressions": [{"key": "version", "operator": "In", "values": ["12", "v1"]}]}]],
    "defaultTemplates": [["sidecar"], ["gateway"], ["both"], ["sidecar", "labels"], []],
    "aliases": [{"both": ["sidecar", "labels"]}, {"both": ["labels", "sidecar"], "sidecar": ["grpc-simple"]}],
    "injectedAnnotations": [{"example.com/by": "injector"}, {"istio.io/rev": "mine", "example.com/text": "over"}, {}],
}
REQUEST = {
    "path": ["/inject/cluster/c1/net/n1", "/inject/net/n2", "/inject/foo/a--slash--b/PILOT_CERT_PROVIDER/x", "/inject/odd",
             "/inject/:ENV:cluster=c2:ENV:foo=bar", "/inject/", "/inject/cluster/c1?timeout=10s", "/inject/a/b/a/c"],
    "in": ["kube-system", "kube-public", "local-path-storage", "istio-system", "openshift-range", "openshift-bad"],
    "platform": ["openshift"],
}


def tool(name):
    done = subprocess.run([f"{TESTBED}/build", name], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(77 if done.returncode == 77 else f"inject: there is no {name}: e2e/testbed/build says why.")
    return f"{done.stdout.strip()}/{name}"


class Installation:
    """What Istio's chart gives: read once, changed in copies."""

    def __init__(self):
        self.istioctl, helm = tool("istioctl"), tool("helm")
        module = subprocess.run(["go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio"], cwd=f"{TESTBED}/istio",
                                stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        chart = f"{module}/manifests/charts/istio-control/istio-discovery"
        rendered = subprocess.run([helm, "template", "istiod", chart, "--namespace", "istio-system",
                                   "--set", "pilot.cni.enabled=true"], stdout=subprocess.PIPE, text=True, check=True).stdout
        maps = {d["metadata"]["name"]: d["data"] for d in yaml.load_all(rendered, yaml.CSafeLoader)
                if d and d["kind"] == "ConfigMap"}
        self.config = yaml.load(maps["istio-sidecar-injector"]["config"], yaml.CSafeLoader)
        self.values = json.loads(maps["istio-sidecar-injector"]["values"])
        self.mesh = yaml.load(maps["istio"]["mesh"], yaml.CSafeLoader)
        # So that an old injector fails; no injector that knows `templates` reads it.
        self.config.pop("template", None)

    def settings(self):
        """Unchanged."""
        return Settings(self, [])


def put(document, path, value):
    *way, last = path.split(".") if not path.startswith("=") else [path[1:]]
    for name in way:
        document = document.setdefault(name, {})
    document[last] = value


class Settings:
    """An installation with changes: (part, path, value), part being values, mesh, template or switch."""

    def __init__(self, installation, changes):
        self.installation, self.changes = installation, changes

    def without(self, index):
        return Settings(self.installation, self.changes[:index] + self.changes[index + 1:])

    def part(self, name, base):
        document = json.loads(json.dumps(base))
        for part, path, value in self.changes:
            if part == name:
                put(document, path, value)
        return document

    @property
    def values(self):
        return self.part("values", self.installation.values)

    @property
    def mesh(self):
        return self.part("mesh", self.installation.mesh)

    @property
    def user_templates(self):
        return {path: value for part, path, value in self.changes if part == "template"}

    @property
    def config(self):
        config = self.part("config", self.installation.config)
        config["templates"] |= self.user_templates
        return config

    def switch(self, name):
        return next((value for part, path, value in self.changes if (part, path) == ("switch", name)), None)

    def describe(self):
        return "\n".join(f"  {part} {path}: {json.dumps(value)}" for part, path, value in self.changes) or "  (Istio's own)"


def names_nothing(changes):
    """Whether the default template is an alias that is not there."""
    config = {path: value for part, path, value in changes if part == "config"}
    return config.get("defaultTemplates") == ["both"] and "aliases" not in config


def without_orphans(changes):
    """Without the templates that change a proxy, where an alias puts what has none in the sidecar's place."""
    aliases = next((value for part, path, value in changes if (part, path) == ("config", "aliases")), {})
    if "sidecar" not in aliases:
        return changes
    return [change for change in changes if change[0] != "template" or change[1] not in user_templates.PATCHES]


def random_settings(rng, installation, most=4, webhook=False):
    def some(vocabulary, count):
        return [(path, rng.choice(vocabulary[path])) for path in rng.sample(sorted(vocabulary), rng.randint(0, count))]

    changes = [("values", *change) for change in some(VALUES, most)]
    changes += [("mesh", *change) for change in some(MESH, most)]
    changes += [("switch", *change) for change in some(SWITCHES, 2)]
    changes += [("template", name, text) for name, text in user_templates.choose(rng)]
    if webhook or rng.random() < 0.3:
        changes += [("config", *change) for change in some(CONFIG_FILE, 3)]
        if any(path in ("defaultTemplates", "aliases") for part, path, _ in changes if part == "config"):
            changes.append(("template", "labels", user_templates.FIXED["labels"]))
        if names_nothing(changes):
            # Sluice refuses such a configuration when it loads it, istiod each of its pods, istioctl nothing.
            changes.append(("config", "aliases", {"both": ["sidecar", "labels"]}))
    changes = without_orphans(changes)
    if webhook:
        changes = [change for change in changes if change[:2] != ("switch", "revision")]
        changes += [("switch", *change) for change in some(REQUEST, 3)]
    return Settings(installation, changes)
