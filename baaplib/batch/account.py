"""What became of a scheduled run: of each report, what else is wrong, which figures moved.

All of it is told from outside, by record and ledger before and after; a record of a run is what
`schedule/record.schema.json` describes.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from baaplib.batch import ledger
from baaplib.batch.notice import (
    FAILED,
    HELD,
    KEPT,
    MISSING,
    PUBLISHED,
    REFUSED,
    TABLES,
    Record,
)
from baaplib.batch.report import Failure, Report

# The step at which a report is held back.
HOLDS = "plausibility"


def state(report: Report, before: Record, after: Record, *, whole: bool) -> Record:
    """Return what became of a report.

    Parameters
    ----------
    report : Report
    before, after : mapping
        Record of its edition before the run and now (see `manifest.read`).
    whole : bool
        Whether the run came to its end: a report with the same entry is up to date only then.
    """
    old, new = (known["reports"].get(report.key, {}) for known in (before, after))
    error = Failure(**new["error"]) if new.get("error") else None
    files = new.get("outputs", {}).values()
    if error:
        became = HELD if error.step == HOLDS else FAILED
    elif new and new["finished"] != old.get("finished"):
        became = PUBLISHED
    else:
        became = KEPT if new and whole else MISSING
    return {
        "edition": report.edition,
        "report": report.stem,
        "about": report.about,
        "language": report.parameters["language"],
        "notebook": report.notebook.name,
        "state": became,
        "error": _why(error) if error else None,
        "made": max((file["finished"] for file in files if "finished" in file), default=None),
        "files": [f"{report.edition}/{file['path']}" for file in files],
    }


def _why(failure: Failure) -> str:
    """Return why there is no report; of one that is held back not what the notice says anyway."""
    return failure.message.partition("; if that")[0] if failure.step == HOLDS else str(failure)


def problems(code: int, lines: Sequence[str], record: Record) -> list[str]:
    """Return what is wrong, where the state of no report tells it.

    Parameters
    ----------
    code : int
        Exit code of the last command.
    lines : sequence of str
        What it printed.
    record : dict
        Record of the run.
    """
    if record["outcome"] in (TABLES, REFUSED):
        return [s.removeprefix("baap: ") for s in lines if not s.endswith("in the tables")]
    if code < 0:
        return [f"The command was killed by {signal.Signals(-code).name}; was there enough memory?"]
    named = record["disagreements"] or has(record, FAILED, HELD)
    if record["outcome"] != FAILED or named:
        return []
    return [*lines[-1:], f"The command ended with {code}."]


def has(record: Record, *states: str) -> bool:
    """Tell whether a run has a report in one of some states.

    Examples
    --------
    >>> has({"reports": [{"state": KEPT}]}, FAILED, HELD)
    False
    """
    return any(report["state"] in states for report in record["reports"])


def baseline(paths: Iterable[Path]) -> tuple[Path, list[ledger.Row]] | None:
    """Return the first ledger there is; one of another version of this program is none."""
    for path in paths:
        if path.is_file():
            with contextlib.suppress(ValueError):
                return path, ledger.read(path)
    return None


def add_moves(
    record: Record, edition: str, before: list[ledger.Row], now: list[ledger.Row]
) -> None:
    """Record the numbers that moved in the reports of a run, each once for all reports.

    Parameters
    ----------
    record : dict
        Record of the run; `moved`, `new` and `gone` are added to.
    edition : str
    before, now : list of dict
        Rows of its ledger then and now.
    """
    about = {r["report"]: r["about"] for r in record["reports"] if r["edition"] == edition}
    rows = ([row for row in side if row["report"] in about] for side in (before, now))
    moved, new, gone = ledger.moves(*rows)
    same: dict[tuple[str, ...], Record] = {}
    for move in moved:
        facts = asdict(move)
        report = facts.pop("report")
        facts["region"] = move.region or about[report]
        key = tuple(facts.values())
        own = same.setdefault(key, {"edition": edition, **facts, "reports": []})
        own["reports"].append(report)
    record["moved"] += same.values()
    record["new"] += new
    record["gone"] += gone
