"""Every way in which the API can fail: exit status, CNI code, message, time, and no table."""

import itertools
import time

from world import http, kube_status, pod, table


class Fault:
    """What an ADD must say and how long it may take, in seconds."""

    def __init__(self, answer=None, code=11, says=(), least=0.0, most=1.5, **setup):
        self.answer, self.code, self.says = answer, code, says
        self.least, self.most, self.setup = least, most, setup


def raw(data):
    return lambda connection, path, headers: connection.sendall(data)


def cut(connection, path, headers):
    connection.sendall(http("200 OK", pod())[:-200])
    connection.unwrap()


def dribble(connection, path, headers):
    for byte in http("200 OK", pod()):
        connection.sendall(bytes([byte]))
        time.sleep(1)


def huge(connection, path, headers):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n")
    for _ in range(50):
        connection.sendall(b" " * 1048576)


def huge_chunks(connection, path, headers):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(50):
        connection.sendall(b"100000\r\n" + b" " * 1048576 + b"\r\n")


def silent(connection, path, headers):
    time.sleep(30)


UNTIL_DEADLINE = {"least": 1.0, "most": 3.5}  # of two seconds: the last pause is not begun

FAULTS = {
    "refused": Fault(says=["onnection refused"], closed=True, **UNTIL_DEADLINE),
    "no route": Fault(says=["203.0.113.1"], host="203.0.113.1", port=6443, unreachable=True,
                      **{"least": 0.0, "most": 3.5}),
    "wrong name in the certificate": Fault(raw(http("200 OK", pod())), says=["certificate"],
                                           names="DNS:elsewhere"),
    "wrong authority": Fault(raw(http("200 OK", pod())), says=["certificate"], other_ca=True),
    "401": Fault(raw(kube_status(401, "Unauthorized", "no entry")), says=["401", "no entry"]),
    "403": Fault(raw(kube_status(403, "Forbidden", 'pods "details" is forbidden')),
                 says=["403", "is forbidden"]),
    "404": Fault(raw(kube_status(404, "NotFound", 'pods "details" not found')),
                 says=["404", "not found"], least=0.3, most=1.8),
    "409": Fault(raw(kube_status(409, "Conflict", "conflict")), says=["409"]),
    "429 with Retry-After beyond the deadline": Fault(
        raw(http("429 Too Many Requests", b"{}", "Retry-After: 60\r\n")), says=["429"], most=1.0),
    "500": Fault(raw(kube_status(500, "InternalError", "broken")), says=["500"], **UNTIL_DEADLINE),
    "503": Fault(raw(kube_status(503, "ServiceUnavailable", "later")), says=["503"], **UNTIL_DEADLINE),
    "cut in the middle of the body": Fault(cut, says=["answer"], most=3.5),
    "one byte a second": Fault(dribble, says=["no time left"], least=1.8, most=3.0),
    "no answer": Fault(silent, says=["no time left"], least=1.8, most=3.0),
    "50 MB body": Fault(huge, says=["answer"], most=2.0),
    "50 MB of chunks": Fault(huge_chunks, says=["answer"], most=3.5),
    "invalid JSON": Fault(raw(http("200 OK", b"{not json")), code=6, says=["not JSON"]),
    "JSON that is no Pod": Fault(raw(http("200 OK", {"kind": "Service", "metadata": {}})), code=6,
                                 says=["not a Pod", "Service"]),
    "a Pod with an impossible field": Fault(
        raw(http("200 OK", {"kind": "Pod", "metadata": {"name": "details", "namespace": "default", "uid": 7}})), code=6,
        says=["metadata.uid"]),
    "no HTTP": Fault(raw(b"hello\r\n\r\n"), says=["answer"]),
}


def scenario_of(name, fault):
    def scenario(world):
        setup = fault.setup
        api = world.api(fault.answer, setup.get("names", "IP:127.0.0.1"))
        if setup.get("closed"):
            api.close()
        ca = world.pki.other_authority() if setup.get("other_ca") else None
        kubeconfig = world.kubeconfig(setup.get("port", api.port), setup.get("host", "127.0.0.1"), ca)
        netns = world.netns()
        # A namespace with no link at all is where nothing can be reached.
        prefix = ("nsenter", "--net=" + world.netns()) if setup.get("unreachable") else ()
        done = world.run(world.conf(kubeconfig), world.environment("ADD", netns), prefix)
        assert done.code == 1 and done.error["code"] == fault.code, done
        for part in fault.says:
            assert part in done.error["msg"], (part, str(done))
        assert fault.least <= done.seconds <= fault.most, f"took {done.seconds:.2f} s: {done}"
        assert table(netns) is None
    return "fault: " + name, scenario


def recovers(name, first, least, most):
    """`first` answers once, and then the pod is there."""
    def scenario(world):
        tries = itertools.count()

        def answer(connection, path, headers):
            connection.sendall(first if next(tries) == 0 else http("200 OK", pod()))
        conf = world.conf(world.kubeconfig(world.api(answer).port), timeout="5s")
        netns = world.netns()
        done = world.call("ADD", conf, netns)
        assert done.code == 0 and table(netns), done
        assert least <= done.seconds <= most, done.seconds
    return "fault passes: " + name, scenario


def scenarios():
    return [scenario_of(name, fault) for name, fault in FAULTS.items()] + [
        recovers("404, then the pod", kube_status(404, "NotFound", "not yet"), 0.0, 1.5),
        recovers("503, then the pod", kube_status(503, "ServiceUnavailable", "later"), 0.0, 1.5),
        recovers("429 with Retry-After: 1", http("429 Too Many Requests", b"{}", "Retry-After: 1\r\n"),
                 1.0, 3.0)]
