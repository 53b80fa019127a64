"""The record of an edition: what was built, from what, when, and what went wrong.

`reports/<edition>/manifest.json` outlives a run: a report that was not built again keeps its entry,
and one that failed keeps the files it had, marked stale.

The states that are legal, wherever a run is cut (`tests/faults/legal.py` holds trees against them):

* each published file is the old one or the new one, byte for byte; so are record and ledger;
* no line of the journal and no file is put in place before what it speaks of is on the disk, in the
  order: new file under another name, line of the journal, new name of the file;
* `read` tells the truth of every file: manifest, then journal, and where the journal speaks of a
  file that is not there yet, the file itself. `manifest.json` alone is the truth if its run has
  `finished`;
* a report is `ok` only if all the files that its last build made are there, and each of its files
  is the one that was made from the inputs that the record names. A format that was not asked for
  stays as it was, and the index says so;
* the ledger has for each report the rows of the old build or of the new one. Once the journal is
  gone, they are those of the build that the record tells of;
* each page of the index is the old one, or what record and ledger say. It is the latter once the
  manifest names it;
* what else lies there has a name that nobody reads: files half written, which the next run
  removes, and the lock, which the system lets go of.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from baaplib import fingerprint
from baaplib.batch import inputs as made_from
from baaplib.batch import journal, ledger, plausible, publish, server
from baaplib.batch.inputs import Inputs
from baaplib.batch.report import Failure, Outcome, Report
from baaplib.batch.shelf import shelf

NAME = "manifest.json"
PACKAGES = (
    "baaplib", "papermill", "nbclient", "nbconvert", "ipykernel",
    "pandas", "matplotlib", "seaborn", "typst",
)  # fmt: skip
# What makes the index: a second to import, which a wrong request should not wait for.
INDEX = "baaplib.render.index:pages"
NOT_LISTED = "its numbers are not in the ledger"
CUT = Failure("publish", None, "Interrupted", "the run was cut while the report was put in place")

Record = dict[str, Any]


class BusyError(ValueError):
    """Another run writes the same edition; later it will not."""


class Manifest:
    """The record of an edition in the hands of one run.

    Parameters
    ----------
    folder : Path
        Folder of the edition, below that of all reports.
    keys : sequence of str, optional
        What the reports of this run are called, in the order in which the record keeps them,
        whichever is ready first.

    Raises
    ------
    BusyError
        If another run writes here.
    ValueError
        If the record or the ledger that is there cannot be read.
    OSError
        If nothing can be written here.
    """

    def __init__(self, folder: Path, keys: Sequence[str] = ()) -> None:
        self.folder = folder
        self._lock = _locked(folder)
        publish.sweep(folder)  # also where nothing is to be built
        self.record = read(folder)
        ledger.check(folder / ledger.NAME)
        self._order = merged(keys, list(self.record["reports"]))
        self._started = datetime.now(UTC)
        self._untold: list[Record] = []

    def settled(self, inputs: Inputs) -> bool:
        """Tell whether the last run ended: these tables checked, ledger and this index written."""
        run = self.record["run"]
        index = run.get("index", {})
        return bool(
            run.get("finished")
            and not (self.folder / journal.NAME).exists()
            and (self.folder / ledger.NAME).exists()
            and run.get("checked") == inputs.of_check()
            and index.get("made_of") == inputs.of_index()
            and all((self.folder / page).exists() for page in index["pages"])
        )

    def begin(self, facts: Record, inputs: Inputs) -> None:
        """Write that a run goes on, of which `facts` hold; from now on the journal tells.

        Raises
        ------
        OSError
            If that cannot be written.
        """
        self._sort()
        run = {"started": _stamp(self._started), "finished": None, "seconds": None, **facts}
        self.record["run"] = run | {"checked": inputs.of_check()}
        self.record["bills"] |= inputs.bills
        self._write()

    def add(self, outcome: Outcome, inputs: Inputs, *, accept: bool = False) -> Record:
        """Publish what was built, record it, and return its entry.

        What is suspiciously little beside what the report was before is held back, unless accepted.
        """
        old = self.record["reports"].get(outcome.report.key, {})
        if not (outcome.failure or accept):
            outcome.failure = plausible.doubt(outcome, old)
        folder, report = self.folder, outcome.report
        files = {folder / report.path(name): content for name, content in outcome.outputs.items()}
        made: Record = {}
        try:
            with publish.parts({} if outcome.failure else files) as parts:
                made = self._made(outcome, parts, inputs)
                entry = self._entry(outcome, old, made)
                self._tell(outcome, entry)
                publish.place(parts)
        except OSError as error:
            trouble = Failure("publish", None, type(error).__name__, str(error))
            outcome.failure = outcome.failure or trouble
            entry = self._entry(outcome, old, made)
            try:
                self._tell(outcome, entry)
            except OSError:  # what the disk refuses now, it may take when the run ends
                self._untold.append(_line(outcome, entry))
        self.record["reports"][report.key] = entry
        return entry

    def close(self, inputs: Inputs) -> list[str]:
        """Record that the run ended, write ledger and index; return where reports disagree.

        Raises
        ------
        OSError
            If that cannot be written; the journal keeps it for the next run.
        """
        now = datetime.now(UTC)
        seconds = round((now - self._started).total_seconds(), 3)
        self.record["run"].update(finished=_stamp(now), seconds=seconds)
        return self._settle(inputs)

    def leave(self, inputs: Inputs) -> None:
        """Record what an interrupted run has done, wherever the interruption fell: it has no end.

        Raises
        ------
        OSError
            As `close`.
        """
        # It may have come between the files of a report, or before its entry stood in our record.
        self.record["reports"] = read(self.folder)["reports"]
        self.record["reports"] |= {line["key"]: line["entry"] for line in self._untold}
        self._settle(inputs)

    def release(self) -> None:
        """Let other runs at the edition."""
        self._lock.release()

    def _settle(self, inputs: Inputs) -> list[str]:
        """Write all that the journal holds into record, ledger and index; then it is not needed."""
        self._sort()
        rows = self._ledger()
        listed = Counter(f"{row['language']}/{row['report']}" for row in rows)
        for key, entry in self.record["reports"].items():
            entry["rows"] = listed[key]
        self.record["run"]["disagreements"] = ledger.disagreements(rows)
        pages = server.call(INDEX, shelf(self.record), ledger.doubts(rows))
        self.record["run"]["index"] = {"made_of": inputs.of_index(), "pages": list(pages)}
        publish.write(self.folder / ledger.NAME, ledger.text(rows).encode())
        for name, page in pages.items():
            publish.write(self.folder / name, page.encode())
        self._write()
        with publish.said(self.folder / journal.NAME):
            (self.folder / journal.NAME).unlink(missing_ok=True)
        return list(self.record["run"]["disagreements"])

    def _tell(self, outcome: Outcome, entry: Record) -> None:
        journal.append(self.folder / journal.NAME, _line(outcome, entry))

    def _made(self, outcome: Outcome, parts: Mapping[Path, Path], inputs: Inputs) -> Record:
        """Return what is known of each file that was built and waits to be put in place."""
        report, origin = outcome.report, self._origin()
        if not parts:
            return {}
        return {
            format: {
                **_file(parts[self.folder / report.path(format)], report.path(format), content),
                **origin,
                "inputs": inputs.of(report, format),
            }
            for format, content in outcome.outputs.items()
        }

    def _entry(self, outcome: Outcome, old: Record, made: Record) -> Record:
        report, failure = outcome.report, outcome.failure
        # Of a report that failed, some files may be in place all the same.
        outputs = _found(self.folder, report, [old, {"outputs": made}])
        seconds = outcome.seconds
        if not failure:
            outputs |= made
        else:
            # What the last good build took, which the next one is held against.
            kept = {k: v for k, v in old.get("seconds", {}).items() if k == "cells"}
            seconds = {k: v for k, v in seconds.items() if k != "cells"} | kept
        return {
            "notebook": report.notebook.name,
            "parameters": dict(report.parameters),
            "status": "failed" if failure else "ok",
            "seconds": seconds,
            "stale": bool(failure and outputs),
            "error": asdict(failure) if failure else None,
            # What it says of itself; a report that failed is still about what it was about.
            "facts": old.get("facts", {}) if failure else outcome.facts,
            "outputs": outputs,
            **self._origin(),
        }

    def _origin(self) -> Record:
        run = self.record["run"]
        now = _stamp(datetime.now(UTC))
        return {"data_sha256": run["data_sha256"], "commit": run["commit"], "finished": now}

    def _ledger(self) -> list[ledger.Row]:
        """Return the rows of every report as last built, whichever was ready first."""
        told = [*journal.read(self.folder / journal.NAME), *self._untold]
        new = {line["key"]: line for line in told if self._stands(line)}
        kept = [
            row
            for row in ledger.read(self.folder / ledger.NAME)
            if f"{row['language']}/{row['report']}" not in new
        ]
        for key, line in new.items():
            language, _, stem = key.partition("/")
            data = line["entry"]["data_sha256"][:8]
            kept += ledger.rows(stem, language, line["claims"], data)
        return ledger.ordered(kept)

    def _stands(self, line: Record) -> bool:
        """Tell whether what a line of the journal speaks of was put in place."""
        entry, found = line["entry"], self.record["reports"][line["key"]]["outputs"]
        return entry["status"] == "ok" and all(
            found.get(format, {}).get("sha256") == made["sha256"]
            for format, made in entry["outputs"].items()
        )

    def _sort(self) -> None:
        found = self.record["reports"]
        order = dict.fromkeys([*self._order, *found])
        self.record["reports"] = {key: found[key] for key in order if key in found}

    def _write(self) -> None:
        record = self.record
        files = [file for entry in record["reports"].values() for file in entry["outputs"].values()]
        named = {digest for file in files for digest in file.get("inputs", {}).values()}
        if record["run"]["finished"]:
            record["bills"] = {key: bill for key, bill in record["bills"].items() if key in named}
        text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=False)
        publish.write(self.folder / NAME, f"{text}\n".encode())


def read(folder: Path) -> Record:
    """Return the record of an edition as it is now, also while a run goes on or after it was cut.

    Parameters
    ----------
    folder : Path
        Folder of the edition.

    Returns
    -------
    dict
        `edition`, `run` (what the latest run was), `reports` (the entry of each, by key) and
        `bills` (what they were made from).

    Raises
    ------
    ValueError
        If what is there is no record.
    """
    path = folder / NAME
    record: Record = {"edition": folder.name, "run": {}, "reports": {}, "bills": {}}
    try:
        if path.exists():
            record |= json.loads(path.read_bytes())
        path = folder / journal.NAME
        lines = journal.read(path)
        for key in dict.fromkeys(line["key"] for line in lines):
            own = [line["entry"] for line in lines if line["key"] == key]
            record["reports"][key] = _true(folder, record["reports"].get(key, {}), own)
    except (ValueError, KeyError, TypeError):
        message = f"{path}: is not a record of this program; delete it and run again"
        raise ValueError(message) from None
    return record


def why(folder: Path, record: Record, report: Report, format: str, inputs: Inputs) -> str:
    """Say why a file of a report has to be built; empty if it need not.

    Parameters
    ----------
    folder : Path
        Folder of the edition.
    record : dict
        Its record, from `read`.
    report : Report
    format : str
        One of its formats.
    inputs : Inputs
        What it would be made from now.
    """
    # First, as the record keeps all bills that were asked for, also those of a new report.
    now = inputs.of(report, format)
    entry = record["reports"].get(report.key, {})
    made = entry.get("outputs", {}).get(format)
    if entry.get("status") == "failed":
        return f"the last build failed ({entry['error']['step']})"
    if not made:
        return "not built yet"
    if "inputs" not in made:
        return "nobody knows what it was made from"
    if changed := _changed(folder / report.path(format), made):
        return changed
    changed = made_from.reason(made["inputs"], now, record["bills"], inputs.bills)
    return changed or (NOT_LISTED if _lost(folder, entry) else "")


def merged(first: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return all keys: the first ones in their order, each other behind the one it follows.

    Examples
    --------
    >>> merged(["overview", "profile"], ["overview", "brief", "profile", "audit"])
    ['overview', 'brief', 'profile', 'audit']
    """
    every, at = list(first), 0
    for key in others:
        if key not in every:
            every.insert(at, key)
        at = every.index(key) + 1
    return every


def facts(data_sha256: str, command: str) -> Record:
    """Return what a run rests on: command, commit, data, versions.

    Parameters
    ----------
    data_sha256 : str
        Fingerprint of the tables; its beginning stands on the cover of each report.
    command : str
        The command line that was typed.
    """
    here = Path(__file__).parent
    commit = _git(here, "rev-parse", "--verify", "HEAD") or None
    return {
        "command": command,
        "commit": commit,
        "dirty": bool(_git(here, "status", "--porcelain")) if commit else None,
        "data_sha256": data_sha256,
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _line(outcome: Outcome, entry: Record) -> Record:
    claims = [] if outcome.failure else outcome.claims
    return {"key": outcome.report.key, "entry": entry, "claims": claims}


def _lost(folder: Path, entry: Record) -> bool:
    """Tell whether the ledger, or the one before it, was removed with the numbers of a report.

    As long as the journal tells of a report, its entry has no `rows`: they are in the journal.
    """
    numbers, rows = entry.get("facts", {}).get("numbers", 0), entry.get("rows")
    return bool(numbers and (rows == 0 or (rows and not (folder / ledger.NAME).exists())))


def _true(folder: Path, old: Record, told: Sequence[Record]) -> Record:
    """Hold what the journal tells of a report against its files."""
    entry = told[-1]
    paths = {
        format: Path(made["path"])
        for one in (old, *told)
        for format, made in one.get("outputs", {}).items()
    }
    outputs = _on_disk(folder, paths, [old, *told])
    whole = all(
        outputs.get(format, {}).get("sha256") == made["sha256"]
        for format, made in entry["outputs"].items()
    )
    if whole:
        return entry
    cut = {"status": "failed", "error": asdict(CUT), "stale": bool(outputs), "outputs": outputs}
    return entry | cut


def _found(folder: Path, report: Report, entries: Sequence[Record]) -> Record:
    known = {format for entry in entries for format in entry.get("outputs", {})}
    formats = dict.fromkeys([*sorted(known), *report.formats])
    return _on_disk(folder, {format: report.path(format) for format in formats}, entries)


def _on_disk(folder: Path, paths: Mapping[str, Path], entries: Iterable[Record]) -> Record:
    """Return the files that are there; of those that an entry tells of, all that it tells."""
    told = [entry.get("outputs", {}) for entry in entries]
    found = {}
    for format, path in paths.items():
        if (folder / path).is_file():
            own = _file(folder / path, path, (folder / path).read_bytes())
            same = [
                outputs[format]
                for outputs in told
                if outputs.get(format, {}).get("sha256") == own["sha256"]
            ]
            found[format] = {**(same[-1] if same else {}), **own}
    return found


def _file(at: Path, path: Path, content: bytes) -> Record:
    """Return what tells a file from others, as it lies somewhere now."""
    return {
        "path": path.as_posix(),
        "bytes": len(content),
        "sha256": fingerprint.of(content),
        "modified_ns": at.stat().st_mtime_ns,
    }


def _changed(path: Path, made: Record) -> str:
    """Say whether a file is another than the one that was made; its time spares reading it."""
    try:
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) == (made["bytes"], made["modified_ns"]):
            return ""
        return "" if fingerprint.of(path.read_bytes()) == made["sha256"] else "its file was changed"
    except FileNotFoundError:
        return "its file is gone"


def _locked(folder: Path) -> FileLock:
    """Hold the folder of an edition; the system lets go of it however this run ends."""
    lock = FileLock(folder / ".lock")
    with publish.said(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message = f"{folder}: another run is writing here; wait until it has ended"
            raise BusyError(message) from None
    return lock


def _git(folder: Path, *arguments: str) -> str:
    """Return what git says; nothing where there is no git or no repository."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  fixed words
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
