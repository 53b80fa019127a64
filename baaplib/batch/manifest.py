"""The record of an edition: what was built, from what, when, and what went wrong.

`reports/<edition>/manifest.json` outlives a run: a report that was not asked for again keeps its
entry, and one that failed keeps the files it had, marked stale.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from baaplib.batch import ledger, publish
from baaplib.batch.run import Failure, Outcome
from baaplib.batch.shelf import shelf

NAME = "manifest.json"
PACKAGES = (
    "baaplib", "papermill", "nbclient", "nbconvert", "ipykernel",
    "pandas", "matplotlib", "seaborn", "typst",
)  # fmt: skip

Record = dict[str, Any]


class Manifest:
    """The record of one run over the editions it touches.

    Parameters
    ----------
    reports : Path
        Folder of all reports.
    facts : dict
        What holds for the whole run, from `facts()`.
    """

    def __init__(self, reports: Path, facts: Record) -> None:
        self.reports = reports
        self.facts = facts
        self._started = datetime.now(UTC)
        self._editions: dict[str, Record] = {}
        self._order: dict[str, list[str]] = {}
        self._ledgers: dict[str, list[ledger.Row]] = {}
        self._locks: list[FileLock] = []

    def open(self, edition: str, keys: Sequence[str] = ()) -> None:
        """Take up the record of an edition; no other run can until this one ends.

        Parameters
        ----------
        edition : str
        keys : sequence of str, optional
            What the reports of this run are called, in the order in which the record keeps them,
            whichever is ready first.

        Raises
        ------
        ValueError
            If another run writes the edition, or the record that is there cannot be read.
        """
        self._lock(self.reports / edition)
        path = self.reports / edition / NAME
        old: Record = {}
        if path.exists():
            try:
                old = dict(json.loads(path.read_bytes())["reports"])
            except (ValueError, KeyError, TypeError):
                message = f"{path}: is not a record of this program; delete it and run again"
                raise ValueError(message) from None
        self._ledgers[edition] = ledger.read(self.reports / edition / ledger.NAME)
        run = {"started": _stamp(self._started), "finished": None, "seconds": None, **self.facts}
        self._editions[edition] = {"edition": edition, "run": run, "reports": old}
        self._order[edition] = merged(list(old), keys)

    def add(self, outcome: Outcome) -> Record:
        """Publish what was built, record it, and return its entry."""
        report = outcome.report
        record = self._editions[report.edition]
        folder = self.reports / report.edition
        try:
            for format, content in outcome.outputs.items():
                publish.write(folder / report.path(format), content)
        except OSError as error:
            outcome.failure = Failure("publish", None, type(error).__name__, str(error))
        entry = self._entry(outcome, record["reports"].get(report.key, {}))
        record["reports"][report.key] = entry
        if not outcome.failure:
            self._enter(outcome)
        self._write(report.edition)
        return entry

    def close(self) -> list[str]:
        """Record when the run ended, write the index; return where reports contradict each other.

        A record without an end was interrupted.
        """
        now = datetime.now(UTC)
        for edition, record in self._editions.items():
            seconds = round((now - self._started).total_seconds(), 3)
            record["run"].update(finished=_stamp(now), seconds=seconds)
            contradictions = ledger.disagreements(self._ledgers[edition])
            record["run"]["disagreements"] = contradictions
            self._write(edition)
        self.leave()
        every = (record["run"]["disagreements"] for record in self._editions.values())
        return [sentence for sentences in every for sentence in sentences]

    def leave(self) -> None:
        """Write the index from the record as it stands, and let other runs at the editions."""
        # Takes over a second to import, which a wrong request should not wait for.
        from baaplib.render import index

        for edition, record in self._editions.items():
            pages = index.pages(shelf(record), ledger.doubts(self._ledgers[edition]))
            for name, page in pages.items():
                publish.write(self.reports / edition / name, page.encode())
        for lock in self._locks:
            lock.release()

    def _enter(self, outcome: Outcome) -> None:
        """Put the claims of a report in the place of those it had."""
        report = outcome.report
        own = (report.stem, str(report.parameters["language"]))
        kept = [
            row for row in self._ledgers[report.edition] if (row["report"], row["language"]) != own
        ]
        new = ledger.rows(*own, outcome.claims, str(self.facts["data_sha256"])[:8])
        self._ledgers[report.edition] = [*kept, *new]

    def _entry(self, outcome: Outcome, old: Record) -> Record:
        report, failure = outcome.report, outcome.failure
        origin = {
            "data_sha256": self.facts["data_sha256"],
            "commit": self.facts["commit"],
            "finished": _stamp(datetime.now(UTC)),
        }
        outputs = self._older(outcome, old)
        if not failure:
            outputs |= {
                format: {**_file(report.path(format), content), **origin}
                for format, content in outcome.outputs.items()
            }
        return {
            "notebook": report.notebook.name,
            "parameters": dict(report.parameters),
            "status": "failed" if failure else "ok",
            "seconds": outcome.seconds,
            "stale": bool(failure and outputs),
            "error": asdict(failure) if failure else None,
            # What it says of itself; a report that failed is still about what it was about.
            "facts": outcome.facts or old.get("facts", {}),
            "outputs": outputs,
            **origin,
        }

    def _older(self, outcome: Outcome, old: Record) -> Record:
        """Return the files of earlier runs that are still there, with their origin if known."""
        found = {}
        for format in {**old.get("outputs", {}), **dict.fromkeys(outcome.report.formats)}:
            relative = outcome.report.path(format)
            path = self.reports / outcome.report.edition / relative
            if path.exists():
                facts = _file(relative, path.read_bytes())
                found[format] = {**old.get("outputs", {}).get(format, {}), **facts}
        return found

    def _lock(self, folder: Path) -> None:
        """Hold the folder of an edition; the system lets go of it however this run ends."""
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message = f"{folder}: another run is writing here; wait until it has ended"
            raise ValueError(message) from None
        self._locks.append(lock)

    def _write(self, edition: str) -> None:
        record = self._editions[edition]
        found = record["reports"]
        order = dict.fromkeys([*self._order[edition], *found])
        record["reports"] = {key: found[key] for key in order if key in found}
        text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=False)
        rows = ledger.text(self._ledgers[edition])
        publish.write(self.reports / edition / ledger.NAME, rows.encode())
        publish.write(self.reports / edition / NAME, f"{text}\n".encode())


def merged(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return all keys: the old ones in their order, each new one behind the one it follows.

    Examples
    --------
    >>> merged(["overview", "profile"], ["overview", "brief", "profile", "audit"])
    ['overview', 'brief', 'profile', 'audit']
    """
    every, at = list(old), 0
    for key in new:
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


def _file(relative: Path, content: bytes) -> Record:
    digest = hashlib.sha256(content).hexdigest()
    return {"path": relative.as_posix(), "bytes": len(content), "sha256": digest}


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
