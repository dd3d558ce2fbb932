"""What must hold of the text that `sluice inject` writes, whatever the oracle says."""

import json
import subprocess

from comparison import difference
from oracles import load_all
from settings import tool


def check_text(sluice, files, given, written):
    """Sentences about what does not hold."""
    return twice(sluice, files, written) + untouched_text(given, written) + other_reader(files, written)


def twice(sluice, files, written):
    """Injecting what was injected changes nothing."""
    again = sluice.call(files, written)
    if again.stdout == written:
        return []
    if again.returncode != 0:
        return [f"what was injected is refused: {again.stderr[-600:]}"]
    for before, after in zip(load_all(written), load_all(again.stdout)):
        lines = difference(before, after)
        if lines:
            return ["injecting twice is not injecting once (first is ours, second theirs):\n" +
                    "\n".join(lines[:10]) + "\n" + json.dumps(before)]
    return []


def parts(text):
    """Each document's own text."""
    return [part for part in ("\n" + text).split("\n---\n") if part.strip()]


def untouched_text(before, after):
    """What is not changed in meaning is not changed in a byte."""
    for given, got in zip(parts(before), parts(after)):
        if given.strip() != got.strip() and load_all(given) == load_all(got):
            return [f"a document that was left alone was written anew: {given.strip()[:300]}"]
    return []


def other_reader(files, written):
    """kubectl reads the same as the YAML reader here."""
    written = "\n---\n".join(part for part in parts(written) if not load_all(part)[0].get("kind") == "List")
    done = subprocess.run([tool("kubectl"), "annotate", "--local", "-o", "json", "-f", files.write("written.yaml", written),
                           "fuzz.example.com/read=yes"], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        return [f"kubectl does not read what was written: {done.stderr.strip()[:300]}"]
    theirs, at, decoder = [], 0, json.JSONDecoder()
    text = done.stdout.strip()
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        theirs.append(document)
        while at < len(text) and text[at].isspace():
            at += 1
    ours = [item for document in load_all(written) for item in flat(document)]
    theirs = [item for document in theirs for item in flat(document)]
    for a, b in zip(ours, theirs):
        b["metadata"]["annotations"].pop("fuzz.example.com/read")
        if not b["metadata"]["annotations"] and not a["metadata"].get("annotations"):
            b["metadata"]["annotations"] = a["metadata"].get("annotations")
            if "annotations" not in a["metadata"]:
                del b["metadata"]["annotations"]
        if a != b:
            return ["kubectl reads something else: " + "; ".join(difference(a, b)[:5])]
    return [] if len(ours) == len(theirs) else [f"kubectl reads {len(theirs)} objects of {len(ours)}"]


def flat(document):
    if document.get("kind") == "List":
        return [inner for item in document.get("items") or [] for inner in flat(item)]
    return [document]
