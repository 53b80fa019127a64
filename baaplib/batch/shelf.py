"""The reports of an edition as its record tells: which there are, in which languages, how fresh.

There are no words in here: every language says in its own what it reads from this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baaplib.batch.report import ABOUT, Failure

# All files of one state, from the tables of the latest run; older than that; not there at all.
FRESH, STALE, FAILED = "fresh", "stale", "failed"
STATES = (FRESH, STALE, FAILED)
ALL = "ALL"

# The bills of a record, by their digests (see `inputs`).
Bills = Mapping[str, Mapping[str, str]]
NONE: Bills = {}


@dataclass(frozen=True)
class File:
    """A file of a report: where it lies, how large it is, when and from which tables it was made.

    `data` is the beginning of the tables' fingerprint; it and `made` are empty if nobody knows.
    """

    format: str
    path: str
    size: int
    data: str
    made: str


@dataclass(frozen=True)
class Copy:
    """A report in one language.

    Attributes
    ----------
    state : str
        One of `STATES`.
    files : tuple of File
    facts : mapping
        What the report says of itself (see `render.document.facts`); empty if it never could.
    failure : Failure or None
        Why it could not be built the last time.
    other : tuple of str
        Versions of the tables that its files were made from, other than the latest run's.
    older : tuple of str
        Formats of files that show an earlier state than its newest file.
    """

    state: str
    files: tuple[File, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
    other: tuple[str, ...] = ()
    older: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """One question about one region or country, in all its languages.

    Attributes
    ----------
    stem, name : str
        `regional-brief-AFR` and what batch.yml calls it, `regional-brief`.
    region, country : str
        Codes; empty where there is none.
    copies : mapping
        From language to `Copy`.
    """

    stem: str
    name: str
    region: str
    country: str
    copies: Mapping[str, Copy]


@dataclass(frozen=True)
class Shelf:
    """All reports of an edition, and what the latest run was."""

    edition: str
    run: Mapping[str, Any]
    reports: tuple[Report, ...]


def shelf(record: Mapping[str, Any]) -> Shelf:
    """Read the record of an edition.

    Parameters
    ----------
    record : mapping
        What `manifest.json` holds.

    Returns
    -------
    Shelf
        Reports in the order of the record, each once for all its languages.
    """
    run = record["run"]
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for key, entry in record["reports"].items():
        language, _, stem = key.partition("/")
        found.setdefault(stem, {})[language] = entry
    bills = record.get("bills", NONE)
    every = (_report(stem, entries, run["data_sha256"], bills) for stem, entries in found.items())
    return Shelf(record["edition"], run, tuple(every))


def state(entry: Mapping[str, Any], latest: str, bills: Bills = NONE) -> str:
    """Say how far a report can be relied on.

    Parameters
    ----------
    entry : mapping
        The report's entry in the record.
    latest : str
        Fingerprint of the tables that the latest run read.
    bills : mapping, optional
        The bills of the record.

    Returns
    -------
    str
        `failed` if there is no file to open; `stale` if the last build failed and older files
        stay, if a file was made from other tables, or if one format shows an earlier state than
        another; `fresh` otherwise. What changed since the newest file was made is not looked at.

    Examples
    --------
    >>> file = {"data_sha256": "aa"}
    >>> state({"status": "ok", "outputs": {"html": file}}, "aa")
    'fresh'
    >>> state({"status": "ok", "outputs": {"html": file}}, "bb")
    'stale'
    >>> state({"status": "failed", "outputs": {}}, "aa")
    'failed'
    """
    if not entry["outputs"]:
        return FAILED
    behind = other_tables(entry, latest) or older(entry, bills)
    return STALE if entry["status"] == "failed" or behind else FRESH


def other_tables(entry: Mapping[str, Any], latest: str) -> tuple[str, ...]:
    """Return the versions of other tables than the latest that files of a report were made from.

    Examples
    --------
    >>> files = {"html": {"data_sha256": "0123456789"}, "pdf": {"data_sha256": "bb"}}
    >>> other_tables({"outputs": files}, "bb")
    ('01234567',)
    """
    known = {str(file.get("data_sha256", "")) for file in entry["outputs"].values()}
    return tuple(sorted(_short(data) for data in known - {latest}))


def older(entry: Mapping[str, Any], bills: Bills) -> tuple[str, ...]:
    """Return the formats that show an earlier state than the newest file of a report.

    That is so if a name on the bills of both has changed: only one of them was asked for since.

    Examples
    --------
    >>> files = {"html": {"finished": "2"}, "pdf": {"finished": "1"}}
    >>> for number, file in enumerate(files.values()):
    ...     file["inputs"] = {"code": str(number)}
    >>> bills = {"0": {"claims.py": "a", "html.py": "b"}, "1": {"claims.py": "c", "pdf.py": "d"}}
    >>> older({"outputs": files}, bills)
    ('pdf',)
    """
    files = entry["outputs"]
    by_age = sorted(files.values(), key=lambda file: str(file.get("finished", "")))
    newest = by_age[-1] if by_age else {}
    return tuple(format for format, file in files.items() if _differ(file, newest, bills))


def _differ(file: Mapping[str, Any], newest: Mapping[str, Any], bills: Bills) -> bool:
    for kind, digest in newest.get("inputs", {}).items():
        now = bills.get(digest, {})
        then = bills.get(file.get("inputs", {}).get(kind, ""), {})
        if any(then[name] != now[name] for name in then.keys() & now.keys()):
            return True
    return False


def _report(
    stem: str, entries: Mapping[str, Mapping[str, Any]], latest: str, bills: Bills
) -> Report:
    copies = {language: _copy(entry, latest, bills) for language, entry in entries.items()}
    own = next(iter(entries.values()))["parameters"]
    code = next((str(own[key]) for key in ABOUT if key in own), "")
    country = str(own.get("country", ""))
    known = [copy.facts["about"]["region"] for copy in copies.values() if copy.facts]
    region = known[0] if known else "" if country else code
    return Report(stem, stem.removesuffix(f"-{code}"), region, country, copies)


def _copy(entry: Mapping[str, Any], latest: str, bills: Bills) -> Copy:
    files = tuple(_file(format, facts) for format, facts in entry["outputs"].items())
    failure = Failure(**entry["error"]) if entry["error"] else None
    # Records of older versions hold no facts.
    facts = entry.get("facts", {})
    behind = other_tables(entry, latest), older(entry, bills)
    return Copy(state(entry, latest, bills), files, facts, failure, *behind)


def _file(format: str, facts: Mapping[str, Any]) -> File:
    data, made = str(facts.get("data_sha256", "")), str(facts.get("finished", ""))
    return File(format, facts["path"], facts["bytes"], _short(data), made)


def _short(data: str) -> str:
    return data[:8]
