"""What the benchmarks share: the programs they compare, namespaces to run them in, and numbers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(BENCH))
sys.path.insert(0, os.path.dirname(BENCH) + "/plugin")

from world import sh  # noqa: E402

NETWORK = """link set lo up
link add eth0 type veth peer name peer0
address add 10.99.0.1/24 dev eth0
link set eth0 up
link set peer0 up
route add default via 10.99.0.2
"""
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def skip(what, remedy):
    print(f"SKIPPED: {what}. {remedy}", file=sys.stderr, flush=True)


def programs(build):
    """Where the programs of a build are; says how to build those that are missing."""
    found = {"sluice-cni": build + "/bin/sluice-cni", "sluice": build + "/bin/sluice",
             "sluice_bench_batch": build + "/e2e/bench/sluice_bench_batch"}
    missing = [name for name, path in found.items() if not os.path.exists(path)]
    if missing:
        sys.exit(f"{build} lacks {', '.join(missing)}: "
                 f"cmake --build {build} --target {' '.join(missing)}")
    return found


def testbed(command):
    """Runs a command of shell with the testbed's names in scope; None when it fails."""
    done = subprocess.run(["bash", "-c", f". {ROOT}/e2e/testbed/testbed.sh; {command}"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.stdout if done.returncode == 0 else None


class Cluster:
    """A running API server: how to reach it as an administrator and as the plugin."""

    def __init__(self, variables):
        self.environment = variables
        self.plugin_kubeconfig = variables["TESTBED_PLUGIN_KUBECONFIG"]

    def kubectl(self, *arguments, **kw):
        return sh("kubectl", *arguments, env=self.environment, **kw)

    def plugin_access(self):
        """Address, port, CA and token of the plugin's kubeconfig."""
        conf = json.loads(self.kubectl("config", "view", "--raw", "-o", "json",
                                       "--kubeconfig", self.plugin_kubeconfig))
        address, port = conf["clusters"][0]["cluster"]["server"].removeprefix("https://").split(":")
        return (address, port, conf["clusters"][0]["cluster"]["certificate-authority-data"],
                conf["users"][0]["user"]["token"])


def find_cluster():
    remedy = "Start a cluster: e2e/testbed/up build/release/bin/sluice-cni"
    listed = testbed('. "$state/env" && env -0')
    if listed is None:
        skip("everything that asks the API server, for there is no testbed", remedy)
        return None
    cluster = Cluster(dict(pair.split("=", 1) for pair in listed.split("\0") if "=" in pair))
    try:
        cluster.kubectl("get", "--raw", "/readyz")
        return cluster
    except subprocess.CalledProcessError as error:
        skip("everything that asks the API server, which is not ready", f"{remedy}\n{error.stderr}")
        return None


def find_istio_cni():
    done = subprocess.run([BENCH + "/../testbed/build", "istio-cni"], stdout=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return done.stdout.strip() + "/istio-cni"
    skip("istio-cni, which could not be built", "e2e/testbed/build istio-cni says what it needs.")
    return None


class Bench:
    """A directory, compiled helpers and namespaces, all gone at the end."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="sluice-bench-")
        self.namespaces = []
        self.count = 0

    def close(self):
        self.drop_namespaces()
        shutil.rmtree(self.dir)

    def compile(self, name, *flags):
        """A static program of ours. Flags that begin with -l come last, as the linker wants them."""
        libraries = [flag for flag in flags if flag.startswith("-l")]
        others = [flag for flag in flags if flag not in libraries] or ["-static"]
        sh("gcc", "-O2", *others, "-o", f"{self.dir}/{name}.out", f"{BENCH}/{name}.c", *libraries)
        return self.install(f"{self.dir}/{name}.out", name)

    def install(self, program, name):
        """A copy, as an installer would make it: in the page cache a file that was copied is in
        larger pieces than one that a linker wrote, and maps faster."""
        return shutil.copy(program, f"{self.dir}/{name}")

    def write(self, name, content):
        path = f"{self.dir}/{name}"
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def netns(self):
        """A fresh namespace as a chained plugin gets it: lo up, an eth0 with an address and a default
        route. Nobody is behind it."""
        self.count += 1
        name = f"sluice-bench-{os.getpid()}-{self.count}"
        sh("ip", "netns", "add", name)
        self.namespaces.append(name)
        sh("ip", "-n", name, "-batch", "-", input=NETWORK)
        return "/run/netns/" + name

    def drop_namespaces(self):
        for name in self.namespaces:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        self.namespaces = []


class Job:
    """A program to be run: `netns` is where the process starts, not what it is told."""

    def __init__(self, argv, env=None, stdin="/dev/null", netns="-"):
        self.argv, self.env, self.stdin, self.netns = argv, {"PATH": PATH, **(env or {})}, stdin, netns

    def line(self):
        return "\t".join([self.stdin, self.netns, *(f"{k}={v}" for k, v in self.env.items()), "--",
                          *self.argv])


class Launcher:
    def __init__(self, bench):
        self.program = bench.compile("launch")
        self.log = bench.dir + "/launch.log"

    def run(self, jobs):
        """Runs all at once; gives a dictionary for each and the wall time of all, in ms."""
        open(self.log, "w").close()
        text = "\n".join(job.line() for job in jobs) + "\n"
        lines = sh(self.program, self.log, input=text).splitlines()
        results = []
        for job, line in zip(jobs, lines):
            wall, user, system, peak, status = map(int, line.split())
            if status != 0:
                with open(self.log) as log:
                    sys.exit(f"{' '.join(job.argv)} exited {status}:\n{log.read()}")
            results.append({"ms": wall / 1e6, "cpu_ms": (user + system) / 1e3, "peak_kib": peak})
        return results, int(lines[-1]) / 1e6

    def programs_started(self, job):
        """How many programs the job starts beside itself."""
        trace = self.log + ".strace"
        traced = Job(["/usr/bin/strace", "-f", "-qq", "-e", "trace=execve", "-o", trace, *job.argv],
                     job.env, job.stdin, job.netns)
        self.run([traced])
        with open(trace) as file:
            return sum(" = 0" in line for line in file) - 1


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def summary(samples):
    """Of the results of one contender."""
    times = [s["ms"] for s in samples]
    return {"p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99), "min_ms": min(times),
            "cpu_ms": percentile([s["cpu_ms"] for s in samples], 50),
            "peak_kib": max(s["peak_kib"] for s in samples), "runs": len(samples)}


def print_table(title, head, rows):
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    print(f"\n{title}")
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]
        print("  ".join(cells), flush=True)


def save(path, results):
    if path:
        with open(path, "w") as file:
            json.dump(results, file, indent=2)
            file.write("\n")


def need_root():
    if os.geteuid() != 0:
        sys.exit("network namespaces need root")
