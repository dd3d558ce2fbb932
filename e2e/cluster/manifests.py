"""Pods as an injector leaves them, and as it finds them, in Kubernetes' own words."""

import json

import envoy

# What Pod Security `restricted` asks of a container.
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
APP_UID = 1000
PROXY_ID = 1337


def namespace(name, pod_security):
    return {"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name,
                         "labels": {"pod-security.kubernetes.io/enforce": pod_security}}}


def envoy_config(namespace_name, mode):
    return {"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "envoy", "namespace": namespace_name},
            "data": {"envoy.json": json.dumps(envoy.config(mode))}}


def app(command, **fields):
    return {"name": "app", "image": "docker.io/sluice/busybox:1", "args": command,
            "securityContext": {**RESTRICTED, "runAsUser": APP_UID}, **fields}


def proxy(mode):
    security = {**RESTRICTED, "runAsUser": PROXY_ID, "runAsGroup": PROXY_ID,
                "readOnlyRootFilesystem": True}
    if mode == "TPROXY":
        # Only root has a capability that was added; it is by the group that the redirect knows it.
        security |= {"runAsUser": 0, "runAsNonRoot": False,
                     "capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]}}
    return {
        "name": "istio-proxy",
        "image": "docker.io/sluice/envoy:1",
        "args": ["--config-path", "/etc/envoy/envoy.json", "--concurrency", "1",
                 "--disable-hot-restart", "--log-level", "warning"],
        "env": [{"name": "ISTIO_META_INTERCEPTION_MODE", "value": mode},
                {"name": "ISTIO_META_DNS_CAPTURE", "value": "true"}],
        "securityContext": security,
        "readinessProbe": {"httpGet": {"path": "/", "port": envoy.READY_PORT}, "periodSeconds": 1},
        "volumeMounts": [{"name": "envoy", "mountPath": "/etc/envoy"}],
    }


def injected(mode, app_container, annotations=None, native=False):
    """A pod template with a sidecar, a native one for a pod that is to end."""
    sidecar = proxy(mode)
    kind = "containers"
    if native:
        # The application starts when its proxy has started, which is when this probe succeeds.
        sidecar |= {"restartPolicy": "Always", "startupProbe": sidecar["readinessProbe"]}
        kind = "initContainers"
    template = plain(app_container)
    template["metadata"] = {
        "labels": {"security.istio.io/tlsMode": "istio"},
        "annotations": {
            "sidecar.istio.io/status": json.dumps({kind: ["istio-proxy"], "revision": "default"}),
            "sidecar.istio.io/interceptionMode": mode,
            **(annotations or {}),
        },
    }
    template["spec"].setdefault(kind, []).append(sidecar)
    template["spec"]["volumes"] = [{"name": "envoy", "configMap": {"name": "envoy"}}]
    return template


def plain(app_container):
    return {
        "metadata": {},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "dnsPolicy": "Default",
            "automountServiceAccountToken": False,
            # Port 53 for the application, without a capability for it.
            "securityContext": {"sysctls": [
                {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]},
            "containers": [app_container],
        },
    }


def pod(namespace_name, name, template):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {**template["metadata"], "name": name, "namespace": namespace_name},
            "spec": template["spec"]}


def job(namespace_name, name, template):
    template["spec"]["restartPolicy"] = "Never"
    return {"apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": name, "namespace": namespace_name},
            "spec": {"backoffLimit": 0, "template": template}}


def stateful_set(namespace_name, name, replicas, template):
    template["metadata"].setdefault("labels", {})["app"] = name
    return {"apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": {"name": name, "namespace": namespace_name},
            "spec": {"replicas": replicas, "serviceName": name, "podManagementPolicy": "Parallel",
                     "selector": {"matchLabels": {"app": name}}, "template": template}}
