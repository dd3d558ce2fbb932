"""From a failing document and its settings to the least that still fails in the same way."""

import copy

from oracles import Crash


def shrink(comparison, make_files, settings, mismatch, rounds=60):
    """`make_files` gives the files of settings. Returns settings and mismatch, both minimal."""
    for index in reversed(range(len(settings.changes))):
        fewer = settings.without(index)
        try:
            still = first_alike(comparison, make_files(fewer), [mismatch.document], mismatch)
        except Crash:  # fewer settings need not hold together
            continue
        if still:
            settings, mismatch = fewer, still
    files = make_files(settings)
    for _ in range(rounds):
        smaller = list(smaller_documents(mismatch.document))
        still = first_alike(comparison, files, smaller, mismatch)
        if still is None:
            break
        mismatch = still
    return settings, mismatch


def first_alike(comparison, files, documents, mismatch):
    """In batches: one call of istioctl costs as much as a hundred documents."""
    for start in range(0, len(documents), 40):
        for found in comparison.run(files, documents[start:start + 40]):
            if found and found.kind == mismatch.kind and fields(found) & fields(mismatch):
                return found
    return None


def fields(mismatch):
    """The last names of the places that differ, or what a refusal begins with."""
    return {line.split(":")[0].rsplit(".", 1)[-1] for line in mismatch.lines}


def smaller_documents(document):
    """Without one part each, large parts first."""
    def size(way):
        return len(str(at(document, way)))

    for way in sorted(ways(document), key=size, reverse=True):
        smaller = copy.deepcopy(document)
        del at(smaller, way[:-1])[way[-1]]
        yield smaller


NEEDED = {"apiVersion", "kind", "spec", "template", "jobTemplate", "containers", "port"}


def ways(value, way=()):
    """The paths of all parts that a document can do without."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        here = way + (key,)
        last = way[-1:] == ("containers",) and len(value) == 1  # no pod is without
        if key not in NEEDED and not last and not (key == "name" and "metadata" not in way):
            yield here
        yield from ways(inner, here)


def at(value, way):
    for key in way:
        value = value[key]
    return value
