"""Documents through both injectors, and what is different about the results."""

import copy
import json
from dataclasses import dataclass

import proxy_only
from oracles import Refusal
from pods import annotations, cron_jobs, pods

INJECT = "sidecar.istio.io/inject"
PROXY_CONFIG = "proxy.istio.io/config"
KEPT = "fuzz.example.com/kept"


@dataclass
class Mismatch:
    document: dict
    kind: str    # "refused", "accepted" or "different": what ours did
    lines: list

    def __str__(self):
        return "\n".join(self.lines[:40])


class Comparison:
    def __init__(self, istioctl, sluice, differences):
        self.istioctl, self.sluice, self.differences = istioctl, sluice, differences
        self.texts = "", ""  # what ours was given and gave, of the documents that both accept

    def stop(self):
        """Ends what runs for it."""

    def run(self, files, documents, style=None):
        """A Mismatch or None for each document."""
        theirs = self.expected(files, documents, style)
        ours = self.ours(files, documents, style, theirs)
        ours = self.comparable(documents, ours, files.settings)
        verdicts, compared = [None] * len(documents), []
        for i, document in enumerate(documents):
            if isinstance(ours[i], Refusal) or isinstance(theirs[i], Refusal):
                verdicts[i] = self.compare_refusals(document, files.settings, ours[i], theirs[i])
            elif without_zeroes(ours[i]) != without_zeroes(theirs[i]):
                compared.append(i)
        typed = self.typed([ours[i] for i in compared] + [theirs[i] for i in compared])
        for n, i in enumerate(compared):
            lines = difference(typed[n], typed[n + len(compared)])
            if lines:
                verdicts[i] = Mismatch(documents[i], "different", lines)
        return verdicts

    def ours(self, files, documents, style, theirs):
        """Those that are refused one by one, since each would refuse all with it."""
        results = [None] * len(documents)
        refused = [[i] for i, result in enumerate(theirs) if isinstance(result, Refusal)]
        accepted = [i for i, result in enumerate(theirs) if not isinstance(result, Refusal)]
        for group in [accepted, *refused]:
            made = self.sluice.run(files, [documents[i] for i in group], style and [style[i] for i in group])
            for i, result in zip(group, made):
                results[i] = result
            if group is accepted:
                self.texts = self.sluice.texts
        return results

    def expected(self, files, documents, style):
        """Istio's results, made into ours by the proxy-only rule and the named differences."""
        settings, inputs = files.settings, copy.deepcopy(documents)
        for one in self.differences:
            inputs = [one.before(document, settings) for document in inputs]
        results = self.istioctl.run(files, inputs, style)
        for i, result in enumerate(results):
            if isinstance(result, Refusal):
                continue
            for one in reversed(self.differences):
                result = one.after(documents[i], result, settings)
            results[i] = proxy_only.apply(result)
        return results

    def comparable(self, documents, ours, settings):
        """Ours without what is not to be compared."""
        for one in [one for one in self.differences if one.of_both]:
            ours = [made if isinstance(made, Refusal) else one.after(document, made, settings)
                    for document, made in zip(documents, ours)]
        return ours

    def compare_refusals(self, document, settings, ours, theirs):
        if isinstance(ours, Refusal) and isinstance(theirs, Refusal):
            return None
        if any(one.explains(document, settings, ours, theirs) for one in self.differences):
            return None
        if isinstance(ours, Refusal):
            return Mismatch(document, "refused", [f"ours refuses: {ours}"])
        return Mismatch(document, "accepted", [f"theirs refuses: {theirs}"])

    def typed(self, documents):
        """The documents as Go's types write them, what is JSON in annotations included."""
        documents = copy.deepcopy(documents)
        inner = []  # pods made of the containers in `overrides`
        for document in documents:
            for pod in pods(document):
                hide_from_injection(pod)
                if proxy_only.OVERRIDES in annotations(pod):
                    inner.append(overrides_pod(annotations(pod)[proxy_only.OVERRIDES]))
            for job in cron_jobs(document):
                exchange_metadata(job)
        results = self.istioctl.retype(documents + inner)
        inner = iter(results[len(documents):])
        for result in results[:len(documents)]:
            for job in cron_jobs(result):
                exchange_metadata(job)
            for pod in pods(result):
                show_again(pod)
                open_annotations(pod, inner)
        return results[:len(documents)]


ZEROES = {"status": {}, "strategy": {}, "updateStrategy": {}, "resources": {}, "creationTimestamp": None}


def without_zeroes(value):
    """Without what Go writes of every object, set or not: most results need no more to be equal."""
    if isinstance(value, dict):
        return {key: without_zeroes(inner) for key, inner in value.items() if key not in ZEROES or inner != ZEROES[key]}
    if isinstance(value, list):
        return [without_zeroes(inner) for inner in value]
    return value


def exchange_metadata(job):
    """A CronJob's two, of which kube-inject knows the one that no pod ever gets."""
    outer = job["spec"]["jobTemplate"]
    inner = outer["spec"]["template"]
    outer["metadata"], inner["metadata"] = inner.get("metadata") or {}, outer.get("metadata") or {}


def hide_from_injection(pod):
    """Labelled to be left alone; of the rest istioctl reads the ProxyConfig all the same."""
    metadata = pod.setdefault("metadata", {})
    labels = metadata["labels"] = metadata.get("labels") or {}
    rename(labels, INJECT, KEPT)
    labels[INJECT] = "false"
    rename(metadata.get("annotations") or {}, PROXY_CONFIG, KEPT)


def show_again(pod):
    metadata = pod["metadata"]
    del metadata["labels"][INJECT]
    rename(metadata["labels"], KEPT, INJECT)
    rename(metadata.get("annotations") or {}, KEPT, PROXY_CONFIG)
    if not metadata["labels"]:
        del metadata["labels"]


def rename(entries, name, to):
    if name in entries:
        entries[to] = entries.pop(name)


def overrides_pod(text):
    spec = {"containers": None, **json.loads(text)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {INJECT: "false"}}, "spec": spec}


def open_annotations(pod, inner):
    known = annotations(pod)
    if proxy_only.OVERRIDES in known:
        known[proxy_only.OVERRIDES] = next(inner)["spec"]
    if proxy_only.STATUS in known:
        try:
            known[proxy_only.STATUS] = json.loads(known[proxy_only.STATUS], object_pairs_hook=list)
        except ValueError:
            pass


def difference(ours, theirs, path=""):
    """Lines that name each place where two values differ; lists of named elements go by name."""
    if type(ours) is not type(theirs):
        return [f"{path or '.'}: ours {show(ours)}, theirs {show(theirs)}"]
    if isinstance(ours, dict):
        lines = []
        for key in sorted({*ours, *theirs}, key=str):
            where = f"{path}.{key}"
            if key not in theirs:
                lines.append(f"{where}: only ours has it: {show(ours[key])}")
            elif key not in ours:
                lines.append(f"{where}: only theirs has it: {show(theirs[key])}")
            else:
                lines += difference(ours[key], theirs[key], where)
        return lines
    if isinstance(ours, list):
        names = [[element.get("name") if isinstance(element, dict) else None for element in side]
                 for side in (ours, theirs)]
        if len(ours) != len(theirs) or names[0] != names[1]:
            shown = names if any(names[0] + names[1]) else (ours, theirs)
            return [f"{path}: ours {show(shown[0])}, theirs {show(shown[1])}"]
        return [line for i, (a, b) in enumerate(zip(ours, theirs))
                for line in difference(a, b, f"{path}[{names[0][i] or i}]")]
    return [] if ours == theirs else [f"{path}: ours {show(ours)}, theirs {show(theirs)}"]


def show(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 600 else text[:600] + "…"
