"""Random workloads: every kind that has a pod template, and all that an injector looks at in one.

A value that the injectors refuse is `bad`; documents have such values only when they are asked for,
because a refusal ends a run of istioctl.
"""

from pods import PROXIES
from user_templates import PATCHES

TRAFFIC = "traffic.sidecar.istio.io/"
SIDECAR = "sidecar.istio.io/"

# name: (values that both accept, values that both refuse)
ANNOTATIONS = {
    SIDECAR + "interceptionMode": (["REDIRECT", "TPROXY", "NONE", "TPROXY"],
                                   ["redirect", "", "IPVS"]),
    TRAFFIC + "includeOutboundIPRanges": (
        ["*", "", "10.0.0.0/8", "10.0.0.0/8,192.168.1.7/32", "fd00::/8", "10.1.2.3/8"],
        ["10.0.0.0", "10.0.0.0/33", "*,10.0.0.0/8", "nowhere"]),
    TRAFFIC + "excludeOutboundIPRanges": (
        ["", "169.254.169.254/32", "10.0.0.0/8,fd00::/8"], ["*", "10.0.0.256/8"]),
    TRAFFIC + "includeInboundPorts": (["*", "", "80", "80,443", " 80 , 443"], ["http", "80,,443", "65536"]),
    TRAFFIC + "excludeInboundPorts": (["", "22", "22,2222", "15020"], ["*", "-1", "22;23", "0"]),
    TRAFFIC + "includeOutboundPorts": (["", "3306", "3306,5432"], []),
    TRAFFIC + "excludeOutboundPorts": (["", "25", "25,465"], ["*", "smtp"]),
    TRAFFIC + "excludeInterfaces": (["eth1", "eth1,net2", "br-0.1"], ["a,,b", "an-interface-too-long"]),
    TRAFFIC + "kubevirtInterfaces": (["net1", "net1,k6t-net2"], ["1net"]),
    "istio.io/reroute-virtual-interfaces": (["virbr0", "virbr0,net1"], ["a b"]),
    "status.sidecar.istio.io/port": (["15020", "15099", "0", "123"], ["abc", "65536", ""]),
    "readiness.status.sidecar.istio.io/initialDelaySeconds": (["0", "7", "2147483647"], ["-1", "1s"]),
    "readiness.status.sidecar.istio.io/periodSeconds": (["1", "30"], ["1.5"]),
    "readiness.status.sidecar.istio.io/failureThreshold": (["1", "300"], ["many"]),
    "readiness.status.sidecar.istio.io/applicationPorts": (["80,443", ""], []),
    SIDECAR + "proxyImage": (["busybox", "docker.io/istio/proxyv2:1.29", "local/proxy"], []),
    SIDECAR + "proxyImageType": (["distroless", "debug", "default", "slim"], []),
    SIDECAR + "proxyCPU": (["100m", "0.5", "2", "1e-1"], ["lots", "1 2"]),
    SIDECAR + "proxyMemory": (["128Mi", "1G", "1e6"], ["128mb"]),
    SIDECAR + "proxyCPULimit": (["1", "2000m"], ["1Zi"]),
    SIDECAR + "proxyMemoryLimit": (["1Gi", "536870912"], ["1GB"]),
    SIDECAR + "logLevel": (["debug", "warning", "info"], []),
    SIDECAR + "componentLogLevel": (["misc:error", "http:debug,conn:trace"], []),
    SIDECAR + "agentLogLevel": (["default:debug", "dns:debug,xds:info"], []),
    SIDECAR + "nativeSidecar": (["true", "false"], []),
    SIDECAR + "capNetBindService": (["true", "false", "yes"], []),
    SIDECAR + "bootstrapOverride": (["bootstrap", "a-config-map"], []),
    SIDECAR + "userVolume": (
        ['{"data":{"emptyDir":{}}}', '{"cm":{"configMap":{"name":"cm"}},"s":{"secret":{"secretName":"s"}}}', "{}"],
        ["[", '["a"]x']),
    SIDECAR + "userVolumeMount": (
        ['{"data":{"mountPath":"/data"}}', '{"cm":{"mountPath":"/cm","readOnly":true}}', "{}"], ["{"]),
    SIDECAR + "rewriteAppHTTPProbers": (["true", "false", "1", "0", "T", "maybe", ""], []),
    SIDECAR + "inject": (["true", "false", "", "True", "yes", "0"], []),
    "prometheus.istio.io/merge-metrics": (["true", "false", "1", "F"], ["maybe", ""]),
    "prometheus.istio.io/scrape-targets": (["8080:/metrics", "8080,9090:/stats"], ["15020:/metrics", "x:/y"]),
    "prometheus.istio.io/secure-port": (["15100"], []),
    "prometheus.io/scrape": (["true", "false", "yes", ""], []),
    "prometheus.io/port": (["9090", "8080"], ["15000", "http", "0"]),
    "prometheus.io/path": (["/metrics", "/a/b", ""], []),
    "prometheus.io.scrape": (["true", "false"], []),
    "prometheus-io/port": (["9102"], []),
    "k8s.v1.cni.cncf.io/networks": (["other", "a, b", '[{"name":"other"}]', '[{"name": "a"}, {"name": "b"}]', ""], []),
    "kubectl.kubernetes.io/default-container": (["app", "nobody"], []),
    "kubectl.kubernetes.io/default-logs-container": (["app"], []),
    "apm.datadoghq.com/env": (['{"DD_ENV":"prod","DD_SERVICE":"x"}', "{}"], []),
    "resource.opentelemetry.io/service.namespace": (["shop", "a b"], []),
    "resource.opentelemetry.io/service.version": (["v3"], []),
    "resource.opentelemetry.io/service.instance.id": (["me"], []),
    "example.com/text": (["", "on", "1e3", "0x10", "12:30", "null", "~", "a: b", "'", '"', "line\nline\n",
                          " lead", "tab\there", "ümläut ☃", "# no comment", "{x}", "2001-01-01", "0o7",
                          "- a", "trail ", "\u0085", "%", "<&>"], []),
}

PROXY_CONFIGS = (
    ["concurrency: 4", "{}", "holdApplicationUntilProxyStarts: true", "interceptionMode: TPROXY",
     "proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: 'true'\n  A: b",
     "proxyMetadata: {ISTIO_META_ENABLE_HBONE: 'true'}", "drainDuration: 20s\nterminationDrainDuration: 7s",
     '{"image":{"imageType":"debug"},"statusPort":15099}', "tracing: {zipkin: {address: 'z:9411'}, sampling: 12.5}",
     "concurrency: 0", "statNameLength: 200\nextraStatTags: [a, b]", "readinessProbe: {httpGet: {path: /x, port: 1}}",
     "proxyStatsMatcher: {inclusionRegexps: ['a.*'], inclusionPrefixes: [b]}", "controlPlaneAuthPolicy: NONE",
     "unknownField: 1", "configPath: /x\nbinaryPath: /y\nserviceCluster: z", "discoveryAddress: a:1",
     "gatewayTopology: {numTrustedProxies: 2}", "proxyAdminPort: 15000", "caCertificatesPem: ['a']",
     "image: {imageType: distroless}", "proxyHeaders: {server: {value: x}, requestId: {disabled: true}}",
     "privateKeyProvider: {cryptomb: {pollDelay: 10ms}}", "fileFlushInterval: 5s\nfileFlushMinSizeKb: 32",
     "statsCompression: false", "runtimeValues: {a: b}", "zipkinAddress: zip:1", "meshId: m"],
    ["concurrency: many", "[", "drainDuration: soon", "interceptionMode: SIDEWAYS", "proxyAdminPort: 100000"])

LABELS = {
    SIDECAR + "inject": ["true", "false", "", "True"],
    "security.istio.io/tlsMode": ["istio", "disabled", ""],
    "networking.istio.io/tunnel": ["http", "none"],
    "service.istio.io/canonical-name": ["reviews", ""],
    "service.istio.io/canonical-revision": ["v7", ""],
    "service.istio.io/workload-name": ["wl", ""],
    "topology.istio.io/network": ["network2", ""],
    "app.kubernetes.io/name": ["named", "n" * 63],
    "app.kubernetes.io/version": ["1.2.3"],
    "app": ["reviews", "on", "x" * 62 + "-"],
    "version": ["v1", "12"],
    "istio.io/rev": ["default", "canary"],
    "pod-template-hash": ["5d8f"],
    "rollouts-pod-template-hash": ["77"],
}

CONTAINER_NAMES = ["app", "web", "db", "log-shipper", "a"]
INIT_NAMES = ["migrate", "wait", "fetch"]
UNKNOWN = {"sluiceTest": {"kept": [1, "two", {"three": None}], "flag": True}}

KINDS = [  # (apiVersion, kind, weight)
    ("v1", "Pod", 5), ("apps/v1", "Deployment", 6), ("extensions/v1beta1", "Deployment", 1),
    ("apps/v1", "DaemonSet", 2), ("apps/v1", "ReplicaSet", 2), ("v1", "ReplicationController", 2),
    ("apps/v1", "StatefulSet", 2), ("batch/v1", "Job", 2), ("batch/v1", "CronJob", 2),
    ("apps.openshift.io/v1", "DeploymentConfig", 1), ("v1", "List", 1), ("v1", "Service", 1),
    ("v1", "ConfigMap", 1), ("example.com/v1", "Widget", 1),
]


class Generator:
    """`bad` makes at least one value that is to be refused; `templates` are names that a pod may
    choose beside the default."""

    def __init__(self, rng, templates, native=False, bad=False):
        self.rng, self.templates, self.native, self.bad = rng, templates, native, bad

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def some(self, values, most):
        return self.rng.sample(values, min(len(values), self.rng.randint(0, most)))

    # ---- documents ----

    def document(self, depth=0):
        if self.bad:
            version, kind, _ = self.rng.choice(KINDS[:9])
        else:
            version, kind, _ = self.rng.choices(KINDS, [w for _, _, w in KINDS])[0]
        if kind == "List":
            if depth > 1:
                kind = "Pod"
            else:
                return {"apiVersion": "v1", "kind": "List", "metadata": {},
                        "items": [self.document(depth + 1) for _ in range(self.rng.randint(0, 3))]}
        return self.workload(version, kind)

    def workload(self, version, kind):
        identity = {"name": self.rng.choice(["shop", "a", "reviews-v1", "w" * 63, "job-12345678", "x.y"])}
        if self.chance(50):
            identity["namespace"] = self.rng.choice(["default", "shop", "kube-system", "istio-system", "a-b"])
        document = {"apiVersion": version, "kind": kind, "metadata": identity}
        if kind in ("Service", "ConfigMap", "Widget"):
            return document | {"data": {"key": self.rng.choice(ANNOTATIONS["example.com/text"][0])}}
        template = self.template()
        if kind == "Pod":
            template["metadata"] |= identity
            if self.chance(10):
                template["metadata"]["generateName"] = template["metadata"].pop("name") + "-"
            if self.chance(15):
                template["metadata"]["ownerReferences"] = [self.owner(identity["name"])]
            return document | template
        if self.chance(30):
            identity["labels"] = {"app": "outer", SIDECAR + "inject": "false"}
        if kind == "CronJob":
            spec = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": template}}}
        elif kind == "DaemonSet" and self.chance(20):
            spec = {"template": template, "updateStrategy": {"type": "OnDelete"}}
        else:
            spec = {"template": template}
            if kind != "Job":
                spec["replicas"] = self.rng.randint(0, 5)
        if self.chance(50) and kind not in ("Job", "CronJob"):
            wanted = {"app": "x"}
            plain = kind in ("ReplicationController", "DeploymentConfig")
            spec["selector"] = wanted if plain else {"matchLabels": wanted}
        return document | {"spec": spec}

    def owner(self, name):
        kind, version = self.rng.choice([("ReplicaSet", "apps/v1"), ("Job", "batch/v1"), ("StatefulSet", "apps/v1"),
                                         ("ReplicationController", "v1"), ("DaemonSet", "apps/v1"),
                                         ("Widget", "example.com/v1")])
        owner = {"apiVersion": version, "kind": kind, "uid": "1f6a-5c",
                 "name": self.rng.choice([name, name + "-5d8f", name + "-28800000", "other"])}
        if self.chance(80):
            owner["controller"] = True
        return owner

    def template(self):
        metadata = {}
        labels = {name: self.rng.choice(LABELS[name]) for name in self.some(sorted(LABELS), 4)}
        if labels.get(SIDECAR + "inject") == "false" and self.chance(70):
            labels.pop(SIDECAR + "inject")
        annotations = self.annotations()
        if labels or self.chance(20):
            metadata["labels"] = labels
        if annotations or self.chance(20):
            metadata["annotations"] = annotations
        if self.chance(3):
            metadata["creationTimestamp"] = None
        spec = self.pod_spec()
        native = annotations.get(SIDECAR + "nativeSidecar") != "false"
        ordinary = any(name in annotations.get("inject.istio.io/templates", "") for name in PROXIES)
        if native and ordinary:  # The same if the user has an own one.
            spec["containers"] = [c for c in spec["containers"] if c["name"] != "istio-proxy"]
        if not native or ordinary:
            # An own istio-proxy among the init containers is for a native sidecar.
            spec["initContainers"] = [c for c in spec.get("initContainers", []) if c["name"] != "istio-proxy"]
        return {"metadata": metadata, "spec": spec}

    def annotations(self):
        names = [name for name in self.some(sorted(ANNOTATIONS), 6)
                 if name != SIDECAR + "inject" or self.chance(30)]
        chosen = {name: self.rng.choice(ANNOTATIONS[name][0]) for name in names}
        if "prometheus.io/scrape" in chosen:  # of two that disagree it is by chance which one counts
            chosen.pop("prometheus.io.scrape", None)
        if self.chance(20):
            chosen["proxy.istio.io/config"] = self.rng.choice(PROXY_CONFIGS[0])
        if self.templates and self.chance(25):
            more = self.rng.sample(self.templates, self.rng.randint(1, min(2, len(self.templates))))
            native = self.native or chosen.get(SIDECAR + "nativeSidecar") == "true"
            # Where an ordinary proxy follows a native sidecar, Istio leaves both, and no API server takes the pod.
            if native and PROXIES & {*more}:
                more = [name for name in more if name not in PATCHES]
                if self.chance(50):
                    more.append("sidecar")
            else:
                more.insert(0, "sidecar")
            chosen["inject.istio.io/templates"] = self.rng.choice([",", ", "]).join(more)
        if self.bad:
            name = self.rng.choice([n for n, (_, bad) in ANNOTATIONS.items() if bad] + ["proxy.istio.io/config", "t"])
            if name == "proxy.istio.io/config":
                chosen[name] = self.rng.choice(PROXY_CONFIGS[1])
            elif name == "t":
                chosen["inject.istio.io/templates"] = self.rng.choice(["nosuch", "sidecar,,", "Sidecar"])
            else:
                chosen[name] = self.rng.choice(ANNOTATIONS[name][1])
        return chosen

    # ---- pods ----

    def pod_spec(self):
        count = self.rng.choice([1, 1, 2, 3])
        containers = [self.container(name) for name in self.rng.sample(CONTAINER_NAMES, count)]
        spec = {"containers": containers}
        if self.chance(15):
            containers.insert(self.rng.randint(0, count), self.own_proxy())
        if self.chance(30):
            spec["initContainers"] = [self.init_container(name) for name in self.some(INIT_NAMES, 3)]
        if self.native and self.chance(4):
            spec.setdefault("initContainers", []).append(self.own_proxy() | {"restartPolicy": "Always"})
            containers[:] = [c for c in containers if c["name"] != "istio-proxy"]
        if self.chance(3) and not self.bad:
            spec["hostNetwork"] = True
        if self.chance(30):
            spec["volumes"] = self.some(VOLUMES, 4)
        for name, values in POD_FIELDS.items():
            if self.chance(8):
                spec[name] = self.rng.choice(values)
        if self.chance(25):
            spec["securityContext"] = self.pick_from(POD_SECURITY)
        if self.chance(6):
            spec |= UNKNOWN
        return spec

    def pick_from(self, fields, percent=35):
        """Some of the fields, each with one of its values."""
        return {name: self.rng.choice(values) for name, values in fields.items() if self.chance(percent)}

    def container(self, name):
        container = {"name": name, "image": self.rng.choice(["busybox", "app:1", "r.example/app@sha256:0a"])}
        ports = self.ports() if self.chance(50) else []
        if ports:
            container["ports"] = ports
        container |= self.pick_from(CONTAINER_FIELDS, 12)
        for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
            if self.chance(25):
                container[probe] = self.probe(ports)
        if self.chance(10):
            container["lifecycle"] = {hook: self.action(ports, hooks=True)
                                      for hook in self.some(["postStart", "preStop"], 2)}
        if self.chance(25):
            container["securityContext"] = self.security_context()
        if self.chance(30):
            container["resources"] = self.resources()
        if self.chance(5):
            container |= UNKNOWN
        if self.chance(2) and name != "istio-proxy":  # whose types would make 0 of it
            container.get("readinessProbe", {}).get("httpGet", {}).pop("port", None)
        return container

    def init_container(self, name):
        container = self.container(name)
        if self.chance(30):
            container["restartPolicy"] = "Always"
        else:
            for probe in ("readinessProbe", "livenessProbe", "startupProbe", "lifecycle"):
                container.pop(probe, None)
        return container

    def own_proxy(self):
        """What a user says about istio-proxy: a stub that the template fills, or a whole one."""
        container = self.container("istio-proxy")
        container["image"] = self.rng.choice(["auto", "auto", "auto", "my/proxy:2"])
        return container

    def ports(self):
        ports = []
        for number in self.rng.sample([80, 8080, 9090, 443, 3306, 15020], self.rng.randint(1, 3)):
            port = {"containerPort": number}
            if self.chance(60):
                port["name"] = self.rng.choice(["http", "grpc", "tcp-db", "metrics"]) + str(len(ports))
            if self.chance(30):
                port["protocol"] = self.rng.choice(["TCP", "UDP", "SCTP"])
            if self.chance(10):
                port["hostPort"] = number
            ports.append(port)
        return ports

    def port_reference(self, ports):
        names = [port["name"] for port in ports if "name" in port]
        return self.rng.choice([80, 8080, 15020, "8080", *names, *names, *(["unknown"] if self.chance(10) else [])])

    def probe(self, ports):
        return self.action(ports) | self.pick_from(
            {"initialDelaySeconds": [0, 3], "timeoutSeconds": [1, 5], "periodSeconds": [10], "successThreshold": [1],
             "failureThreshold": [3], "terminationGracePeriodSeconds": [5]}, 25)

    def action(self, ports, hooks=False):
        kinds = ["httpGet", "httpGet", "httpGet", "tcpSocket", "exec", "sleep" if hooks else "grpc"]
        kind = self.rng.choice(kinds)
        if kind == "httpGet":
            fields = {"path": ["/healthz", "/", "relative", "/a?b=c&d=<e>", ""], "scheme": ["HTTP", "HTTPS"],
                      "host": ["127.0.0.1", "example.com"],
                      "httpHeaders": [[{"name": "X-A", "value": "1"}, {"name": "Host", "value": "h"}], []]}
            return {kind: {"port": self.port_reference(ports)} | self.pick_from(fields)}
        if kind == "tcpSocket":
            return {kind: {"port": self.port_reference(ports)} | self.pick_from({"host": ["127.0.0.1"]}, 20)}
        if kind == "grpc":
            return {kind: {"port": self.rng.choice([9090, 8080])} | self.pick_from({"service": ["", "health"]})}
        if kind == "sleep":
            return {kind: {"seconds": 3}}
        return {kind: {"command": ["cat", "/tmp/x"]}}

    def security_context(self):
        context = self.pick_from(CONTAINER_SECURITY, 25)
        if self.chance(30):
            context["capabilities"] = self.pick_from(
                {"add": [["NET_ADMIN"], ["NET_BIND_SERVICE", "NET_ADMIN"], ["SYS_PTRACE"], []],
                 "drop": [["ALL"], ["NET_RAW"], []]}, 60)
        return context

    def resources(self):
        quantities = {"cpu": ["100m", "0.5", 1, 0.25, "2"], "memory": ["64Mi", "1Gi", 1048576, "1e6", "0.5Gi"],
                      "ephemeral-storage": ["1G"]}
        return {kind: self.pick_from(quantities, 60) for kind in self.some(["limits", "requests"], 2)}


VOLUMES = [
    {"name": "scratch", "emptyDir": {}}, {"name": "cm", "configMap": {"name": "cm", "optional": True}},
    {"name": "secret", "secret": {"secretName": "s", "defaultMode": 420}},
    {"name": "istio-data", "emptyDir": {"sizeLimit": "1Gi"}}, {"name": "workload-socket", "emptyDir": {"medium": "Memory"}},
    {"name": "host", "hostPath": {"path": "/var/log", "type": "Directory"}},
    {"name": "claim", "persistentVolumeClaim": {"claimName": "c"}},
    {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 600}}]}},
    {"name": "odd", "emptyDir": {}, "sluiceTest": "kept"},
]

POD_FIELDS = {
    "serviceAccountName": ["reviews", "default"], "restartPolicy": ["Always", "Never", "OnFailure"],
    "dnsPolicy": ["ClusterFirst", "Default", "None"], "dnsConfig": [{"searches": ["a.b"], "options": [{"name": "ndots", "value": "2"}]}],
    "imagePullSecrets": [[{"name": "pull"}], [{"name": "regcred"}, {"name": "pull"}]],
    "tolerations": [[{"key": "a", "operator": "Exists", "tolerationSeconds": 3}]], "nodeSelector": [{"disk": "ssd"}],
    "affinity": [{"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]}]}}}],
    "topologySpreadConstraints": [[{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]],
    "hostAliases": [[{"ip": "10.0.0.1", "hostnames": ["a"]}]], "terminationGracePeriodSeconds": [0, 30],
    "automountServiceAccountToken": [False, True], "shareProcessNamespace": [True], "hostPID": [True, False],
    "priorityClassName": ["high"], "schedulerName": ["other"], "hostname": ["h"], "subdomain": ["s"],
    "activeDeadlineSeconds": [100], "enableServiceLinks": [False], "runtimeClassName": ["gvisor"],
    "readinessGates": [[{"conditionType": "x.y/z"}]], "overhead": [{"cpu": "10m"}], "os": [{"name": "linux"}],
    "preemptionPolicy": ["Never"], "setHostnameAsFQDN": [True], "nodeName": ["n1"], "hostNetwork": [False],
}

POD_SECURITY = {"runAsUser": [0, 1000, 1337], "runAsGroup": [0, 2000], "fsGroup": [1234], "runAsNonRoot": [True, False],
                "seccompProfile": [{"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "p"}],
                "supplementalGroups": [[1, 2]], "sysctls": [[{"name": "net.core.somaxconn", "value": "1"}]],
                "fsGroupChangePolicy": ["OnRootMismatch"]}

CONTAINER_SECURITY = {"runAsUser": [0, 1000, 1337, 4321], "runAsGroup": [0, 1337, 4321], "runAsNonRoot": [True, False],
                      "privileged": [True, False], "allowPrivilegeEscalation": [True, False],
                      "readOnlyRootFilesystem": [True, False], "seccompProfile": [{"type": "RuntimeDefault"}],
                      "procMount": ["Default"], "seLinuxOptions": [{"level": "s0:c1,c2"}]}

TWICE = [{"name": "D", "value": "1"}, {"name": "D", "value": "2"}]

OTHER_SOURCES = [{"name": "POD_NAME", "value": "mine"},  # than the template's
                 {"name": "ISTIO_META_MESH_ID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
                 {"name": "POD_NAMESPACE", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "k"}}}]

CONTAINER_FIELDS = {
    "command": [["sh", "-c"], []], "args": [["sleep", "1d"], ["--on", "on", "1e3"]], "workingDir": ["/w"],
    "env": [[{"name": "A", "value": "1"}, {"name": "B", "value": ""}, {"name": "C"}],
            TWICE, OTHER_SOURCES, [{"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            [{"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}}],
            [{"name": "ISTIO_META_CLUSTER_ID", "value": "mine"}, {"name": "PROXY_CONFIG", "value": "{}"}],
            [{"name": "L", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}}]],
    "envFrom": [[{"configMapRef": {"name": "cm"}, "prefix": "P_"}]],
    "volumeMounts": [[{"name": "scratch", "mountPath": "/s"}, {"name": "cm", "mountPath": "/c", "readOnly": True}],
                     [{"name": "istio-data", "mountPath": "/var/lib/istio/data", "subPath": "x"}]],
    "volumeDevices": [[{"name": "raw", "devicePath": "/dev/x"}]], "imagePullPolicy": ["Always", "Never"],
    "tty": [True], "stdin": [True, False], "terminationMessagePath": ["/t"], "terminationMessagePolicy": ["File"],
}
