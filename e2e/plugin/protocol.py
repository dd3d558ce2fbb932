"""The CNI protocol: environment, configuration, results and errors, verb by verb."""

import json
import os
import subprocess
import threading

from world import pod, sh, table

VERSIONS = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]

# What a bridge leaves behind, with a field that no specification knows.
PREVIOUS = """{ "cniVersion":"%s","interfaces":[{"name":"cni0","mac":"2a:11:94:b1:09:05"},
  {"name":"eth0","sandbox":"/run/netns/x","mtu":1500}],
  "ips":[{"address":"10.22.0.11/16","gateway":"10.22.0.1","interface":1},{"address":"fd00:22::2/64","interface":1}],
  "routes":[{"dst":"0.0.0.0/0","mtu":1400}], "x-unknown": {"a":[1.50, 1e3]}, "dns":{} }"""


def with_previous(conf, previous):
    return json.dumps(conf)[:-1] + ', "prevResult": ' + previous + "}"


def add_redirects(world):
    api = world.serving(pod())
    conf = world.conf(world.kubeconfig(api.port))
    netns = world.netns()
    done = world.call("ADD", conf, netns)
    assert done.code == 0, done
    assert json.loads(done.out) == {"cniVersion": "1.0.0"}, done
    assert "redirect to :15001" in table(netns) and "redirect to :15006" in table(netns)
    assert len(api.requests) == 1, api.requests


def add_twice_check_and_delete(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    netns = world.netns()
    for _ in range(2):
        assert world.call("ADD", conf, netns).code == 0
    checked = world.call("CHECK", conf, netns)
    assert (checked.code, checked.out) == (0, ""), checked
    for _ in range(2):
        deleted = world.call("DEL", conf, netns)
        assert (deleted.code, deleted.out) == (0, ""), deleted
    assert not os.listdir(world.state + "/attachments")


def check_names_what_is_missing(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    netns = world.netns()
    assert world.call("ADD", conf, netns).code == 0
    sh("nsenter", "--net=" + netns, "nft", "flush", "chain", "inet", "sluice", "nat_prerouting")
    checked = world.call("CHECK", conf, netns)
    assert checked.code == 1 and checked.error["code"] == 101, checked
    assert "inbound 5" in checked.error["msg"] and "is missing" in checked.error["msg"], checked
    sh("nsenter", "--net=" + netns, "nft", "delete", "table", "inet", "sluice")
    assert "table inet sluice is missing" in world.call("CHECK", conf, netns).error["msg"]
    assert world.call("ADD", conf, netns).code == 0
    assert world.call("CHECK", conf, netns).code == 0
    other = world.netns()
    assert "not the namespace of the ADD" in world.call("CHECK", conf, other).error["msg"]
    unknown = world.call("CHECK", conf, netns, container="c2")
    assert unknown.code == 1 and "no record" in unknown.error["msg"], unknown


def previous_result_passes_byte_for_byte(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    for version in VERSIONS:
        previous = PREVIOUS % version
        done = world.call("ADD", with_previous({**conf, "cniVersion": version}, previous),
                          world.netns())
        assert done.code == 0 and done.out == previous + "\n", (version, str(done))


def previous_result_is_converted(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    for version in VERSIONS:
        for other in VERSIONS:
            if other == version:
                continue
            done = world.call("ADD", with_previous({**conf, "cniVersion": version},
                                                   PREVIOUS % other), world.netns())
            assert done.code == 0, done
            result = json.loads(done.out)
            old = version < "1.0.0"
            assert result["cniVersion"] == version, done
            assert [ip.get("version") for ip in result["ips"]] == (["4", "6"] if old else [None] * 2)
            assert ("mtu" in result["interfaces"][1]) == (version == "1.1.0"), done
            assert ("mtu" in result["routes"][0]) == (version == "1.1.0"), done
            assert result["ips"][0]["interface"] == 1 and "x-unknown" in result


def unsupported_versions_are_error_1(world):
    for version in ["0.1.0", "0.2.0", "1.2.0", "", "x"]:
        for command in ["ADD", "DEL", "CHECK", "STATUS", "GC"]:
            done = world.call(command, world.conf(version=version), "/run/netns/none")
            assert done.code == 1 and done.error["code"] == 1, (version, command, str(done))
    conf = world.conf()
    del conf["cniVersion"]
    assert world.call("ADD", conf, "/x").error["code"] == 1


def verbs_need_their_version(world):
    for command, versions in {"CHECK": ["0.3.0", "0.3.1"],
                              "STATUS": ["0.3.1", "0.4.0", "1.0.0"],
                              "GC": ["0.3.1", "0.4.0", "1.0.0"]}.items():
        for version in versions:
            done = world.call(command, world.conf(version=version), "/run/netns/none")
            assert done.error["code"] == 1 and "does not allow " + command in done.error["msg"], done


def bad_environment_is_error_4(world):
    good = world.environment("ADD", "/run/netns/none")

    def refused(message, **changes):
        variables = {k: v for k, v in {**good, **changes}.items() if v is not None}
        done = world.run(world.conf(), variables)
        assert done.code == 1 and done.error["code"] == 4, done
        assert message in done.error["msg"], done

    refused("[CNI_COMMAND] missing", CNI_COMMAND=None)
    refused("unknown CNI_COMMAND", CNI_COMMAND="ADDD")
    refused("[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing", CNI_CONTAINERID=None, CNI_NETNS="",
            CNI_IFNAME=None)
    refused("[CNI_CONTAINERID,CNI_IFNAME] missing", CNI_COMMAND="DEL", CNI_CONTAINERID=None,
            CNI_NETNS=None, CNI_IFNAME=None)
    for bad in ["-c", "c/1", "c 1", ".c", "c\n"]:
        refused("CNI_CONTAINERID", CNI_CONTAINERID=bad)
    for bad in ["sixteen-bytes-xx", ".", "..", "a/b", "a:b", "a b"]:
        refused("CNI_IFNAME", CNI_IFNAME=bad)
    refused("KEY=VALUE", CNI_ARGS="K8S_POD_NAME")
    refused("KEY=VALUE", CNI_ARGS="A=B=C")
    refused("IgnoreUnknown", CNI_ARGS="Other=1")
    refused("IgnoreUnknown", CNI_ARGS="IgnoreUnknown=0;Other=1")
    refused("neither true nor false", CNI_ARGS="IgnoreUnknown=x")
    refused("no name of a Kubernetes", CNI_ARGS="K8S_POD_NAMESPACE=a;K8S_POD_NAME=../../secrets")
    refused("opening network namespace /run/netns/none", CNI_NETNS="/run/netns/none")
    refused("not a network namespace", CNI_NETNS="/etc/hostname")


def cni_path_may_be_absent(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    done = world.call("ADD", conf, world.netns(), CNI_PATH=None)
    assert done.code == 0, done


def the_hosts_namespace_is_error_8(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port))
    before = sh("nft", "list", "ruleset")
    bound = world.dir + "/bound"
    open(bound, "w").close()
    sh("mount", "--bind", "/proc/self/ns/net", bound)
    try:
        for path in ["/proc/self/ns/net", bound]:
            done = world.call("ADD", conf, path)
            assert done.code == 1 and done.error["code"] == 8, done
    finally:
        sh("umount", bound)
    assert sh("nft", "list", "ruleset") == before


def bad_configuration_is_named(world):
    def refused(code, *parts, **changes):
        done = world.call("ADD", {**world.conf(), **changes}, "/run/netns/none")
        assert done.code == 1 and done.error["code"] == code, done
        for part in parts:
            assert part in done.error["msg"], done

    refused(2, '"podsource"', '"api"', podsource="api")
    refused(2, "podSource", "agent", podSource="agent")
    refused(7, "podSource", '"magic"', podSource="magic")
    refused(7, "timeout", '"10"', timeout="10")
    refused(7, "timeout", '"0s"', timeout="0s")
    refused(7, "timeout", '"5"', timeout=5)
    refused(7, "excludeNamespaces", excludeNamespaces="kube-system")
    refused(7, "agentPod", agentPod="no-slash")
    refused(7, "stateDir", stateDir="run")
    refused(7, "logLevel", logLevel="loud")
    refused(7, "name", name="")
    refused(7, "name", name="-x")
    refused(7, "prevResult", prevResult=[])
    for text in ["", "{", "[]", "null", '{"cniVersion":"1.0.0"'] :
        assert world.call("ADD", text, "/run/netns/none").error["code"] == 6


def runtime_keys_are_tolerated(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port), capabilities={"x": True},
                      runtimeConfig={"y": 1}, dns={}, ipam={}, args={}, ipMasq=True,
                      disableCheck="true", disableGC=False, cniVersions=["1.0.0"],
                      loadOnlyInlinedPlugins=False, **{"cni.dev/x": 1, "example.org/z": {}})
    assert world.call("ADD", conf, world.netns()).code == 0


def version_does_not_read_stdin(world):
    process = subprocess.Popen([world.binary], env={"CNI_COMMAND": "VERSION"},
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out = process.stdout.read()  # stdin stays open
    assert process.wait(timeout=5) == 0
    process.stdin.close()
    assert json.loads(out) == {"cniVersion": "1.1.0", "supportedVersions": VERSIONS}


def by_hand_it_says_what_it_is(world):
    terminal, inner = os.openpty()
    process = subprocess.run([world.binary], env={}, stdin=inner, capture_output=True, text=True)
    os.close(terminal), os.close(inner)
    assert (process.returncode, process.stdout) == (0, ""), process
    assert "chained CNI plugin" in process.stderr and VERSIONS[0] in process.stderr, process


def stdin_is_bounded_and_nothing_recurses_into_it(world):
    start = json.dumps(world.conf())[:-1] + ', "cni.dev/x": '
    for rest, says in [("[" * 3000000, "nested"), ('"' + "x" * 5000000 + '"}', "4 MiB")]:
        done = world.call("ADD", start + rest, "/run/netns/none")
        assert done.code == 1 and done.error["code"] == 6 and says in done.error["msg"], done


def errors_are_told_in_the_version_asked_for(world):
    for version in VERSIONS:
        done = world.call("ADD", world.conf(version=version, podsource="x"), "/run/netns/none")
        assert done.error["cniVersion"] == version, done


def a_kubeconfig_may_be_late(world):
    """After a boot the agent may be about to write it."""
    path = world.dir + "/late"
    conf = world.conf(path)
    done = world.call("ADD", conf, world.netns())
    assert done.error["code"] == 11 and path in done.error["msg"] and done.seconds < 1.8, done
    written = world.kubeconfig(world.serving(pod()).port)
    threading.Timer(0.3, lambda: os.rename(written, path)).start()
    assert world.call("ADD", conf, world.netns()).code == 0


def delete_needs_nothing(world):
    for netns in ["", "/run/netns/gone"]:
        for arguments in [None, "X", "K8S_POD_NAME=../x"]:
            done = world.call("DEL", world.conf(), netns, CNI_ARGS=arguments)
            assert (done.code, done.out) == (0, ""), done


def status_says_whether_an_add_would_be_served(world):
    kubeconfig = world.kubeconfig(1)
    good = world.call("STATUS", world.conf(kubeconfig, version="1.1.0"))
    assert (good.code, good.out) == (0, ""), good
    bad = world.call("STATUS", world.conf("/nowhere/kubeconfig", version="1.1.0"))
    assert bad.code == 1 and bad.error["code"] == 50 and "/nowhere/kubeconfig" in bad.error["msg"], bad


def gc_drops_what_is_not_listed(world):
    conf = world.conf(world.kubeconfig(world.serving(pod()).port), version="1.1.0")
    netns = world.netns()
    for container in ["c1", "c2", "c3"]:
        assert world.call("ADD", conf, netns, container=container).code == 0
    records = lambda: sorted(os.listdir(world.state + "/attachments"))
    assert world.call("GC", conf).code == 0
    assert len(records()) == 3, "without a list nothing may go"
    listed = {"cni.dev/valid-attachments": [{"containerID": "c2", "ifname": "eth0"}]}
    assert world.call("GC", {**conf, **listed}).code == 0
    assert records() == ["c2:eth0.json"], records()
    assert world.call("GC", {**conf, "name": "other", "cni.dev/valid-attachments": []}).code == 0
    assert records() == ["c2:eth0.json"], "GC of another network says nothing of this one's"
    assert world.call("GC", {**conf, "cni.dev/valid-attachments": []}).code == 0
    assert records() == []
    assert table(netns), "GC must not touch a namespace"


def left_alone(world, reason, definition=None, requests=1, conf=None, **call):
    api = world.serving(definition or pod())
    netns = world.netns()
    done = world.call("ADD", {**world.conf(world.kubeconfig(api.port)), **(conf or {})}, netns, **call)
    assert done.code == 0 and reason in done.err, done
    assert table(netns) is None
    assert len(api.requests) == requests, api.requests


def pods_without_sidecar_are_left_alone(world):
    left_alone(world, "not called for a Kubernetes pod", requests=0, CNI_ARGS=None)
    left_alone(world, "namespace kube-system is excluded", requests=0, namespace="kube-system",
               conf={"kubeconfig": "/nowhere"})
    left_alone(world, "agent's own", requests=0, namespace="sluice-system", name="sluice-agent-x7",
               conf={"kubeconfig": "/nowhere", "agentPod": "sluice-system/sluice-agent-"})
    plain = pod()
    plain["spec"]["containers"].pop()
    left_alone(world, "no container istio-proxy", plain)
    init = pod(initContainers=[{"name": "istio-init"}])
    left_alone(world, "istio-init", init)
    gateway = pod()
    gateway["spec"]["containers"][1]["args"] = ["proxy", "router"]
    left_alone(world, "not as a sidecar", gateway)
    disabled = pod()
    disabled["spec"]["containers"][1]["env"] = [{"name": "DISABLE_ENVOY", "value": "true"}]
    left_alone(world, "DISABLE_ENVOY", disabled)
    left_alone(world, "sidecar.istio.io/inject is false", pod(annotations={"sidecar.istio.io/inject": "false"}))
    uninjected = pod()
    del uninjected["metadata"]["annotations"]["sidecar.istio.io/status"]
    left_alone(world, "sidecar.istio.io/status", uninjected)


def a_native_sidecar_is_a_proxy(world):
    definition = pod()
    proxy = definition["spec"]["containers"].pop()
    definition["spec"]["initContainers"] = [{**proxy, "restartPolicy": "Always"}]
    netns = world.netns()
    conf = world.conf(world.kubeconfig(world.serving(definition).port))
    assert world.call("ADD", conf, netns).code == 0 and table(netns)


def a_bad_annotation_is_error_7(world):
    definition = pod(annotations={"traffic.sidecar.istio.io/excludeOutboundPorts": "70000",
                                  "sidecar.istio.io/interceptionMode": "SIDEWAYS"})
    netns = world.netns()
    done = world.call("ADD", world.conf(world.kubeconfig(world.serving(definition).port)), netns)
    assert done.code == 1 and done.error["code"] == 7, done
    for part in ["excludeOutboundPorts", "70000", "interceptionMode", "SIDEWAYS"]:
        assert part in done.error["msg"], done
    assert table(netns) is None


def mode_none_programs_nothing(world):
    definition = pod(annotations={"sidecar.istio.io/interceptionMode": "NONE"})
    netns = world.netns()
    conf = world.conf(world.kubeconfig(world.serving(definition).port))
    assert world.call("ADD", conf, netns).code == 0 and table(netns) is None
    assert world.call("CHECK", conf, netns).code == 0


def tproxy_is_checked_with_its_routes(world):
    definition = pod(annotations={"sidecar.istio.io/interceptionMode": "TPROXY"})
    netns = world.netns()
    conf = world.conf(world.kubeconfig(world.serving(definition).port))
    for _ in range(2):
        assert world.call("ADD", conf, netns).code == 0
    assert "tproxy ip to :15006" in table(netns)
    for family in ["-4", "-6"]:
        rules = sh("nsenter", "--net=" + netns, "ip", family, "rule")
        assert rules.count("lookup 133") == 1, rules
        assert "local default dev lo" in sh("nsenter", "--net=" + netns, "ip", family, "route",
                                            "show", "table", "133")
    assert world.call("CHECK", conf, netns).code == 0
    sh("nsenter", "--net=" + netns, "ip", "rule", "del", "fwmark", "1337", "lookup", "133")
    assert "ip rule fwmark 1337 lookup 133 is missing" in world.call("CHECK", conf, netns).error["msg"]


def the_runtime_can_hand_over_the_policy(world):
    netns = world.netns()
    annotations = {"redirect.sluice.dev/policy": '{"ports":{"outbound":16001}}'}
    conf = world.conf("/nowhere", podSource="runtime",
                      capabilities={"io.kubernetes.cri.pod-annotations": True},
                      runtimeConfig={"io.kubernetes.cri.pod-annotations": annotations})
    done = world.call("ADD", conf, netns)
    assert done.code == 0 and ":16001" in table(netns), done
    # Without the annotation it asks the API.
    api = world.serving(pod())
    conf = {**conf, "kubeconfig": world.kubeconfig(api.port), "runtimeConfig": {}}
    assert world.call("ADD", conf, world.netns(), container="c2").code == 0 and len(api.requests) == 1


def another_pod_of_that_name_counts_as_absent(world):
    api = world.serving(pod(uid="uid-old"))
    done = world.call("ADD", world.conf(world.kubeconfig(api.port)), world.netns(), uid="uid-new")
    assert done.code == 1 and done.error["code"] == 11 and "uid-old" in done.error["msg"], done
    static = pod(uid="mirror", annotations={"kubernetes.io/config.mirror": "hash"})
    conf = world.conf(world.kubeconfig(world.serving(static).port))
    assert world.call("ADD", conf, world.netns(), uid="hash").code == 0


def replayed(world, environment, add, delete, definition, in_table):
    """A runtime's calls word for word: its stdin with our keys put in front, its environment."""
    netns = world.netns()
    environment = {**environment, "CNI_NETNS": netns}
    ours = world.conf(world.kubeconfig(world.serving(definition).port))
    for key in ["cniVersion", "name", "type"]:
        del ours[key]

    def call(command, text):
        text = text.replace("{", "{" + json.dumps(ours)[1:-1] + ",", 1)
        return world.run(text, {**environment, "CNI_COMMAND": command})
    done = call("ADD", add)
    # Byte for byte: what is printed stands somewhere in what was read.
    assert done.code == 0 and '"ips"' in done.out and done.out.rstrip("\n") in add, done
    assert in_table in table(netns)
    for command, text in [("CHECK", add), ("DEL", delete), ("DEL", delete)]:
        done = call(command, text)
        assert (done.code, done.out) == (0, ""), (command, str(done))
    assert not os.listdir(world.state + "/attachments")


def a_kubelets_calls_are_served(world):
    add = """{
  "cniVersion": "1.0.0",
  "name": "podnet",
  "prevResult": {
    "cniVersion": "1.0.0",
    "interfaces": [ { "mac": "2a:11:94:b1:09:05", "name": "cni0" },
      { "mac": "c2:71:27:82:3d:80", "name": "eth0", "sandbox": "/var/run/netns/cni-1" } ],
    "ips": [ { "address": "10.22.0.11/16", "gateway": "10.22.0.1", "interface": 1 },
      { "address": "fd00:22::2/64", "gateway": "fd00:22::1", "interface": 1 } ],
    "routes": [ { "dst": "0.0.0.0/0" }, { "dst": "::/0" } ]
  },
  "type": "sluice-cni"
}
"""
    delete = '{\n  "cniVersion": "1.0.0",\n  "name": "podnet",\n  "type": "sluice-cni"\n}\n'
    definition = pod(annotations={"traffic.sidecar.istio.io/includeInboundPorts": "*",
                                  "traffic.sidecar.istio.io/excludeInboundPorts": "9999"})
    replayed(world, world.environment("ADD", container="69a5658c156f" * 5), add, delete, definition,
             "9999")


def captured_calls_are_served(world):
    """The same with what a real kubelet and containerd sent, where the captures are at hand."""
    here = os.path.dirname(os.path.abspath(__file__))
    data = os.path.join(here, "../../../shared/data")
    if not os.path.isdir(data):
        return
    read = lambda name: open(os.path.join(data, name)).read()
    environment = dict(line.split("=", 1) for line in read("cni/add.env").splitlines())
    for text, end in deletes(read("cni/del.json")):
        replayed(world, environment, read("cni/add.json"), text[:end],
                 json.loads(read("pods/pod-details-v1.json")), "9999")


def deletes(text):
    """Each of the configurations that stand in one file, and where it ends."""
    while text.strip():
        text = text.lstrip()
        _, end = json.JSONDecoder().raw_decode(text)
        yield text, end
        text = text[end:]


def scenarios():
    names = [add_redirects, add_twice_check_and_delete, check_names_what_is_missing,
             previous_result_passes_byte_for_byte, previous_result_is_converted,
             unsupported_versions_are_error_1, verbs_need_their_version, bad_environment_is_error_4,
             cni_path_may_be_absent, the_hosts_namespace_is_error_8, bad_configuration_is_named,
             runtime_keys_are_tolerated, version_does_not_read_stdin, by_hand_it_says_what_it_is,
             stdin_is_bounded_and_nothing_recurses_into_it, errors_are_told_in_the_version_asked_for,
             a_kubeconfig_may_be_late, delete_needs_nothing,
             status_says_whether_an_add_would_be_served, gc_drops_what_is_not_listed,
             pods_without_sidecar_are_left_alone, a_native_sidecar_is_a_proxy,
             a_bad_annotation_is_error_7, mode_none_programs_nothing,
             tproxy_is_checked_with_its_routes, the_runtime_can_hand_over_the_policy,
             another_pod_of_that_name_counts_as_absent, a_kubelets_calls_are_served,
             captured_calls_are_served]
    return [("protocol: " + f.__name__.replace("_", " "), f) for f in names]
