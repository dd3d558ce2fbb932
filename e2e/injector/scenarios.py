"""What must hold of the injector as a process. Each scenario gets one that is not started."""

import ctypes
import errno
import json
import os
import platform
import re
import socket
import struct
import subprocess
import threading

from injector import CONFIG, ask, patch_of, review


class Stream(threading.Thread):
    """Reviews, each of another pod, until told to stop; as an API server, on a new connection
    whenever the server has ended the last."""

    def __init__(self, injector, trusted=("first",), first=0, count=None):
        super().__init__()
        self.injector = injector
        self.trusted = list(trusted)
        self.next = first
        self.count = count
        self.answered = 0
        self.failures = []
        self.marks = set()
        self.over = False

    def connected(self):
        """Whichever of the certificates is served now: a caBundle may hold several."""
        for name in self.trusted[:-1]:
            client = self.injector.client(name)
            try:
                client.connect()
                return client
            except OSError:
                continue
        return self.injector.client(self.trusted[-1])

    def run(self):
        client = self.connected()
        while not self.over and (self.count is None or self.answered < self.count):
            try:
                response, closed = ask(client, review(self.next))
                patch = patch_of(response)
                assert response["uid"] == f"uid-{self.next}"
                text = json.dumps(patch)
                self.marks.add("second" if "MARK-2" in text else "first")
                assert f"shop-{self.next}" in text
            except Exception as error:  # whatever it was, a pod would not have been made
                self.failures.append(repr(error))
                client = self.connected()
                continue
            self.answered += 1
            self.next += 1
            if closed:
                client.close()
                client = self.connected()
        client.close()


def streams(injector, number=3, **options):
    all_of_them = [Stream(injector, first=i * 10_000_000, **options) for i in range(number)]
    for stream in all_of_them:
        stream.start()
    return all_of_them


def joined(all_of_them):
    for stream in all_of_them:
        stream.over = True
    for stream in all_of_them:
        stream.join()
    failures = sum((stream.failures for stream in all_of_them), [])
    assert not failures, failures[:3]
    return sum(stream.answered for stream in all_of_them)


def memory_stays_flat(reviews):
    def scenario(injector):
        injector.start()
        resident = []
        for part in range(5):
            running = [Stream(injector, first=(part * 4 + i) * 1_000_000, count=reviews // 20)
                       for i in range(4)]
            for stream in running:
                stream.start()
            for stream in running:
                stream.join()
                assert not stream.failures, stream.failures[:3]
            resident.append(injector.metric("process_resident_memory_bytes"))
        answered = reviews // 20 * 20
        assert injector.metric("sidecar_injection_success_total") == answered
        assert injector.metric("sidecar_injection_requests_total") == answered
        assert injector.metric("sidecar_injection_failure_total") == 0
        print("  resident MiB after each fifth:", *(f"{r / 2**20:.1f}" for r in resident))
        # The first fifth fills caches and the allocator's pools.
        assert resident[-1] <= resident[1] + 4 * 2**20, resident
        assert resident[-1] < 128 * 2**20, resident
    return scenario


def large_reviews_give_their_memory_back(injector):
    injector.start()
    client = injector.client()
    for i in range(50):
        response, _ = ask(client, review(i, size=2_000_000))
        patch_of(response)
    assert injector.metric("process_resident_memory_bytes") < 128 * 2**20


def a_rotation_under_load_fails_no_request(injector):
    injector.start()
    running = streams(injector, trusted=("first", "second"))
    for turn in range(6):
        name = ("second", "first")[turn % 2]
        mark = CONFIG.replace("MARK", "MARK-2") if name == "second" else CONFIG
        injector.publish(config=mark, certificate_name=name)
        taken = 'sluice_reloads_total{source="configuration",result="success"}'
        injector.until(lambda: injector.metric(taken) == turn + 2)
        before = [stream.answered for stream in running]
        injector.until(lambda: all(s.answered > b + 20 for s, b in zip(running, before)))
    assert joined(running) > 0
    assert set().union(*(stream.marks for stream in running)) == {"first", "second"}


def a_bad_reload_keeps_the_old_one(injector):
    injector.start()
    running = streams(injector)
    injector.publish(config="policy: [")
    injector.until(lambda: "[!] configuration-reload" in injector.probe("/readyz?verbose")[1])
    assert injector.probe("/readyz")[0] == 200
    assert injector.said("new configuration not taken, the old one stays")
    injector.publish(config=CONFIG.replace("{{ .ObjectMeta.Name", "{{ .ObjectMeta.NoSuchField"))
    injector.until(lambda: injector.metric(
        'sluice_reloads_total{source="configuration",result="failure"}') == 2)
    injector.publish(config=CONFIG)
    injector.until(lambda: "reload" not in injector.probe("/readyz?verbose")[1])
    assert joined(running) > 0


def a_drain_answers_everybody(injector):
    injector.start("--drain", "2s")
    running = streams(injector)
    injector.until(lambda: all(stream.answered > 50 for stream in running))
    idle = injector.client()
    ask(idle, review(1))
    injector.terminate()
    injector.until(lambda: injector.probe("/readyz")[0] == 503)
    before = [stream.answered for stream in running]
    injector.until(lambda: all(s.answered > b + 20 for s, b in zip(running, before)))
    assert injector.probe("/healthz")[0] == 200
    response, closed = ask(idle, review(2))
    assert response["allowed"] and closed
    joined(running)  # clients have gone elsewhere, as readiness told them
    assert injector.ended() == 0
    assert injector.said("stopped")


def a_second_signal_ends_a_drain(injector):
    injector.start("--drain", "60s")
    injector.terminate()
    injector.until(lambda: injector.probe("/readyz")[0] == 503)
    injector.terminate()
    assert injector.ended() == 0


def strangers_do_no_harm(injector):
    injector.start()
    running = streams(injector)
    held = []
    for i in range(200):
        stranger = socket.create_connection(("127.0.0.1", injector.port))
        stranger.sendall((b"\x16\x03\x01\x02\x00" + bytes([i]) * 50, b"GET / HTTP/1.1\r\n\r\n",
                          b"", bytes(range(256)))[i % 4])
        held.append(stranger)
    for i in range(50):
        client = injector.client()
        client.request("POST", "/inject", "x" * i, {"Content-Type": "application/json"})
        assert client.getresponse().status == 400
    for stranger in held:
        stranger.close()
    assert joined(running) > 0
    assert injector.process.poll() is None


def refuse_ipv6():
    """From here on this process is on a kernel without IPv6, as far as it can tell: a seccomp filter."""
    socket_call = {"x86_64": 41, "aarch64": 198}[platform.machine()]
    load, equal, end = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    refused = 0x00050000 | errno.EAFNOSUPPORT  # SECCOMP_RET_ERRNO
    steps = [(load, 0, 0, 0), (equal, 0, 3, socket_call),  # the call's number; its first argument
             (load, 0, 0, 16), (equal, 0, 1, socket.AF_INET6),
             (end, 0, 0, refused), (end, 0, 0, 0x7FFF0000)]  # SECCOMP_RET_ALLOW
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((38, 1, 0, 0, 0), (22, 2, ctypes.c_char_p(program), 0, 0)):  # no new privileges; a filter
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def every_address_on_a_host_without_ipv6(injector):
    injector.start(address="[::]", prepare=refuse_ipv6)
    response, _ = ask(injector.client(), review(1))
    patch_of(response)


def it_starts_with_nothing_it_cannot_serve(injector):
    injector.publish(config="policy: [")
    ended = subprocess.run(
        [injector.binary, "--listen", f"127.0.0.1:{injector.port}",
         "--metrics-listen", f"127.0.0.1:{injector.probe_port}",
         "--tls-cert", injector.mount + "/tls.crt", "--tls-key", injector.mount + "/tls.key",
         "--inject-config", injector.mount + "/config"],
        capture_output=True, text=True, env={}, timeout=30)
    assert ended.returncode == 1, ended
    assert "no configuration to start with" in ended.stderr
    ended = subprocess.run([injector.binary, "--listen", "nowhere"], capture_output=True, text=True)
    assert ended.returncode == 2, ended
    ended = subprocess.run([injector.binary, "--help"], capture_output=True, text=True)
    assert ended.returncode == 0 and "--self-signed" in ended.stdout and "--version" in ended.stdout
    ended = subprocess.run([injector.binary, "--version"], capture_output=True, text=True)
    with open(os.path.dirname(__file__) + "/../../CMakeLists.txt") as project:
        version = re.search(r"project\(sluice VERSION (\S+)", project.read())[1]
    assert (ended.returncode, ended.stdout) == (0, f"sluice-injector {version}\n"), ended


def all_of(reviews):
    return [
        ("memory stays flat", memory_stays_flat(reviews)),
        ("large reviews give their memory back", large_reviews_give_their_memory_back),
        ("a rotation under load fails no request", a_rotation_under_load_fails_no_request),
        ("a bad reload keeps the old one", a_bad_reload_keeps_the_old_one),
        ("a drain answers everybody", a_drain_answers_everybody),
        ("a second signal ends a drain", a_second_signal_ends_a_drain),
        ("strangers do no harm", strangers_do_no_harm),
        ("every address on a host without IPv6", every_address_on_a_host_without_ipv6),
        ("it starts with nothing it cannot serve", it_starts_with_nothing_it_cannot_serve),
    ]
