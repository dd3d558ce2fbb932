"""The rule that makes Sluice what it is, done to what Istio's injector made: the proxy and nothing else."""

import json

from pods import REMOVED, SIDECAR, annotations, containers, pods

STATUS = "sidecar.istio.io/status"
OVERRIDES = "proxy.istio.io/overrides"


def apply(document):
    for pod in pods(document):
        if STATUS in annotations(pod):
            # Istio's sidecar template, and no other, validates and says the mode.
            tproxy = (any(containers(pod, "istio-validation")) and
                      annotations(pod).get("sidecar.istio.io/interceptionMode") == "TPROXY")
            remove_containers(pod)
            for container in containers(pod, SIDECAR):
                strip(container, tproxy)
            remove_from_status(pod)
            remove_from_overrides(pod)
    return document


def remove_containers(pod):
    for kind in ("initContainers", "containers"):
        if kind in pod["spec"]:
            kept = [c for c in pod["spec"][kind] or [] if c["name"] not in REMOVED]
            pod["spec"][kind] = kept
            if not kept:
                del pod["spec"][kind]


def strip(container, tproxy):
    """NET_ADMIN is what TPROXY was given to mark its packets with, for which NET_RAW is enough; and
    that only root has."""
    context = container.setdefault("securityContext", {}) if tproxy else container.get("securityContext") or {}
    sets = context.setdefault("capabilities", {}) if tproxy else context.get("capabilities") or {}
    kept = [name for name in sets.get("add") or [] if name != "NET_ADMIN"]
    if tproxy:
        kept = ["NET_RAW", *(name for name in kept if name != "NET_RAW")]
        sets["drop"] = ["ALL"]
        context["runAsUser"] = 0
        if context.get("runAsNonRoot"):
            context["runAsNonRoot"] = False
    if "add" in sets or tproxy:
        sets["add"] = kept
    if sets.get("add") == []:
        del sets["add"]
        if not sets:
            del context["capabilities"]
    if context.get("privileged"):
        context["privileged"] = False
        if "allowPrivilegeEscalation" in context:
            context["allowPrivilegeEscalation"] = False


def remove_from_status(pod):
    status = json.loads(annotations(pod)[STATUS])
    for kind in ("initContainers", "containers"):
        status[kind] = [name for name in status[kind] or [] if name not in REMOVED] or None
    annotations(pod)[STATUS] = json.dumps(status, separators=(",", ":"))


def remove_from_overrides(pod):
    if OVERRIDES not in annotations(pod):
        return
    overrides = json.loads(annotations(pod)[OVERRIDES])
    overrides = {kind: kept for kind, listed in overrides.items()
                 if (kept := [c for c in listed if c["name"] not in REMOVED])}
    if overrides:
        annotations(pod)[OVERRIDES] = json.dumps(overrides)
    else:
        del annotations(pod)[OVERRIDES]


# What Istio's template does for IPTABLES_TRACE_LOGGING is for its own iptables rules: privileges for
# a proxy that reads the kernel's log. Sluice gives none, so the oracle renders without the condition.
TRACE_LOGGING = 'eq (index .ProxyConfig.ProxyMetadata "IPTABLES_TRACE_LOGGING") "true"'


def without_trace_logging(templates):
    return {name: text.replace(TRACE_LOGGING, "false") for name, text in templates.items()}
