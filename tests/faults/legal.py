"""Holds a tree against the legal states, which the docstring of `baaplib.batch.manifest` names.

It looks from outside: the bytes on the disk, the record as `manifest.read` gives it, and a reading
of `manifest.json` and `journal.jsonl` of its own. A tree is what lies in the folder of an edition,
from path to bytes.
"""

import copy
import hashlib
import json
import re
from collections import defaultdict
from pathlib import Path

from baaplib.batch import journal, ledger, manifest
from baaplib.batch.shelf import shelf
from baaplib.render import index

LOCK = ".lock"
RECORD = {manifest.NAME, journal.NAME, ledger.NAME, LOCK}
PAGES = ("index.html", "index.zh.html")
# Keys of a record that of two runs of the same work differ: times, and the words of the command.
TIMES = {"started", "finished", "seconds", "modified_ns", "command"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def tree(folder):
    """Return what lies in a folder."""
    paths = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def published(found):
    """Return the files of reports: all that lies below a language, but for what is half written."""
    return {p: c for p, c in found.items() if "/" in p and not is_part(p)}


def is_part(path):
    return path.endswith(".part")


def violations(folder, before, new, *, killed=False):
    """Say in what a tree is in no legal state.

    Parameters
    ----------
    folder : Path
        Folder of an edition, after a run that something happened to.
    before : dict
        What lay there before that run.
    new : dict
        What an undisturbed run leaves.
    killed : bool
        Whether the run was killed outright: what it was writing may lie about then.
    """
    now = tree(folder)
    try:
        record = manifest.read(folder)
        told = reading(now)
    except ValueError as error:
        return [f"the record cannot be read: {error}"]
    states = [truth(before), truth(new)]
    return [
        *_strays(now, before, new, killed=killed),
        *_files(now, before, new),
        *_entries(now, record, told),
        *_made(now, record, states),
        *_ledger(now, record, [before, new], states),
        *_index(folder, now, before, _sorted(record, new)),
    ]


def reading(found):
    """Return the manifest, and what it and then the journal tell of each report, oldest first."""
    record = json.loads(found.get(manifest.NAME, b'{"run": {}, "reports": {}}'))
    told = defaultdict(list)
    for key, entry in record["reports"].items():
        told[key].append(entry)
    *whole, _ = found.get(journal.NAME, b"").split(b"\n")
    for line in map(json.loads, whole):
        told[line["key"]].append(line["entry"])
    return record, told


def truth(found):
    """Return the entries that the files bear out: the last one told of each report, or none."""
    _, told = reading(found)
    return {
        key: (entries[-1] if _borne_out(found, entries[-1]) else None, _outputs(found, entries))
        for key, entries in told.items()
    }


def difference(now, wanted):
    """Say in what two trees differ, apart from times."""
    names = {p for p in {*now, *wanted} if p != LOCK}
    return [p for p in sorted(names) if timeless(p, now.get(p)) != timeless(p, wanted.get(p))]


def timeless(path, content):
    """Return a file without the times it tells."""
    if content is None:
        return None
    if path == manifest.NAME:
        return _without(json.loads(content))
    if path in PAGES:
        page = content.decode()
        # The list of facts about the run has when it ended and how long it took.
        return MOMENT.sub("", re.sub(r"<dl.*?</dl>", "", page, count=1, flags=re.DOTALL))
    return content


def stamps(folder):
    """Return what tells a file that was written again, of the files of reports."""
    paths = {p: Path(folder, p).stat() for p in published(tree(folder))}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in paths.items()}


def unfinished(folder, new):
    """Return the reports that are not yet as an undisturbed run leaves them."""
    now, entries = tree(folder), reading(new)[0]["reports"]
    state = truth(now)
    return {
        key
        for key, entry in entries.items()
        if not (state.get(key, (None,))[0] and _same(state[key][0], entry))
    }


def _outputs(found, entries):
    """Return what is told of the files that are there: by path and content."""
    made = [file for entry in entries for file in entry["outputs"].values()]
    return {f["path"]: f for f in made if _sha(found.get(f["path"])) == f["sha256"]}


def _borne_out(found, entry):
    return all(_sha(found.get(f["path"])) == f["sha256"] for f in entry["outputs"].values())


def _sha(content):
    return None if content is None else hashlib.sha256(content).hexdigest()


def _strays(now, before, new, *, killed):
    known = {*published(before), *published(new), *RECORD, *PAGES}
    for path in now.keys() - known:
        folder, _, name = path.rpartition("/")
        whole = f"{folder}/{name[1:-5]}".lstrip("/")
        if not (killed and is_part(path) and name.startswith(".") and whole in known):
            yield f"{path}: nobody knows this file"


def _files(now, before, new):
    for path in {*published(before), *published(new)}:
        if path in before and path not in now:
            yield f"{path}: is gone"
        elif path in now and now[path] not in (before.get(path), new.get(path)):
            yield f"{path}: is neither the old file nor the new one"


def _entries(now, record, told):
    """Hold the record against the disk: what is there and nothing else, whole or failed."""
    written, entries = told
    if written["run"].get("finished"):
        for key, entry in written["reports"].items():
            if not _borne_out(now, entry):
                yield f"{key}: the manifest, which is finished, lists other files"
    listed = set()
    for key, entry in record["reports"].items():
        files = entry["outputs"].values()
        listed |= {file["path"] for file in files}
        if not _borne_out(now, entry):
            yield f"{key}: the record lists other files than there are"
        if any(f["bytes"] != len(now.get(f["path"], b"")) for f in files):
            yield f"{key}: the record lists a wrong size"
        if (entry["status"] == "ok") != (entry["error"] is None):
            yield f"{key}: is {entry['status']} with the error {entry['error']}"
        if entry["stale"] != (entry["status"] != "ok" and bool(files)):
            yield f"{key}: is {entry['status']} and stale is {entry['stale']}"
        last = entries[key][-1]
        if entry["status"] == "ok" and (last["status"] != "ok" or not _borne_out(now, last)):
            yield f"{key}: is ok, but the last that was told of it does not say so"
    for path in published(now).keys() - listed:
        yield f"{path}: the record does not list it"
    for key in entries.keys() - record["reports"].keys():
        yield f"{key}: the record has lost it"


def _made(now, record, states):
    """Hold what the record says of the making: a report is of one build, and of which."""
    for key, entry in record["reports"].items():
        for file in entry["outputs"].values():
            path = file["path"]
            known = [s[key][1][path] for s in states if path in s.get(key, (None, {}))[1]]
            right = [k.get("inputs") for k in known if k["sha256"] == file["sha256"]]
            if "inputs" in file and file["inputs"] not in right:
                yield f"{path}: the record says it was made from something else"
        builds = [s[key][0] for s in states if key in s and s[key][0]]
        if entry["status"] == "ok" and not any(_same(entry, build) for build in builds):
            yield f"{key}: is ok, but its files are of no one build"


def _same(entry, build):
    def files(e):
        return {
            name: (file["sha256"], file.get("inputs"), file.get("data_sha256"))
            for name, file in e["outputs"].items()
        }

    return (
        build["status"] == "ok"
        and files(entry) == files(build)
        and entry["facts"] == build["facts"]
    )


def _rows(found):
    """Return the lines of a ledger for each report."""
    rows = defaultdict(list)
    for line in found.get(ledger.NAME, b"").decode().splitlines()[1:]:
        report, language, *_ = line.split(",")
        rows[f"{language}/{report}"].append(line)
    return rows


def _ledger(now, record, trees, states):
    before, new = trees
    if ledger.NAME not in now:
        if ledger.NAME in before:
            yield f"{ledger.NAME}: is gone"
        return
    if now[ledger.NAME].split(b"\n")[0] != new[ledger.NAME].split(b"\n")[0]:
        yield f"{ledger.NAME}: has other columns"
        return
    rows, known = _rows(now), [_rows(before), _rows(new)]
    for key in {*rows, *known[0], *known[1]}:
        if rows[key] not in [known[0][key], known[1][key]]:
            yield f"{ledger.NAME}: the rows of {key} are neither the old nor the new ones"
    if record["run"].get("finished") and journal.NAME not in now:
        for key, entry in record["reports"].items():
            right = [
                own[key]
                for own, state in zip(known, states, strict=True)
                if key in state and state[key][0] and _same(entry, state[key][0])
            ]
            if entry["status"] == "ok" and right and rows[key] not in right:
                yield f"{ledger.NAME}: the rows of {key} are not those of its files"


def draw(folder):
    """Draw the pages of the record that lies in a folder, and return how many there are."""
    return sum(map(len, _drawn(folder, manifest.read(folder))))


def _sorted(record, new):
    """Return a record in the order of the batch, as a run draws it."""
    order = [*reading(new)[0]["reports"], *record["reports"]]
    reports = {key: record["reports"][key] for key in order if key in record["reports"]}
    return record | {"reports": reports}


def _index(folder, now, before, record):
    if "data_sha256" not in record["run"]:
        return
    try:
        drawn = _drawn(folder, record)
    except ValueError:  # of the ledger, which is told elsewhere
        return
    # The run wrote the index before it wrote of it in the manifest.
    settled = "index" in record["run"] and now[manifest.NAME] != before.get(manifest.NAME)
    for name in PAGES:
        page = now.get(name)
        if page == before.get(name) and not settled:
            continue
        if page is None:
            yield f"{name}: is gone"
        elif timeless(name, page) not in [timeless(name, p[name].encode()) for p in drawn]:
            yield f"{name}: is not what the record and the ledger say"


def _drawn(folder, record):
    """Return the pages of a record, of a run that ended and of one that did not."""
    rows, found = ledger.read(folder / ledger.NAME), []
    for ended in (None, "2026-01-01T00:00:00+00:00"):
        own = copy.deepcopy(record)
        own["run"] |= {
            "finished": ended, "seconds": 0, "disagreements": ledger.disagreements(rows),
        }  # fmt: skip
        found.append(index.pages(shelf(own), ledger.doubts(rows)))
    return found


def _without(part):
    if isinstance(part, dict):
        return {key: _without(value) for key, value in part.items() if key not in TIMES}
    return [_without(one) for one in part] if isinstance(part, list) else part
