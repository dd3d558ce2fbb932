"""Where in a document its pods are."""

WORKLOADS = {"Deployment", "DaemonSet", "ReplicaSet", "ReplicationController", "StatefulSet", "Job",
             "DeploymentConfig"}
SIDECAR = "istio-proxy"
PROXIES = {"gateway", "grpc-agent"}  # templates of Istio's with an ordinary istio-proxy
REMOVED = ("istio-init", "istio-validation", "enable-core-dump")


def pods(document):
    """The objects in a document that have a pod's `metadata` and `spec`, to be changed in place."""
    if not isinstance(document, dict):
        return
    kind = document.get("kind")
    if kind == "List":
        for item in document.get("items") or []:
            yield from pods(item)
    elif kind == "Pod":
        yield document
    elif kind == "CronJob":
        yield document["spec"]["jobTemplate"]["spec"]["template"]
    elif kind in WORKLOADS:
        yield document["spec"]["template"]


def pods_with_namespace(document):
    """The same, each with the namespace that its document says it will live in."""
    if isinstance(document, dict) and document.get("kind") == "List":
        for item in document.get("items") or []:
            yield from pods_with_namespace(item)
    else:
        for pod in pods(document):
            outer = (document.get("metadata") or {}).get("namespace")
            yield pod, (pod.get("metadata") or {}).get("namespace") or outer or ""


def cron_jobs(document):
    if isinstance(document, dict):
        if document.get("kind") == "List":
            for item in document.get("items") or []:
                yield from cron_jobs(item)
        elif document.get("kind") == "CronJob":
            yield document


def annotations(pod):
    return (pod.get("metadata") or {}).get("annotations") or {}


def labels(pod):
    return (pod.get("metadata") or {}).get("labels") or {}


def containers(pod, name=None):
    for kind in ("initContainers", "containers"):
        for container in (pod.get("spec") or {}).get(kind) or []:
            if name is None or container.get("name") == name:
                yield container


def any_pod(document, condition):
    return any(condition(pod) for pod in pods(document))
