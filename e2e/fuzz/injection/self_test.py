"""Whether the comparison notices an injector that is wrong: istioctl itself plays it, with the
proxy-only rule done to what it writes and one thing spoilt."""

import random

import differences
import proxy_only
from comparison import Comparison
from oracles import Files, Istioctl, Refusal
from pods import SIDECAR, annotations, containers, labels, pods
from workloads import PROXIES, Generator


class Player:
    """Sluice as it should be, made of istioctl; `spoil` changes an injected pod."""

    def __init__(self, istioctl, spoil):
        self.oracle = Comparison(istioctl, None, differences.table())
        self.spoil, self.texts = spoil, ("", "")

    def run(self, files, documents, style=None):
        results = self.oracle.expected(files, documents, style)
        for result in results:
            for pod in pods(result) if not isinstance(result, Refusal) else ():
                if proxy_only.STATUS in annotations(pod):
                    self.spoil(pod)
        return results


def drop_env(pod):
    for proxy in containers(pod, SIDECAR):
        proxy["env"] = proxy.get("env", [])[:-1]


def swap_containers(pod):
    pod["spec"]["containers"].reverse()


def drop_label(pod):
    labels(pod).pop("service.istio.io/canonical-revision", None)


def change_status(pod):
    annotations(pod)[proxy_only.STATUS] = annotations(pod)[proxy_only.STATUS].replace("istio-envoy", "envoy")


def keep_capability(pod):
    for proxy in containers(pod, SIDECAR):
        proxy.setdefault("securityContext", {}).setdefault("capabilities", {})["add"] = ["NET_ADMIN"]


def stray_probe(pod):
    for container in containers(pod):
        if "readinessProbe" in container:
            container["readinessProbe"]["periodSeconds"] = 77


SPOILS = [drop_env, swap_containers, drop_label, change_status, keep_capability, stray_probe]


def run(installation):
    istioctl = Istioctl(installation)
    rng = random.Random(7)
    files = Files(installation.settings())
    documents = [Generator(rng, sorted(PROXIES), bad=i == 5).document() for i in range(60)]
    failed = 0
    for spoil in [None, *SPOILS]:
        player = Player(istioctl, spoil or (lambda pod: None))
        found = [m for m in Comparison(istioctl, player, differences.table()).run(files, documents) if m]
        good = bool(found) == bool(spoil)
        failed += not good
        name = spoil.__name__ if spoil else "nothing spoilt"
        print(f"{'PASS' if good else 'FAIL'} {name}: {len(found)} mismatches")
        if not good and found:
            print(found[0])
    print(f"{1 + len(SPOILS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0
