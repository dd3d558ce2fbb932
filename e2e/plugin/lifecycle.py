"""What the specification asks of a plugin beyond one good call: every variable and key it may meet,
what DEL leaves, what the neighbours in the chain and the runtime may do meanwhile."""

import json
import os
import subprocess

from world import http, pod, sh, table

VERSIONS = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]


def in_ns(netns, *command):
    return sh("nsenter", "--net=" + netns, *command)


def of_mode(world, mode, **conf):
    definition = pod(annotations={"sidecar.istio.io/interceptionMode": mode})
    return world.conf(world.kubeconfig(world.serving(definition).port), **conf)


def routing(netns):
    return [in_ns(netns, "ip", family, *what) for family in ("-4", "-6")
            for what in (("rule",), ("route", "show", "table", "all"))]


def delete_undoes_what_add_did(world):
    """The table, and TPROXY's rules and routes; of a namespace that lives on, and twice."""
    for mode in ("REDIRECT", "TPROXY"):
        conf = of_mode(world, mode)
        netns = world.netns()
        sh("ip", "-n", os.path.basename(netns), "link", "set", "lo", "up")
        before = routing(netns)
        assert world.call("ADD", conf, netns, container=mode).code == 0
        assert table(netns) and (mode == "REDIRECT" or routing(netns) != before)
        for _ in range(2):
            done = world.call("DEL", conf, netns, container=mode)
            assert (done.code, done.out) == (0, ""), done
            assert table(netns) is None
        strangers = [line for line in "".join(routing(netns)).splitlines() if "::6 dev lo" not in line]
        assert strangers == "".join(before).splitlines(), (before, routing(netns))


def delete_keeps_what_is_anothers(world):
    conf = of_mode(world, "REDIRECT")
    mine, other = world.netns(), world.netns()
    assert world.call("ADD", conf, mine, container="mine").code == 0
    assert world.call("ADD", conf, other, container="other").code == 0
    in_ns(mine, "nft", "add", "table", "inet", "neighbour")
    assert world.call("DEL", conf, other, container="mine").code == 0
    assert table(other), "the namespace is not that of the ADD"
    assert world.call("ADD", conf, mine, container="mine").code == 0
    second = {"container": "mine", "CNI_IFNAME": "net1"}
    assert world.call("ADD", conf, mine, **second).code == 0
    assert world.call("DEL", conf, mine, **second).code == 0
    assert table(mine), "another network still holds the sandbox"
    assert world.call("DEL", conf, mine, container="mine").code == 0
    assert "neighbour" in in_ns(mine, "nft", "list", "tables") and table(mine) is None


def delete_after_an_add_that_failed(world):
    """SPEC: a runtime must call DEL then."""
    definition = pod(annotations={"traffic.sidecar.istio.io/excludeOutboundPorts": "70000"})
    conf = world.conf(world.kubeconfig(world.serving(definition).port))
    netns = world.netns()
    assert world.call("ADD", conf, netns).code == 1
    done = world.call("DEL", conf, netns)
    assert (done.code, done.out) == (0, "") and table(netns) is None, done


def delete_needs_no_api_and_no_previous_result(world):
    netns = world.netns()
    assert world.call("ADD", of_mode(world, "REDIRECT"), netns).code == 0
    for kubeconfig in ("/nowhere/kubeconfig", ""):
        done = world.call("DEL", world.conf(kubeconfig), netns)
        assert (done.code, done.out) == (0, "") and table(netns) is None, done


def each_verb_asks_for_its_variables_at_once(world):
    for command, missing in {"ADD": "[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME]",
                             "CHECK": "[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME]",
                             "DEL": "[CNI_CONTAINERID,CNI_IFNAME]"}.items():
        done = world.run(world.conf(), {"CNI_COMMAND": command})
        assert done.code == 1 and done.error["code"] == 4 and missing in done.error["msg"], done
    conf = world.conf(world.kubeconfig(1), version="1.1.0")
    for command in ("STATUS", "GC"):
        done = world.run(conf, {"CNI_COMMAND": command})
        assert (done.code, done.out) == (0, ""), done


def arguments_may_be_unknown_where_that_is_said(world):
    conf = of_mode(world, "REDIRECT")
    ours = "K8S_POD_NAMESPACE=default;K8S_POD_NAME=details;K8S_POD_UID=uid-1"
    for arguments in (ours, ours + ";K8S_POD_INFRA_CONTAINER_ID=x",
                      *(f"{ours};Other=1;IgnoreUnknown={yes}" for yes in ("1", "true", "TRUE", "True"))):
        done = world.call("ADD", conf, world.netns(), CNI_ARGS=arguments)
        assert done.code == 0 and "not redirected" not in done.err, (arguments, str(done))
    assert world.call("ADD", conf, world.netns(), CNI_ARGS="").code == 0


def the_longest_interface_name_will_do(world):
    netns = world.netns()
    for verb in ("ADD", "CHECK", "DEL"):
        done = world.call(verb, of_mode(world, "REDIRECT"), netns, CNI_IFNAME="fifteen-bytes-x")
        assert done.code == 0, done


def nothing_opens_the_hosts_namespace(world):
    done = world.call("ADD", of_mode(world, "REDIRECT"), "/proc/self/ns/net",
                      CNI_NETNS_OVERRIDE="TRUE")
    assert done.code == 1 and done.error["code"] == 8, done
    done = world.call("DEL", world.conf(), "/proc/self/ns/net", CNI_NETNS_OVERRIDE="TRUE")
    assert (done.code, done.out) == (0, ""), done


def an_unreadable_stdin_is_error_5(world):
    directory = os.open(world.dir, os.O_RDONLY)
    done = subprocess.run([world.binary], env=world.environment("ADD", "/x"), stdin=directory,
                          capture_output=True, text=True)
    os.close(directory)
    assert done.returncode == 1 and json.loads(done.stdout)["code"] == 5, done


def a_network_has_a_name(world):
    conf = world.conf()
    del conf["name"]
    done = world.call("ADD", conf, "/run/netns/none")
    assert done.code == 1 and done.error["code"] == 7 and "name" in done.error["msg"], done


def an_error_is_one_object_and_nothing_else(world):
    for conf in ("{", world.conf(version="9.9.9"), world.conf(podsource="x")):
        done = world.call("ADD", conf, "/run/netns/none")
        assert done.code == 1 and set(done.error) <= {"cniVersion", "code", "msg", "details"}, done
        assert done.error["msg"] and done.error["cniVersion"] in VERSIONS, done
    unsupported = world.call("ADD", world.conf(version="9.9.9"), "/run/netns/none")
    for version in VERSIONS:
        assert version in unsupported.out, unsupported


def logs_are_json_lines_on_stderr(world):
    done = world.call("ADD", of_mode(world, "REDIRECT", logLevel="debug"), world.netns(),
                      TRACEPARENT="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert done.code == 0 and json.loads(done.out) == {"cniVersion": "1.0.0"}, done
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert lines and all(line["level"] and line["msg"] for line in lines), done.err


def the_lists_keys_do_not_disturb(world):
    """What stands in a conflist for the runtime alone; booleans may be texts."""
    for value in (True, False, "true", "false"):
        conf = of_mode(world, "REDIRECT", disableCheck=value, disableGC=value,
                       loadOnlyInlinedPlugins=value, cniVersions=VERSIONS)
        assert world.call("ADD", conf, world.netns()).code == 0


def without_a_previous_result_an_empty_one(world):
    """Multus calls a plugin alone."""
    for version in VERSIONS:
        done = world.call("ADD", of_mode(world, "REDIRECT", version=version), world.netns())
        assert done.code == 0 and json.loads(done.out) == {"cniVersion": version}, done


def check_bears_with_its_neighbours(world):
    """Later plugins may add addresses, rules and tables of their own."""
    previous = ', "prevResult": {"cniVersion": "1.0.0", "ips": [{"address": "10.1.1.1/24"}]}}'
    conf = json.dumps(of_mode(world, "TPROXY"))[:-1] + previous
    netns = world.netns()
    assert world.call("ADD", conf, netns).code == 0
    in_ns(netns, "nft", "add table inet neighbour; add chain inet neighbour c "
          "{ type filter hook output priority 0; }; add rule inet neighbour c counter")
    in_ns(netns, "ip", "address", "add", "10.9.9.9/32", "dev", "lo")
    in_ns(netns, "ip", "rule", "add", "fwmark", "77", "lookup", "77")
    done = world.call("CHECK", conf, netns)
    assert (done.code, done.out) == (0, ""), done


def gc_goes_on_after_an_error(world):
    """And takes the list under its older name, which libcni sends as well."""
    conf = of_mode(world, "REDIRECT", version="1.1.0")
    netns = world.netns()
    for container in ("a", "b", "c", "d"):
        assert world.call("ADD", conf, netns, container=container).code == 0
    records = world.state + "/attachments/"
    for stuck in ("a", "b"):  # a directory cannot be unlinked
        os.unlink(f"{records}{stuck}:eth0.json")
        os.mkdir(f"{records}{stuck}:eth0.json")
    listed = [{"containerID": "d", "ifname": "eth0"}]
    done = world.call("GC", {**conf, "cni.dev/valid-attachments": listed, "cni.dev/attachments": listed})
    assert done.code == 1 and records in done.error["msg"], done
    assert sorted(os.listdir(records)) == ["a:eth0.json", "b:eth0.json", "d:eth0.json"]
    for stuck in ("a", "b"):
        os.rmdir(f"{records}{stuck}:eth0.json")
    assert world.call("GC", {**conf, "cni.dev/attachments": []}).code == 0
    assert not os.listdir(records)


def dead_dns_takes_no_more_than_the_deadline(world):
    """An API server by name, three servers that never answer, and a long search list."""
    netns = world.netns()
    sh("ip", "-n", os.path.basename(netns), "link", "set", "lo", "up")
    silent = subprocess.Popen(
        ["nsenter", "--net=" + netns, "python3", "-c", "import socket, time\n"
         "dead = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(3)]\n"
         "for n, s in enumerate(dead): s.bind((f'127.0.0.{n + 1}', 53))\n"
         "print(flush=True)\ntime.sleep(60)"], stdout=subprocess.PIPE)
    try:
        assert silent.stdout.readline()
        resolv = world.dir + "/resolv.conf"
        with open(resolv, "w") as file:
            file.write("".join(f"nameserver 127.0.0.{n}\n" for n in (1, 2, 3)) +
                       "search a.example b.example c.example d.example e.example\n")
        prefix = ("nsenter", "--net=" + netns, "unshare", "--mount", "sh", "-c",
                  f"mount --bind {resolv} /etc/resolv.conf && exec \"$0\"")
        conf = world.conf(world.kubeconfig(6443, host="api"), timeout="2s")
        done = world.run(conf, world.environment("ADD", world.netns()), prefix)
    finally:
        silent.kill()
        silent.wait()
    assert done.code == 1 and done.error["code"] == 11, done
    assert "no DNS server answered in time" in done.error["msg"], done
    assert 1.8 <= done.seconds <= 4, done.seconds  # glibc alone would take half a minute


def an_api_server_by_name_is_found(world):
    api = world.api(lambda connection, path, headers: connection.sendall(http("200 OK", pod())),
                    names="DNS:api.example")
    hosts = world.dir + "/hosts"
    with open(hosts, "w") as file:
        file.write("127.0.0.1 api.example\n")
    prefix = ("unshare", "--mount", "sh", "-c", f"mount --bind {hosts} /etc/hosts && exec \"$0\"")
    netns = world.netns()
    done = world.run(world.conf(world.kubeconfig(api.port, host="api.example")),
                     world.environment("ADD", netns), prefix)
    assert done.code == 0 and table(netns), done


def scenarios():
    names = [delete_undoes_what_add_did, delete_keeps_what_is_anothers,
             delete_after_an_add_that_failed, delete_needs_no_api_and_no_previous_result,
             each_verb_asks_for_its_variables_at_once, arguments_may_be_unknown_where_that_is_said,
             the_longest_interface_name_will_do, nothing_opens_the_hosts_namespace,
             an_unreadable_stdin_is_error_5, a_network_has_a_name,
             an_error_is_one_object_and_nothing_else, logs_are_json_lines_on_stderr,
             the_lists_keys_do_not_disturb, without_a_previous_result_an_empty_one,
             check_bears_with_its_neighbours, gc_goes_on_after_an_error,
             dead_dns_takes_no_more_than_the_deadline, an_api_server_by_name_is_found]
    return [("lifecycle: " + f.__name__.replace("_", " "), f) for f in names]
