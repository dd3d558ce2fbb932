"""Where Sluice means to differ from `istioctl kube-inject`, beside the proxy-only rule: all of it.

Each has a name, the reason, and an example that shows it: without the difference in the table the
example is a mismatch, with it there is none (`inject --differences`). A difference acts in one or
more of three places: on what the oracle is given, on what it gave, and on who may refuse what.
"""

import copy
import json
import re

import yaml

import user_templates
from comparison import exchange_metadata, hide_from_injection, show_again
from oracles import Refusal
from pods import PROXIES, SIDECAR, annotations, containers, cron_jobs, labels, pods, pods_with_namespace
from workloads import OTHER_SOURCES, TWICE

INJECT = "sidecar.istio.io/inject"
STATUS = "sidecar.istio.io/status"
TEMPLATES = "inject.istio.io/templates"
IGNORED_NAMESPACES = {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"}


class Difference:
    name = why = ""
    of_injection = False  # not of the command alone: istiod's /inject does the same
    of_both = False       # ours goes through after() too, which takes away what is not to be compared

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

    def show(self, comparison, files, document):
        """What is wrong when the example does not show it, else None."""
        without = comparison(but=self).run(files, [document])[0]
        if without is None:
            return "without it there is no mismatch"
        settled = comparison().run(files, [document])[0]
        return settled and f"with it there is still a mismatch: {settled}"


def pod(metadata=None, spec=None, container=None):
    """The least pod, with more."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", **(metadata or {})},
            "spec": {"containers": [{"name": "app", "image": "app", **(container or {})}], **(spec or {})}}


def annotated(name, value):
    return pod({"annotations": {name: value}})


def deployment(namespace, metadata=None):
    template = pod(metadata)
    del template["metadata"]["name"]
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": namespace},
            "spec": {"template": {"metadata": template["metadata"], "spec": template["spec"]}}}


# ---- what kube-inject does not honour ----

class CronJobMetadata(Difference):
    name = "CronJob metadata"
    why = ("kube-inject reads and writes jobTemplate.metadata, which no pod ever gets; Sluice reads and "
           "writes the pod template's, as for every other kind")

    def example(self):
        template = annotated("sidecar.istio.io/logLevel", "debug")
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


class LeftAlone(Difference):
    """Pods that Sluice does not inject: the oracle is told so by a label."""

    def leaves(self, one, namespace, settings):
        raise NotImplementedError

    def before(self, document, settings):
        for one, namespace in pods_with_namespace(document):
            if self.leaves(one, namespace, settings):
                hide_from_injection(one)
        return document

    def after(self, document, result, settings):
        for (one, namespace), made in zip(pods_with_namespace(document), pods(result)):
            if self.leaves(one, namespace, settings):
                show_again(made)
        return result


class IgnoredNamespaces(LeftAlone):
    name = "ignored namespaces"
    why = ("kube-inject looks at the pod template's own namespace, which is never there; Sluice at the "
           "workload's, as the webhook does at the request's")

    def example(self):
        return deployment("kube-system"), []

    def leaves(self, one, namespace, settings):
        return namespace in IGNORED_NAMESPACES and not PolicyAndSelectors().leaves(one, namespace, settings)


class PolicyAndSelectors(LeftAlone):
    name = "policy and selectors"
    why = "kube-inject reads nothing of the ConfigMap but the templates; Sluice all of it, as the webhook does"

    def example(self):
        return pod(), [("config", "policy", "disabled")]

    def leaves(self, one, namespace, settings):
        config = settings.config
        if config.get("policy", "enabled") not in ("enabled", "disabled"):
            return True
        wish = labels(one).get(INJECT, annotations(one).get(INJECT, ""))
        if wish in ("true", "false"):
            return wish == "false"
        for key, verdict in (("neverInjectSelector", True), ("alwaysInjectSelector", False)):
            if any(selects(selector, labels(one)) for selector in config.get(key) or []):
                return verdict
        return config.get("policy") == "disabled"


def selects(selector, of):
    wanted = [(key, "In", [value]) for key, value in (selector.get("matchLabels") or {}).items()]
    wanted += [(e["key"], e["operator"], e.get("values")) for e in selector.get("matchExpressions") or []]
    operators = {"In": lambda k, v: k in of and of[k] in v, "NotIn": lambda k, v: k not in of or of[k] not in v,
                 "Exists": lambda k, v: k in of, "DoesNotExist": lambda k, v: k not in of}
    return bool(wanted) and all(o in operators and operators[o](k, v) for k, o, v in wanted)


class DefaultTemplatesAndAliases(Difference):
    name = "default templates and aliases"
    why = PolicyAndSelectors.why

    def example(self):
        return pod(), [("config", "defaultTemplates", ["both"]), ("config", "aliases", {"both": ["sidecar", "labels"]}),
                       ("template", "labels", "metadata: {labels: {by: alias}}")]

    def before(self, document, settings):
        for one in pods(document):
            metadata, names = one.setdefault("metadata", {}), self.names(one, settings.config)
            metadata["annotations"] = {**(metadata.get("annotations") or {}), TEMPLATES: ",".join(names)}
        return document

    @staticmethod
    def names(one, config):
        names = config.get("defaultTemplates") or ["sidecar"]
        if TEMPLATES in annotations(one):
            names = [name.strip() for name in annotations(one)[TEMPLATES].split(",")]
        return [to for name in names for to in (config.get("aliases") or {}).get(name, [name])]

    def after(self, document, result, settings):
        for given, made in zip(pods(document), pods(result)):
            del made["metadata"]["annotations"][TEMPLATES]
            if TEMPLATES in annotations(given):
                made["metadata"]["annotations"][TEMPLATES] = annotations(given)[TEMPLATES]
        return result


class InjectedAnnotations(Difference):
    name = "injected annotations"
    why = PolicyAndSelectors.why

    def example(self):
        return pod(), [("config", "injectedAnnotations", {"example.com/by": "injector"})]

    def after(self, document, result, settings):
        for made in pods(result):
            if STATUS in annotations(made):
                annotations(made).update(settings.config.get("injectedAnnotations") or {})
        return result


# ---- values that Sluice refuses, or understands more widely ----

class OutboundPorts(Difference):
    name = "includeOutboundPorts is checked"
    why = "Istio validates every list of ports but this one; Sluice refuses what the plugin would refuse"
    annotation = "traffic.sidecar.istio.io/includeOutboundPorts"

    def example(self):
        return annotated(self.annotation, "abc"), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(ours, Refusal) and self.annotation in ours


class PortZero(Difference):
    name = "port 0 is no port"
    why = "no packet has it, and the plugin refuses it in a list of ports; Istio's injector lets it through"

    def example(self):
        return annotated("traffic.sidecar.istio.io/excludeInboundPorts", "0"), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(ours, Refusal) and '"0" is not a port number between 1 and 65535' in ours


class PortRanges(Difference):
    name = "ranges of ports"
    why = "the plugin reads 8000-8999 as the thousand ports that it is; Istio knows no ranges"

    def example(self):
        return annotated("traffic.sidecar.istio.io/excludeInboundPorts", "8000-8999"), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(theirs, Refusal) and re.search(r"failed parsing port '\d+-\d+'", theirs) is not None


class Digits(Difference):
    name = "a quantity without a digit"
    why = "Go parses a lone sign as nothing; an API server would refuse what the template makes of it"

    def example(self):
        return annotated("sidecar.istio.io/proxyCPULimit", "-"), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(ours, Refusal) and '"-": must be a quantity' in ours


class InterfaceNames(Difference):
    name = "names of interfaces"
    why = "Linux lets an interface be called 1net, and so does the plugin; Istio wants a letter first"

    def example(self):
        return annotated("traffic.sidecar.istio.io/kubevirtInterfaces", "1net"), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(theirs, Refusal) and re.search(r'interface name "[^" ]+" contains invalid char', theirs) is not None


# ---- hazards of Istio's that Sluice does not repeat ----

PROBES = {"readinessProbe": "/app-health/{}/readyz", "livenessProbe": "/app-health/{}/livez",
          "startupProbe": "/app-health/{}/startupz"}
HOOKS = {"preStop": "/app-lifecycle/{}/prestopz", "postStart": "/app-lifecycle/{}/poststartz"}
PROBERS = "ISTIO_KUBE_APP_PROBERS"


class DeadProbes(Difference):
    name = "probes that the agent cannot ask"
    of_injection = True
    why = ("a probe of no port, or of one whose name nobody knows, or of the agent's own, or where the agent does not "
           "listen, is pointed at an agent that fails it for ever; Sluice leaves it as it is")

    def example(self):
        return pod(container={"readinessProbe": {"httpGet": {"port": "unknown"}}}), []

    def after(self, document, result, settings):
        for given, made in zip(pods(document), pods(result)):
            if STATUS not in annotations(made):
                continue
            self.made, self.port = made, self.agent_port(made, settings)
            silent = (annotations(made).get("status.sidecar.istio.io/port") or self.port) in (0, "0")
            for container in containers(made):
                own = [*containers(given), *user_templates.CONTAINERS]
                before = next((c for c in own if c["name"] == container["name"]), None)
                if before and container["name"] != SIDECAR:
                    self.restore(before, container, PROBES, silent, settings)
                    self.restore(before.get("lifecycle") or {}, container.get("lifecycle") or {}, HOOKS, silent,
                                 settings, container)
            if silent:
                self.untell(lambda url: True)
        return result

    def untell(self, condition):
        """The agent gets nothing about the probes whose URL fulfils the condition."""
        for proxy in containers(self.made, SIDECAR):
            for variable in [e for e in proxy.get("env") or [] if e["name"] == PROBERS]:
                left = {url: probe for url, probe in json.loads(variable["value"]).items() if not condition(url)}
                variable["value"] = go_json(left)
                if not left:
                    proxy["env"].remove(variable)

    @staticmethod
    def agent_port(made, settings):
        """The mesh's, which the pod's own ProxyConfig may change."""
        own = yaml.safe_load(annotations(made).get("proxy.istio.io/config", "{}")) or {}
        return own.get("statusPort", settings.mesh["defaultConfig"].get("statusPort", 15020))

    def restore(self, before, parent, urls, silent, settings, container=None):
        container = container or parent
        for name, url in urls.items():
            now = ((parent.get(name) or {}).get("httpGet") or {}).get("path")
            if now != url.format(container["name"]) or name not in before:
                continue
            kind = next(kind for kind in ("httpGet", "tcpSocket", "grpc") if kind in before[name])
            port = before[name][kind].get("port")
            names = [p.get("name") for p in container.get("ports") or []]
            unknown = port is None or (isinstance(port, str) and port not in names)
            if silent or unknown or (kind != "grpc" and port == self.port):
                parent[name] = copy.deepcopy(before[name])
            if port is None:
                self.untell(lambda told, own=now: told == own)


def go_json(value):
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


class StrayNativeSidecar(Difference):
    name = "an own istio-proxy as a native sidecar, where the template's is an ordinary one"
    of_injection = True
    why = "Istio leaves the stub among the init containers, beside the proxy; Sluice takes it for what it is about"

    def example(self):
        return pod(spec={"initContainers": [{"name": SIDECAR, "image": "auto", "restartPolicy": "Always", "tty": True}]}), []

    def before(self, document, settings):
        for one in pods(document):
            init = one["spec"].get("initContainers") or []
            own = next((c for c in init if c["name"] == SIDECAR), None)
            if own and self.is_ordinary(one, settings):
                init.remove(own)
                own.pop("restartPolicy", None)
                one["spec"].setdefault("containers", []).append(own)
        return document

    def after(self, document, result, settings):
        """What nobody injected is as it was."""
        for given, made in zip(pods(document), pods(result)):
            if STATUS not in annotations(made):
                made["spec"] = copy.deepcopy(given["spec"])
        return result

    @staticmethod
    def is_ordinary(one, settings):
        native = annotations(one).get("sidecar.istio.io/nativeSidecar", str(bool(settings.switch("native"))).lower())
        templates = DefaultTemplatesAndAliases.names(one, settings.config)
        return native != "true" if "sidecar" in templates else bool(PROXIES & {*templates})


class OneProxy(Difference):
    name = "one proxy of an ordinary one and a native sidecar"
    of_injection = True
    why = ("Istio makes the ordinary one part of the native sidecar, but says in the status that it is still there, and "
           "leaves two containers of one name where the native sidecar came first or the user has an own one; in Sluice "
           "there is one in any case")

    def example(self):
        return pod({"annotations": {TEMPLATES: "gateway,sidecar", "sidecar.istio.io/nativeSidecar": "true"}}), []

    def after(self, document, result, settings):
        for made in pods(result):
            status = json.loads(annotations(made).get(STATUS, "{}"))
            if all(SIDECAR in (status.get(kind) or []) for kind in ("initContainers", "containers")):
                status["containers"] = [name for name in status["containers"] if name != SIDECAR] or None
                annotations(made)[STATUS] = json.dumps(status, separators=(",", ":"))
        return result


class PlaceOfTheProxy(Difference):
    name = "where an own istio-proxy stands"
    of_injection = True
    why = ("Istio tells a template where among the containers the user has it, which no second injection can know, "
           "since the first one moves it; Sluice shows it in the place that it will have")

    def example(self):
        document = pod(container={"ports": [{"containerPort": 80}]})
        document["spec"]["containers"].insert(0, {"name": SIDECAR, "image": "auto", "ports": [{"containerPort": 81}]})
        return document, []

    def before(self, document, settings):
        for one in pods(document):
            for kind, last in (("containers", True), ("initContainers", False)):
                # A stable sort, in which False comes before True.
                (one["spec"].get(kind) or []).sort(key=lambda c, last=last: (c["name"] == SIDECAR) == last)
        return document

    def after(self, document, result, settings):
        for given, made in zip(pods(document), pods(result)):
            for kind in ("containers", "initContainers") if STATUS not in annotations(made) else ():
                names = [c["name"] for c in given["spec"].get(kind) or []]
                if sorted(names) == sorted(c["name"] for c in made["spec"].get(kind) or []):
                    made["spec"][kind] = [next(containers(made, name)) for name in names]
        return result


class Twice(Difference):
    name = "a variable that is there twice"
    of_injection = of_both = True
    why = ("where a template knows one that the user has twice, or two templates have it twice, Istio gives the first of "
           "the two the value of the second, which is the one that counts, and may move that beside it; Sluice lets each "
           "have its own place and value, and so leaves them at a second injection")

    def example(self):
        return pod(spec={"containers": [{"name": SIDECAR, "image": "auto", "env": TWICE}]}), []

    def after(self, document, result, settings):
        """A user's get their own values back. Of a template's only the last one is left, as a kubelet does it, at the end."""
        for given, made in zip(pods(document), pods(result)):
            for container in containers(made):
                own = [e for e in next(containers(given, container["name"]), {}).get("env") or [] if e["name"] == TWICE[0]["name"]]
                for variable, its in zip([e for e in container.get("env") or [] if e["name"] == TWICE[0]["name"]], own):
                    variable.update(its)
            several = len(DefaultTemplatesAndAliases.names(given, settings.config)) > 1
            for proxy in [p for p in containers(made, SIDECAR) if several and "env" in p]:
                proxy["env"] = last_of_twins(proxy["env"])
        return result


def last_of_twins(variables):
    names = [v["name"] for v in variables]
    last = {v["name"]: v for v in variables if names.count(v["name"]) > 1 and v["name"] != TWICE[0]["name"]}
    return [v for v in variables if v["name"] not in last] + list(last.values())


class OneOf(Difference):
    name = "a variable of two sources, a probe or hook that does two things"
    of_injection = True
    why = ("where the user gives a value to what the template takes from a field, or a command to what it asks by HTTP, "
           "Istio writes both, and no API server takes the pod; in Sluice the user's counts, as for every other field")

    SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]
    ACTIONS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"]

    def example(self):
        own = {"name": SIDECAR, "image": "auto", "env": OTHER_SOURCES, "readinessProbe": {"exec": {"command": ["true"]}}}
        return pod(spec={"containers": [own]}), []

    def after(self, document, result, settings):
        for given, made in zip(pods(document), pods(result)):
            for container in containers(given):
                now = next(containers(made, container["name"]), {})
                own = {e["name"]: e for e in container.get("env") or []}
                for variable in now.get("env") or []:
                    said = own.get(variable["name"], {})
                    self.keep(variable, said, ["value", "valueFrom"])
                    self.keep(variable.get("valueFrom"), said.get("valueFrom"), self.SOURCES)
                for probe in PROBES:
                    self.keep(now.get(probe), container.get(probe), self.ACTIONS)
                for hook in HOOKS:
                    self.keep((now.get("lifecycle") or {}).get(hook), (container.get("lifecycle") or {}).get(hook), self.ACTIONS)
        return result

    @staticmethod
    def keep(now, said, names):
        """Of what is there twice, what the user said."""
        if now and said and sum(name in now for name in names) > 1:
            for name in names:
                if name not in said:
                    now.pop(name, None)


class ForgedStatus(Difference):
    name = "a status that no injection wrote"
    of_injection = True
    why = ("Istio hides from a template the containers that it names, but not again at the next injection, and ends without an "
           "answer where it names them in another way than by a list of strings; Sluice believes it about what the templates "
           "make, and refuses the other one by name")

    def example(self):
        return pod({"annotations": {STATUS: '{"containers":["app"]}'}}, container={"ports": [{"containerPort": 80}]}), []

    def before(self, document, settings):
        for one in pods(document):
            annotations(one).pop(STATUS, None)
        return document

    def explains(self, document, settings, ours, theirs):
        return isinstance(ours, Refusal) and STATUS in ours and "must be a list" in ours


class OwnUserOfARedirect(Difference):
    name = "an own user where the pod asks for REDIRECT, and the mesh for TPROXY"
    of_injection = True
    why = ("Istio renders the pod's mode, but makes the proxy root by the mesh's, which no redirect needs; in "
           "Sluice the pod's mode decides of both")

    def example(self):
        document = pod({"annotations": {"sidecar.istio.io/interceptionMode": "REDIRECT"}})
        document["spec"]["containers"].append({"name": SIDECAR, "image": "auto", "securityContext": {"runAsUser": 4321}})
        return document, [("mesh", "defaultConfig.interceptionMode", "TPROXY")]

    def after(self, document, result, settings):
        for given, made in zip(pods(document), pods(result)):
            if annotations(given).get("sidecar.istio.io/interceptionMode") not in ("REDIRECT", "NONE"):
                continue
            own = (next(containers(given, SIDECAR), {}).get("securityContext") or {}).get("runAsUser")
            now = next(containers(made, SIDECAR), {}).get("securityContext") or {}
            if own is not None and now.get("runAsUser") == 0:
                now["runAsUser"] = own
        return result


class DeletesNothing(Difference):
    name = "what a template deletes of a container that is new"
    of_injection = True
    why = ("Istio leaves a variable without a value, which a second injection takes away; for Sluice there is nothing "
           "to delete, and nothing comes of it")

    def example(self):
        return annotated(TEMPLATES, "deletes"), [("template", "deletes", user_templates.FIXED["deletes"])]

    def after(self, document, result, settings):
        for made in pods(result) if "deletes" in settings.config["templates"] else ():
            for proxy in containers(made, SIDECAR):
                left = [e for e in proxy.get("env") or [] if e != {"name": "GOMEMLIMIT"}]
                if left != (proxy.get("env") or []):
                    proxy["env"] = left
                    if not left:
                        del proxy["env"]
        return result


# ---- what Go does by chance, and what its types lose ----

class Spellings(Difference):
    name = "two spellings of one Prometheus annotation"
    why = "Go's maps have no order: Istio takes now this one and now that one, Sluice the last by name"

    def example(self):
        ports = {"prometheus.io/port": "9090", "prometheus-io/port": "9102"}
        return {"apiVersion": "v1", "kind": "List", "items": [pod({"annotations": ports}) for _ in range(16)]}, []

    def before(self, document, settings):
        for one in pods(document):
            for names in self.spellings(one):
                for name in names[:-1]:
                    del annotations(one)[name]
        return document

    def after(self, document, result, settings):
        """Where nothing was merged they all stay."""
        for given, one in zip(pods(document), pods(result)):
            if annotations(one).get("prometheus.io/path") != "/stats/prometheus":
                for names in self.spellings(given):
                    annotations(one).update({name: annotations(given)[name] for name in names})
        return result

    @staticmethod
    def spellings(one):
        found = {}
        for name in sorted(annotations(one)):
            found.setdefault(re.sub("[^A-Za-z0-9]", "_", name), []).append(name)
        return [names for plain, names in found.items() if plain.startswith("prometheus_io_") and len(names) > 1]


class NoStrings(Difference):
    name = "labels and annotations that are no strings"
    why = "kube-inject makes strings of them; no API server takes them, and Sluice says so"

    def example(self):
        return annotated("example.com/flag", True), []

    def explains(self, document, settings, ours, theirs):
        return isinstance(ours, Refusal) and "is not a string" in ours


class GoTypes(Difference):
    name = "types that only Go tells apart"
    why = ("Go's template language does not give a function of int what another made as int64, nor one of strings' maps a "
           "map that happens to have only strings; here a number is a number, and a map is what is in it")
    refusals = re.compile(r"expected int; got int64|expected map\[string\]string; got map\[string\]interface")

    def example(self):
        return annotated(TEMPLATES, "sidecar,number"), [
            ("template", "number", 'metadata: {labels: {a: {{ repeat (add 1 1) "a" }}}}')]

    def explains(self, document, settings, ours, theirs):
        return isinstance(theirs, Refusal) and self.refusals.search(theirs) is not None


class UnknownFields(Difference):
    name = "unknown fields"
    why = ("kube-inject decodes into the types that it was built with and loses the rest; Sluice keeps every "
           "field, with its own container")

    def example(self):
        return pod({}, {"newPodField": {"a": [1]}}, {"newContainerField": True}), []

    def show(self, comparison, files, document):
        both = comparison()
        for injector, kept in ((both.istioctl, False), (both.sluice, True)):
            result = injector.run(files, [document])[0]
            app = next(containers(result, "app"))
            if ("newPodField" in result["spec"], "newContainerField" in app) != (kept, kept):
                return f"{type(injector).__name__}: {json.dumps(result)[:300]}"
        return None


def table():
    """In the order in which they act on what the oracle is given."""
    return [Spellings(), GoTypes(), UnknownFields(), NoStrings(), DeadProbes(), PlaceOfTheProxy(), Twice(), OneOf(), ForgedStatus(), OwnUserOfARedirect(), DeletesNothing(), OutboundPorts(), PortZero(), PortRanges(), InterfaceNames(), Digits(), InjectedAnnotations(),
            StrayNativeSidecar(), DefaultTemplatesAndAliases(), OneProxy(), PolicyAndSelectors(), IgnoredNamespaces(), CronJobMetadata()]
