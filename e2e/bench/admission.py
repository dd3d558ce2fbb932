"""AdmissionReviews as an API server sends them: pods of several shapes, with its defaults and the
service account's volume in them, and managedFields as long as they are in life.

Where it says @@@@@@@@ the load generator puts a number, so that no two reviews are alike.
"""

import json

NUMBER = "@@@@@@@@"
UID = f"{NUMBER}-9407-4dda-aaea-e98d0498d33b"
TOKEN = "kube-api-access-" + NUMBER


def reviews():
    """Sixteen shapes, one JSON text each."""
    return [json.dumps(review(pod(shape)), separators=(",", ":")) for shape in range(16)]


def review(body):
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    return {
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": UID, "kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource,
            "namespace": "shop", "operation": "CREATE",
            "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller",
                         "uid": "bd0ea6b2-3e49-4a4c-9b0e-f83515f5fb7f",
                         "groups": ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"]},
            "object": body, "oldObject": None, "dryRun": False,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"}}}


def pod(shape):
    name = f"reviews-v{shape}"
    containers = [container("app", shape)] + [container(f"extra-{i}", shape + i) for i in range(shape % 3)]
    spec = {
        "volumes": [token_volume(), {"name": "tmp", "emptyDir": {}}], "containers": containers,
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "serviceAccountName": name, "serviceAccount": name, "securityContext": {}, "schedulerName": "default-scheduler",
        "tolerations": [{"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
                        for key in ("not-ready", "unreachable")],
        "priority": 0, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
    if shape % 4 == 1:
        spec["initContainers"] = [container("migrate", shape, probes=False)]
    metadata = {
        "generateName": f"{name}-{NUMBER}-", "namespace": "shop", "uid": UID, "creationTimestamp": "2026-11-24T10:00:00Z",
        "labels": {"app": f"reviews-{NUMBER}", "version": f"v{shape}", "pod-template-hash": NUMBER,
                   "app.kubernetes.io/part-of": "shop"},
        "annotations": {"example.com/config-hash": NUMBER * 4},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{name}-{NUMBER}", "uid": UID,
                             "controller": True, "blockOwnerDeletion": True}]}
    if shape % 5 == 2:
        metadata["annotations"] |= {"traffic.sidecar.istio.io/excludeOutboundPorts": "3306,5432",
                                    "sidecar.istio.io/proxyCPU": "200m"}
    if shape % 5 == 3:
        metadata["annotations"]["proxy.istio.io/config"] = "concurrency: 2\nproxyMetadata:\n  ISTIO_META_DNS_CAPTURE: 'true'\n"
    metadata["managedFields"] = [managed(metadata, spec)]
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec,
            "status": {"phase": "Pending", "qosClass": "Burstable"}}


def container(name, shape, probes=True):
    port = 8080 + shape
    found = {
        "name": name, "image": f"registry.example.com/shop/{name}:1.{shape}.{NUMBER}",
        "ports": [{"name": f"http-{name}"[:15], "containerPort": port, "protocol": "TCP"}],
        "env": [{"name": f"SETTING_{i}", "value": f"value-{i}-{NUMBER}"} for i in range(6)] + [
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}}],
        "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"},
                         {"name": TOKEN, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {"capabilities": {"drop": ["ALL"]}, "runAsUser": 1000, "runAsNonRoot": True,
                            "allowPrivilegeEscalation": False}}
    if probes:
        times = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
        found["livenessProbe"] = {"httpGet": {"path": "/healthz", "port": port, "scheme": "HTTP"}, **times}
        found["readinessProbe"] = {"httpGet": {"path": "/ready", "port": port, "scheme": "HTTP"}, **times}
    return found


def token_volume():
    return {"name": TOKEN, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}}


def managed(metadata, spec):
    fields = {"f:metadata": owned({k: metadata[k] for k in ("generateName", "labels", "annotations", "ownerReferences")}),
              "f:spec": owned(spec)}
    return {"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
            "time": "2026-11-24T10:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields}


def owned(value):
    """Who set what, in the API server's notation."""
    if isinstance(value, dict):
        return {".": {}, **{f"f:{key}": owned(inner) for key, inner in value.items()}}
    if isinstance(value, list) and value and isinstance(value[0], dict) and "name" in value[0]:
        return {".": {}, **{'k:{"name":"%s"}' % e["name"]: owned(e) for e in value}}
    return {}
