"""The folder of scheduled runs: one at a time, a record of each, the last ones kept.

Each run has a folder of its own, `reports/runs/<run>/`, where a run is named after the moment it
began in UTC:

* `log.txt`: what happened, for people;
* `record.json`: the same for programs; `schedule/record.schema.json` describes it;
* `notice.html`: what people are told;
* `ledger-<edition>.csv`: every number of the reports then, to compare the next run with.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from baaplib.batch import publish
from baaplib.batch.notice import PUBLISHED, Record

FOLDER, RECORD, LOG, NOTICE, LEDGER = (
    "runs", "record.json", "log.txt", "notice.html", "ledger-{edition}.csv",
)  # fmt: skip
# Version of the record.
VERSION = 1
NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")


@contextlib.contextmanager
def alone(runs: Path) -> Iterator[bool]:
    """Hold the lock of the scheduled runs; the system lets go of it however this one ends.

    Yields
    ------
    bool
        Whether nobody else holds it.

    Raises
    ------
    OSError
        If the folder cannot be made.
    """
    with publish.said(runs):
        runs.mkdir(parents=True, exist_ok=True)
    lock = FileLock(runs / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def begin(runs: Path) -> str:
    """Make the folder of a run that begins now, and return the run's name.

    Examples
    --------
    >>> import tempfile
    >>> runs = Path(tempfile.mkdtemp())
    >>> name = begin(runs)
    >>> bool(NAME.fullmatch(name)), (runs / name).is_dir()
    (True, True)
    """
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = itertools.chain([stamp], (f"{stamp}-{number}" for number in itertools.count(2)))
    folder = next(runs / name for name in names if not (runs / name).exists())
    with publish.said(folder):
        folder.mkdir()
    return folder.name


def save(runs: Path, record: Record) -> None:
    """Write the record of a run in one step."""
    text = json.dumps(record, indent=1, ensure_ascii=False)
    publish.write(runs / record["run"] / RECORD, f"{text}\n".encode())


def records(runs: Path) -> list[Record]:
    """Return the records of all runs, oldest first.

    One that cannot be read, or that another version of this program wrote, is left out: it should
    not stop the schedule.
    """
    found = []
    for folder in _folders(runs):
        with contextlib.suppress(OSError, ValueError):
            found.append(json.loads((folder / RECORD).read_bytes()))
    return [record for record in found if record.get("version") == VERSION]


def prune(runs: Path, keep: int) -> list[str]:
    """Remove all runs but the last ones and the newest that published everything.

    Only folders named like a run, with a record in them, are removed; links are not followed.

    Returns
    -------
    list of str
        The runs that were removed.
    """
    if runs.is_symlink():
        return []
    good = [record["run"] for record in records(runs) if record["outcome"] == PUBLISHED]
    old = [f for f in _folders(runs)[:-keep] if f.name not in good[-1:]]
    for folder in old:
        shutil.rmtree(folder)
    return [folder.name for folder in old]


def _folders(runs: Path) -> list[Path]:
    found = runs.iterdir() if runs.is_dir() else ()
    return sorted(
        path
        for path in found
        if NAME.fullmatch(path.name) and not path.is_symlink() and (path / RECORD).is_file()
    )
