"""Where Sluice means to differ from `istioctl kube-inject`, beside the proxy-only rule: all of it.

Each has a name, the reason, and an example that shows it: without the difference in the table the
example is a mismatch, with it there is none (`inject --differences`). A difference acts in one or
more of three places: on what the oracle is given, on what it gave, and on who may refuse what.
"""

import copy

from oracles import Refusal
from pods import any_pod, annotations, containers, cron_jobs, labels, pods


class Difference:
    name = why = ""

    def example(self):
        """A document and the changes of the settings that show the difference."""
        raise NotImplementedError

    def before(self, document, settings):
        return document

    def after(self, document, result, settings):
        return result

    def explains(self, document, settings, ours, theirs):
        """Whether one of the two may refuse what the other accepts."""
        return False


def pod(metadata=None, spec=None, container=None):
    """The least pod, with more."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", **(metadata or {})},
            "spec": {"containers": [{"name": "app", "image": "app", **(container or {})}], **(spec or {})}}


class CronJobMetadata(Difference):
    name = "CronJob metadata"
    why = ("kube-inject reads and writes jobTemplate.metadata, which no pod ever gets; Sluice reads and "
           "writes the pod template's, as for every other kind")

    def example(self):
        template = pod({"annotations": {"sidecar.istio.io/logLevel": "debug"}})
        return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a"},
                "spec": {"jobTemplate": {"spec": {"template": {
                    "metadata": template["metadata"], "spec": template["spec"]}}}}}, []

    def before(self, document, settings):
        for job in cron_jobs(document):
            exchange_metadata(job)
        return document

    def after(self, document, result, settings):
        for job in cron_jobs(result):
            exchange_metadata(job)
        return result


def exchange_metadata(job):
    outer = job["spec"]["jobTemplate"]
    inner = outer["spec"]["template"]
    outer["metadata"], inner["metadata"] = inner.get("metadata") or {}, outer.get("metadata") or {}


class OutboundPorts(Difference):
    name = "includeOutboundPorts is checked"
    why = "Istio validates every list of ports but this one; Sluice refuses what the plugin would refuse"
    annotation = "traffic.sidecar.istio.io/includeOutboundPorts"

    def example(self):
        return pod({"annotations": {self.annotation: "abc"}}), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(ours, Refusal) and self.annotation in ours


def table():
    return [CronJobMetadata(), OutboundPorts()]
