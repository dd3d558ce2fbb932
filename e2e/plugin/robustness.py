"""What no single call shows: being killed anywhere, an empty root, many at once."""

import collections
import concurrent.futures
import os
import re
import shutil
import subprocess

from world import http, pod, sh, table


def system_calls(trace):
    """(name, n) of every line of a strace log: the n-th call of that name."""
    counts = collections.Counter()
    for line in open(trace):
        name = line.split("(")[0]
        if name.isidentifier():
            counts[name] += 1
            yield name, counts[name]


def killed_at_any_system_call(world):
    """SIGKILL on entering each system call of an ADD: the whole table or none."""
    assert shutil.which("strace"), "strace is missing"
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    whole = world.netns()
    trace = world.dir + "/trace"
    done = world.run(conf, world.environment("ADD", whole), ("strace", "-qq", "-o", trace))
    assert done.code == 0, done
    rules = lambda listing: re.sub(r"packets \d+ bytes \d+", "", listing)
    expected = rules(table(whole))
    kills = collections.Counter()
    for name, count in list(system_calls(trace))[1:]:  # the first is strace's own execve
        netns = world.netns()
        done = world.run(conf, world.environment("ADD", netns, container=f"{name}-{count}"),
                         ("strace", "-qq", "-o", "/dev/null", "-e",
                          f"inject={name}:signal=KILL:when={count}"))
        listing = table(netns)
        assert listing is None or rules(listing) == expected, f"half a table at {name} {count}"
        if done.code != 0:
            kills["with a table" if listing else "without"] += 1
    assert kills["without"] > 50 and kills["with a table"] > 3, kills
    print(f"     killed {sum(kills.values())} times, {kills['with a table']} with the table whole")


def is_small_static_and_hardened(world):
    """Design, budgets: 8 MB stripped, position-independent, everything bound before it runs."""
    assert os.path.getsize(world.binary) <= 8_000_000, os.path.getsize(world.binary)
    header = sh("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", world.binary)
    assert "DYN (Position-Independent Executable file)" in header, header
    assert "INTERP" not in header and "NEEDED" not in header, "not static"
    assert "GNU_RELRO" in header and "NOW" in header, "relocations stay writable"
    assert not re.search(r"GNU_STACK .* RWE ", header), "the stack is executable"
    assert ".symtab" not in sh("readelf", "--wide", "--sections", world.binary), "not stripped"


def runs_in_an_empty_root(world):
    """Nothing but the binary, its kubeconfig and the namespace: it is static, and needs no /proc."""
    if "static" not in sh("file", "-L", world.binary):
        raise AssertionError("sluice-cni is not static")
    root = world.dir + "/root"
    for directory in ["", "/ns", "/state"]:
        os.mkdir(root + directory)
    shutil.copy(world.binary, root + "/sluice-cni")
    kubeconfig = world.kubeconfig(world.serving(pod()).port)
    shutil.copy(kubeconfig, root + "/kubeconfig")
    ca_inside = open(root + "/kubeconfig").read().replace(world.pki.ca[0], "/ca.pem")
    open(root + "/kubeconfig", "w").write(ca_inside)
    shutil.copy(world.pki.ca[0], root + "/ca.pem")
    netns = world.netns()
    open(root + "/ns/pod", "w").close()
    sh("mount", "--bind", netns, root + "/ns/pod")
    try:
        conf = {**world.conf("/kubeconfig"), "stateDir": "/state"}
        world.binary = "/sluice-cni"
        done = world.run(conf, world.environment("ADD", "/ns/pod", PATH=os.environ["PATH"]),
                         ("chroot", root))
        assert done.code == 0 and table(netns), done
        checked = world.run(conf, world.environment("CHECK", "/ns/pod", PATH=os.environ["PATH"]),
                            ("chroot", root))
        assert checked.code == 0, checked
    finally:
        sh("umount", root + "/ns/pod")


def many_at_once(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port), timeout="10s")
    spaces = [world.netns() for _ in range(25)]

    def cycle(number):
        netns = spaces[number]
        calls = [world.call(verb, conf, netns, container=f"p{number}") for verb in
                 ("ADD", "CHECK", "DEL")]
        return [str(call) for call in calls if call.code != 0]
    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        failures = [f for result in pool.map(cycle, range(25)) for f in result]
    assert not failures, failures
    assert not any(table(netns) for netns in spaces)
    assert not os.listdir(world.state + "/attachments")


def a_pod_in_a_user_namespace(world):
    """hostUsers: false: the network namespace belongs to the pod's own user namespace."""
    holder = subprocess.Popen(["unshare", "--user", "--map-root-user", "--net", "sh", "-c",
                               "echo ready; exec sleep 60"], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "ready\n"
        netns = f"/proc/{holder.pid}/ns/net"
        conf = world.conf(world.kubeconfig(world.serving(pod()).port))
        done = world.call("ADD", conf, netns)
        assert done.code == 0 and table(netns), done
        assert world.call("CHECK", conf, netns).code == 0
    finally:
        holder.kill()
        holder.wait()


def a_namespace_without_ipv6(world):
    for mode in ["REDIRECT", "TPROXY"]:
        netns = world.netns()
        sh("nsenter", "--net=" + netns, "sysctl", "-q", "net.ipv6.conf.all.disable_ipv6=1",
           "net.ipv6.conf.lo.disable_ipv6=1")
        definition = pod(annotations={"sidecar.istio.io/interceptionMode": mode})
        conf = world.conf(world.kubeconfig(world.serving(definition).port))
        for verb in ("ADD", "CHECK"):
            done = world.call(verb, conf, netns, container="v" + mode)
            assert done.code == 0 and table(netns), done
        assert "::6" not in sh("nsenter", "--net=" + netns, "ip", "address", "show", "lo")


def an_unwritable_state_fails_closed(world):
    open(world.dir + "/file", "w").close()
    conf = {**world.conf(world.kubeconfig(world.serving(pod()).port)), "stateDir": world.dir + "/file"}
    netns = world.netns()
    done = world.call("ADD", conf, netns)
    assert done.code == 1 and done.error["code"] == 5 and world.dir in done.error["msg"], done
    assert table(netns) is None


def a_rotated_token_is_read_afresh(world):
    def answer(connection, path, headers):
        known = headers.get("authorization") == "bearer second"
        connection.sendall(http("200 OK", pod()) if known else http("401 Unauthorized", b"{}"))
    token = world.dir + "/token"
    open(token, "w").write("first\n")
    conf = world.conf(world.kubeconfig(world.api(answer).port, tokenFile=token))
    netns = world.netns()
    assert world.call("ADD", conf, netns).error["code"] == 11
    open(token, "w").write("second\n")
    assert world.call("ADD", conf, netns).code == 0


def scenarios():
    names = [killed_at_any_system_call, is_small_static_and_hardened, runs_in_an_empty_root, many_at_once,
             a_pod_in_a_user_namespace, a_namespace_without_ipv6, an_unwritable_state_fails_closed,
             a_rotated_token_is_read_afresh]
    return [("robustness: " + f.__name__.replace("_", " "), f) for f in names]
