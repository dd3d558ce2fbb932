"""The two injectors, as functions from documents and settings to results.

Each result is what became of the document, or the Refusal that it met.
"""

import json
import os
import re
import subprocess
import tempfile

import yaml

import proxy_only


class Loader(yaml.CSafeLoader):
    """YAML 1.1 as Kubernetes reads it: a date is a string."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()}


class Refusal(str):
    """Why a document was refused, in the injector's words."""


class Crash(Exception):
    """An injector did what neither accepts nor refuses a document."""


def load_all(text):
    return [document for document in yaml.load_all(text, Loader) if document is not None]


class Dumper(yaml.CSafeDumper):
    """Quotes what some reader of YAML would not take for a string: 1e3, n, 0o7, 12:30."""


def represent_text(dumper, text):
    plain = re.fullmatch(r"[A-Za-z][A-Za-z./_-]{4,}", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain or "\n" in text else '"')


Dumper.add_representer(str, represent_text)


def dump_all(documents, style=None):
    """`style` says for each document whether it is written as YAML (true) or as JSON."""
    texts = [yaml.dump(d, allow_unicode=True, sort_keys=False, Dumper=Dumper) if style and style[i]
             else json.dumps(d) + "\n" for i, d in enumerate(documents)]
    return "---\n".join(texts)


class Files:
    """The settings as files, in a directory that is gone at the end."""

    def __init__(self, settings):
        self.directory = tempfile.TemporaryDirectory(prefix="sluice-fuzz-")
        self.settings = settings
        theirs = dict(settings.config)
        theirs["templates"] = proxy_only.without_trace_logging(theirs["templates"])
        for name, document in [("config", settings.config), ("config.theirs", theirs), ("values", settings.values),
                               ("mesh", settings.mesh)]:
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(json.dumps(document))

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def arguments(self, config="config"):
        return ["--injectConfigFile", self.path(config), "--valuesFile", self.path("values"),
                "--meshConfigFile", self.path("mesh")]


class Istioctl:
    """`istioctl kube-inject`, without a cluster."""

    def __init__(self, installation):
        self.program, self.plain = installation.istioctl, Files(installation.settings())

    def run(self, files, documents, style=None):
        """A refusal ends a run; what follows the refused document is given to the next one."""
        results, start = [], 0
        while start < len(documents):
            done = self.call(files, dump_all(documents[start:], style and style[start:]))
            written = load_all(done.stdout)
            results += written
            start += len(written)
            if done.returncode == 0:
                break
            if start == len(documents):
                raise Crash(f"istioctl wrote everything and failed: {done.stderr[-300:]}")
            results.append(Refusal(reason(done.stderr)))
            start += 1
        if len(results) != len(documents):
            raise Crash(f"istioctl made {len(results)} documents of {len(documents)}")
        return results

    def call(self, files, text):
        settings = files.settings
        environment = dict(os.environ, ENABLE_NATIVE_SIDECARS="true" if settings.switch("native") else "false",
                           COMPLIANCE_POLICY=settings.switch("compliance") or "", KUBECONFIG="/dev/null")
        return subprocess.run(
            [self.program, "kube-inject", "-f", files.write("istioctl.in", text), *files.arguments("config.theirs"),
             "-r", settings.switch("revision") or "default"],
            capture_output=True, text=True, env=environment, timeout=600, check=False)

    def retype(self, documents):
        """What Go's types make of documents: an injector that is told to leave a pod alone decodes
        and encodes it all the same. So both results can be compared as the same program writes them."""
        return self.run(self.plain, documents)


def reason(stderr):
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("sluice:") and ": error: " in line]
    if told:
        return told[-1]
    at = next((i for i, line in enumerate(lines) if line.startswith("Error:")), len(lines) - 1)
    return " ".join(line.strip() for line in lines[at:])


class Sluice:
    """`sluice inject`. A refusal refuses the whole input and says which document it was: the others are
    given to the next run."""

    def __init__(self, program):
        self.program, self.texts = program, ("", "")

    def run(self, files, documents, style=None):
        results, left = [None] * len(documents), list(range(len(documents)))
        while left:
            text = dump_all([documents[i] for i in left], style and [style[i] for i in left])
            done = self.call(files, text)
            if done.returncode == 0:
                written = load_all(done.stdout)
                if len(written) != len(left):
                    raise Crash(f"sluice made {len(written)} documents of {len(left)}")
                for i, document in zip(left, written):
                    results[i] = document
                self.texts = text, done.stdout
                break
            found = re.search(r"\.in, document (\d+)[^\n]*: error: ", done.stderr)
            if done.returncode != 1 or done.stdout or not found:
                raise Crash(f"sluice ended with {done.returncode}, {len(done.stdout)} bytes written: {done.stderr[-600:]}")
            results[left.pop(int(found[1]) - 1)] = Refusal(reason(done.stderr))
        return results

    def call(self, files, text):
        settings = files.settings
        command = [self.program, "inject", "-f", files.write("sluice.in", text), *files.arguments(),
                   "--nativeSidecars", "true" if settings.switch("native") else "false"]
        if settings.switch("revision"):
            command += ["-r", settings.switch("revision")]
        if settings.switch("compliance"):
            command += ["--compliancePolicy", settings.switch("compliance")]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
