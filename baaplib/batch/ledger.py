"""The ledger of an edition: every claim its reports show, one row each, and whether they agree.

`reports/<edition>/ledger.csv` is what gates, comparisons and a reviewer's trust stand on. A report
that was not built again keeps its rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "ledger.csv"
COLUMNS = (
    "report", "language", "claim", "measure", "scope", "population", "place", "window_start",
    "window_end", "cumulative", "low", "high", "bound", "whole", "text", "says", "figures",
    "activities", "findings", "paragraphs", "shown", "data_sha256",
)  # fmt: skip
# What makes two claims the same question, and what must then be the same answer.
QUESTION = ("measure", "scope", "population", "place", "window_start", "window_end", "cumulative")
ANSWER = ("low", "high", "bound", "whole")
# Columns of a scope that take the activities of a region or theme apart without remainder.
PARTS = ({"theme", "component"}, {"type"})

# What a claim measures that counts findings about the source, and the scope of the gravest.
FINDINGS, GRAVE = "findings", "severity=high"
# The key of a finding holds the paragraph it stands at: X034-1 is the first one of paragraph 34.
FINDING = re.compile(r"X0*(\d+)-\d+")

Row = dict[str, str]


@dataclass(frozen=True)
class Doubts:
    """How much of what reports say rests on passages of the source that have findings.

    Numbers are claims, each counted once in a report, whatever its languages. A number rests on
    a finding if one of its paragraphs is that of the finding, or if it was worked out for it.

    Attributes
    ----------
    audit : str
        Stem of the report that counts the findings, which is left out; empty if there is none,
        and then no finding is known.
    numbers, reports : int
        All numbers, and the reports that show them.
    touched, grave : (int, int)
        Numbers and reports that rest on any finding, and on one of high severity.
    gravest : tuple of (str, int, int)
        Each finding of high severity that something rests on, with numbers and reports; those
        that touch most reports come first.
    """

    audit: str
    numbers: int
    reports: int
    touched: tuple[int, int]
    grave: tuple[int, int]
    gravest: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Move:
    """A number of a report that is another than it was.

    `says` is what it counts, `old` and `new` are what the report said and says, `was` and `claim`
    the keys of the two claims; `region` is empty where the number is about none.
    """

    report: str
    region: str
    says: str
    old: str
    new: str
    was: str
    claim: str


def rows(report: str, language: str, claims: Iterable[dict[str, Any]], data: str) -> list[Row]:
    """Return the rows of one report.

    Parameters
    ----------
    report, language : str
        Stem and language of the report.
    claims : iterable of dict
        The claims of its blocks (see `blocks.CLAIM`), each with `shown`, the caption it stands by.
    data : str
        Fingerprint of the tables.
    """
    return [
        {
            "report": report,
            "language": language,
            "claim": claim["id"],
            "window_start": claim["window"][0],
            "window_end": claim["window"][1],
            "cumulative": str(claim["cumulative"]).lower(),
            "data_sha256": data,
            "findings": "",
            **{
                name: _cell(claim[name])
                for name in COLUMNS
                if name in claim and name != "cumulative"
            },
        }
        for claim in claims
    ]


def text(ledger: Iterable[Row]) -> str:
    """Write rows as CSV, in the order of report, language and appearance."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ordered(ledger))
    return stream.getvalue()


def ordered(ledger: Iterable[Row]) -> list[Row]:
    """Return rows in the order of report, language and appearance."""
    return sorted(ledger, key=lambda row: (row["report"], row["language"]))


def check(path: Path) -> None:
    """Refuse what is no ledger; there may be none yet.

    Raises
    ------
    ValueError
        If the file has other columns.
    """
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        try:
            same = tuple(next(csv.reader(stream), ())) == COLUMNS
        except (UnicodeDecodeError, csv.Error):
            same = False
    if not same:
        raise ValueError(f"{path}: is not a ledger of this program; delete it and run again")


def read(path: Path) -> list[Row]:
    """Read a ledger; no rows if there is none yet.

    Raises
    ------
    ValueError
        If the file has other columns.
    """
    check(path)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def disagreements(ledger: Iterable[Row]) -> list[str]:
    """Say where reports made from the same tables contradict each other.

    The same question has the same answer in every report; the parts of a region or theme are all
    of it and no more; what a region or country counts is among what all regions count.

    Returns
    -------
    list of str
        One sentence each, with both reports and both values; empty if all agree.
    """
    found: list[str] = []
    by_data: dict[str, list[Row]] = defaultdict(list)
    for row in ledger:
        by_data[row["data_sha256"]].append(row)
    for same in by_data.values():
        found += _answers(same)
        counts = [row for row in same if row["measure"] == "activities"]
        scoped = {row["scope"]: row for row in counts}
        found += _parts(counts, scoped)
        found += _regions(scoped)
    return found


def moves(before: Iterable[Row], after: Iterable[Row]) -> tuple[list[Move], int, int]:
    """Say which answers of reports are others than they were.

    Parameters
    ----------
    before, after : iterable of dict
        Rows of two ledgers.

    Returns
    -------
    list of Move
        Each question of a report that both answer, differently, in the order of `after`; once
        for all its languages.
    int, int
        How many questions are new, and how many are no longer asked.

    Examples
    --------
    >>> row = dict.fromkeys(COLUMNS, "") | {"report": "brief-AFR", "scope": "region=AFR"}
    >>> old, new = ({**row, "claim": "c1", "low": n, "text": n} for n in ("3", "5"))
    >>> moved, appeared, gone = moves([old], [new])
    >>> moved[0].report, moved[0].region, moved[0].old, moved[0].new, appeared, gone
    ('brief-AFR', 'AFR', '3', '5', 0, 0)
    """
    was, now = _asked(before), _asked(after)
    moved = [
        _move(was[key], row)
        for key, row in now.items()
        if key in was and _answer(was[key]) != _answer(row)
    ]
    return moved, len(now.keys() - was.keys()), len(was.keys() - now.keys())


def doubts(ledger: Iterable[Row]) -> Doubts:
    """Say how many numbers of how many reports rest on passages that have findings."""
    every = list(ledger)
    counting = [row for row in every if row["measure"] == FINDINGS]
    audit = counting[0]["report"] if counting else ""
    known = _findings(counting)
    grave = _findings(row for row in counting if GRAVE in row["scope"].split(";"))
    # Ids of claims are the same in all languages.
    shown = {(row["report"], row["claim"]): row for row in every if row["report"] != audit}
    at = _by_paragraph(known)
    rests = {
        place: (_findings([row]) & known).union(*(at[n] for n in row["paragraphs"].split(";")))
        for place, row in shown.items()
    }
    numbers = Counter(key for keys in rests.values() for key in keys & grave)
    within = {(report, key) for (report, _), keys in rests.items() for key in keys & grave}
    reports = Counter(key for _, key in within)
    gravest = sorted(numbers, key=lambda key: (-reports[key], -numbers[key], key))
    return Doubts(
        audit,
        len(shown),
        len({report for report, _ in shown}),
        _reach(place for place, keys in rests.items() if keys),
        _reach(place for place, keys in rests.items() if keys & grave),
        tuple((key, numbers[key], reports[key]) for key in gravest),
    )


def _findings(ledger: Iterable[Row]) -> set[str]:
    return {key for row in ledger for key in row["findings"].split(";") if key}


def _by_paragraph(findings: Iterable[str]) -> dict[str, set[str]]:
    at: dict[str, set[str]] = defaultdict(set)
    for key in findings:
        if found := FINDING.fullmatch(key):
            at[found[1]].add(key)
    return at


def _reach(places: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """Count numbers and the reports they are shown in."""
    found = list(places)
    return len(found), len({report for report, _ in found})


def _answers(ledger: list[Row]) -> Iterator[str]:
    first: dict[tuple[str, ...], Row] = {}
    told = set()
    for row in ledger:
        question = _question(row)
        known = first.setdefault(question, row)
        if _answer(row) != _answer(known):
            pair = (known["report"], row["report"], question)
            if pair not in told:
                told.add(pair)
                yield (
                    f"{_place(known)} says {known['text']}, {_place(row)} says {row['text']}: "
                    f"{row['says']}"
                )


def _question(row: Row) -> tuple[str, ...]:
    own = [row[name] for name in QUESTION]
    # Without a scope a claim is about its very figures and activities.
    return (*own, *(() if row["scope"] else (row["figures"], row["activities"])))


def _answer(row: Row) -> list[str]:
    return [row[name] for name in ANSWER]


def _asked(ledger: Iterable[Row]) -> dict[tuple[str, ...], Row]:
    """Return the first row of each question of each report: English, where there is English."""
    found: dict[tuple[str, ...], Row] = {}
    for row in sorted(ledger, key=lambda row: row["language"]):
        found.setdefault((row["report"], *_question(row)), row)
    return found


def _move(old: Row, new: Row) -> Move:
    scope = dict(item.partition("=")[::2] for item in new["scope"].split(";"))
    return Move(
        new["report"], scope.get("region", ""), new["says"], old["text"], new["text"],
        old["claim"], new["claim"],
    )  # fmt: skip


def _parts(counts: list[Row], scoped: dict[str, Row]) -> Iterator[str]:
    """Hold parts against their whole: none lies outside, and all of them together are all of it.

    They are all together only in a report that shows every part known of the whole, two at least.
    """
    shown: dict[tuple[str, int], dict[str, dict[str, Row]]] = defaultdict(dict)
    for row in counts:
        items = row["scope"].split(";")
        names = [item.split("=")[0] for item in items]
        for item, name in zip(items, names, strict=True):
            if names.count(name) > 1:
                continue  # several themes together are no part of one of them
            outer = ";".join(other for other in items if other != item)
            for number, columns in enumerate(PARTS):
                if name in columns and outer in scoped:
                    shown[outer, number].setdefault(_place(row), {})[row["scope"]] = row
    for (outer, number), reports in shown.items():
        every = {scope for own in reports.values() for scope in own}
        whole = set(scoped[outer]["activities"].split(";")) - {""}
        for place, own in reports.items():
            together = {name for row in own.values() for name in row["activities"].split(";")}
            together -= {""}
            complete = set(own) == every and len(own) > 1
            differ = together ^ whole if complete else together - whole
            if differ:
                by = " and ".join(sorted(PARTS[number]))
                yield (
                    f"{_place(scoped[outer])} says {scoped[outer]['text']}, but by {by} {place} "
                    f"counts {len(together)}; they differ in {', '.join(sorted(differ)[:5])}: "
                    f"{scoped[outer]['says']}"
                )


def _regions(scoped: dict[str, Row]) -> Iterator[str]:
    for scope, row in scoped.items():
        place, *rest = scope.split(";")  # a region or a country
        whole = scoped.get(";".join(["region=ALL", *rest]))
        if not whole or place == "region=ALL":
            continue
        lost = set(row["activities"].split(";")) - set(whole["activities"].split(";")) - {""}
        if lost:
            yield (
                f"{_place(row)} counts {', '.join(sorted(lost)[:5])}, which {_place(whole)} "
                f"({whole['text']}) does not: {row['says']}"
            )


def _place(row: Row) -> str:
    return f"{row['report']} ({row['language']})"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(str(part) for part in value)
    return "" if value is None else str(value)
